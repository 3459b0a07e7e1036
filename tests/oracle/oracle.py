"""Counts the months and years of communities again, from raw rows, and compares with what Louma said.

Shares no code with the program: written from the definitions alone, with the standard library only.
Usage: oracle.py DIR, where each folder of DIR holds tickets.csv, scans.csv, holdings.csv, supports.csv, hotline_rows.csv, rest.json and
report-*.json.
Prints every difference and ends with 1 where there is one.
"""

import csv
import json
import math
import pathlib
import sys
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
SIDE_CHANNELS = {"scan", "phone", "walk_in", "visit"}
SIDE_KINDS = {"help", "complaint", "tip_off", "suggestion"}
KINDS = {"inquiry": "咨询", "help": "求助", "complaint": "投诉", "tip_off": "举报", "suggestion": "建议", "praise": "表扬"}
CHANNELS = {"scan": "扫码", "phone": "电话代录", "walk_in": "来访", "visit": "走访", "patrol": "巡查", "hotline": "12345转入"}


def beijing(year, month, day):
    return micros(datetime(year, month, day, tzinfo=BEIJING))


def micros(moment):
    return round(moment.timestamp()) * 1_000_000 + moment.microsecond


def local(at):
    return datetime.fromtimestamp(at // 1_000_000, BEIJING).replace(microsecond=at % 1_000_000)


def month_after(year, month, by):
    at = year * 12 + month - 1 + by
    return at // 12, at % 12 + 1


def bounds(kind, year, month):
    if kind == "year":
        return beijing(year, 1, 1), beijing(year + 1, 1, 1)
    if kind == "month":
        return beijing(year, month, 1), beijing(*month_after(year, month, 1), 1)
    return beijing(*month_after(year, month, -1), 19), beijing(year, month, 19)


def months_back(at, count):
    """The same wall clock, so many months before; the last day of a shorter month."""
    then = local(at)
    year, month = month_after(then.year, then.month, -count)
    next_first = date(*month_after(year, month, 1), 1)
    last = (next_first - timedelta(days=1)).day
    return micros(then.replace(year=year, month=month, day=min(then.day, last)))


class Data:
    def __init__(self, folder):
        def value(name, text):
            if text == "":
                return None
            if name.endswith("_at") or name in ("first_contact_due", "due_at", "rounds", "returns"):
                return int(text)
            return {"true": True, "false": False}.get(text, text)

        with open(folder / "tickets.csv", encoding="utf-8") as file:
            self.tickets = [{k: value(k, v) for k, v in row.items()} for row in csv.DictReader(file)]
        with open(folder / "scans.csv", encoding="utf-8") as file:
            self.scans = [(row["code"], date.fromisoformat(row["day"]), int(row["devices"])) for row in csv.DictReader(file)]
        with open(folder / "holdings.csv", encoding="utf-8") as file:
            self.held = [{k: value(k, v) for k, v in row.items()} for row in csv.DictReader(file)]
        with open(folder / "supports.csv", encoding="utf-8") as file:
            self.helped = [(row["party"], row["ticket"]) for row in csv.DictReader(file)]
        with open(folder / "neighbours.csv", encoding="utf-8") as file:
            joined = [{"ticket": row["ticket"], "moment": int(row["at"]), "void": row["withdrawn_at"] != "" or row["repeats"] == "true"} for row in csv.DictReader(file)]
        with open(folder / "hotline_rows.csv", encoding="utf-8") as file:
            self.calls = [{**row, "at": int(row["received_at"])} for row in csv.DictReader(file) if row["live"] == "true"]
        told = set()
        self.echoes = set()
        rest = json.loads((folder / "rest.json").read_text(encoding="utf-8"))
        self.rest = rest
        self.comparable = {c["code"]: c["comparable"] for c in rest["categories"]}
        self.joint = {code[:2] for code, side in self.comparable.items() if side}
        self.level1 = {code[:2] for code in self.comparable}
        for t in sorted(self.tickets, key=lambda t: (t["submitted_at"], t["id"])):
            if t["incident"] and counted(t) and not double(t) and beside(self, t):
                matter = (t["incident"], t["place"], t["category"])
                if matter in told:
                    self.echoes.add(t["id"])
                told.add(matter)
        by_id = {t["id"]: t for t in self.tickets}
        # Somebody who joins counts as their own report would: by scanning, of the ticket's kind and category, merged into it.
        as_report = lambda t: {**t, "channel": "scan", "origin": None}
        self.joined = [(n["moment"], as_report(by_id[n["ticket"]])) for n in joined if not n["void"]]
        homes = {n["name"]: n["place"] for n in rest["hotline_places"]}
        for call in self.calls:
            call["place"] = homes.get(call["place"])
        said = {c["number"]: c for c in self.calls}
        # What a person confirmed, as far as the hotline's ticket counts and ours is one of the units of count.
        self.pairs = [(by_id[p["ticket"]], said[p["number"]]) for p in rest["hotline_pairs"]
                      if p["verdict"] == "confirmed" and p["number"] in said and counted(by_id[p["ticket"]])]
        starts = [int(c["posted_at"]) for c in rest["codes"] if c["posted_at"]] + ([int(rest["first_ticket"])] if rest["first_ticket"] else [])
        self.service = min(starts) if starts else None

    def weights(self, at):
        rows = [r for r in self.rest["settings"] if r["name"] == "weights" and int(r["from"]) <= at]
        return json.loads(max(rows, key=lambda r: int(r["from"]))["value"]) if rows else {"k": 0.9, "contacted": 0.1, "solved": 0.5, "satisfied": 0.4}

    def people(self, start, end, now, key):
        end = min(end, max(now, start + 60_000_000))
        ends = []
        first = local(start)
        year, month = first.year, first.month
        while True:
            year, month = month_after(year, month, 1)
            edge = beijing(year, month, 1)
            if edge >= end:
                break
            # The rest of a month that the period only began in is not one of its months.
            if (edge - start) // 86_400_000_000 > 20:
                ends.append(edge)
        ends.append(end)
        found = []
        for edge in ends:
            day = local(edge - 1).date()
            known = [p for p in self.rest["populations"] if date.fromisoformat(p["effective_from"]) <= day]
            if not known:
                return None
            found.append(max(known, key=lambda p: p["effective_from"])[key])
        return sum(found) / len(found)


def real(ticket):
    return ticket["status"] not in ("refused", "withdrawn")


def counted(ticket):
    return real(ticket) and ticket["excluded"] in (None, "e6")


def double(ticket):
    return ticket["status"] == "merged" or ticket["excluded"] == "e6"


def done(ticket):
    return ticket["closed_at"] is not None and ticket["status"] in ("follow_up", "archived")


def beside(data, ticket):
    category = ticket["category"]
    side = data.comparable.get(category, False) if category else not (ticket["level1"] in data.level1 and ticket["level1"] not in data.joint)
    return ticket["origin"] is None and ticket["channel"] in SIDE_CHANNELS and ticket["kind"] in SIDE_KINDS and side


def figure(value, numerator=None, denominator=None):
    return {"value": value, "numerator": numerator, "denominator": denominator}


def count(items):
    number = float(len(items) if not isinstance(items, (int, float)) else items)
    return figure(number, number)


def rate(part, whole, scale=1.0):
    part, whole = float(part), float(whole)
    return figure(part / whole * scale if whole > 0 else None, part, whole)


def spell(lengths, pick):
    """Hours of the median, the 90th percentile (nearest rank) or the mean."""
    ordered = sorted(lengths)
    size = len(ordered)
    if not size:
        return figure(None, None, 0.0)
    if pick == "median":
        half = size // 2
        seconds = ordered[half] if size % 2 else Fraction(ordered[half - 1] + ordered[half], 2)
    elif pick == "p90":
        seconds = ordered[math.ceil(Fraction(9 * size, 10)) - 1]
    else:
        seconds = Fraction(sum(ordered), size)
    return figure(float(Fraction(seconds) / 3600), None, float(size))


def count_all(data, tickets, start, end, now, weights, scans=0, residents=None, households=None, joined=None):
    inside = lambda at: at is not None and start <= at < end
    came = [t for t in tickets if inside(t["submitted_at"])]
    cases = [t for t in came if counted(t)]
    closings = [t for t in tickets if counted(t) and done(t) and inside(t["closed_at"])]
    due = [t for t in tickets if counted(t) and t["status"] != "merged" and t["suspended_at"] is None and inside(t["due_at"]) and t["due_at"] < now]
    kept = [t for t in due if done(t) and t["closed_at"] <= t["due_at"]]
    called = [t for t in cases if t["first_contact_at"] is not None]
    uncalled = [t for t in cases if t["first_contact_at"] is None and t["status"] != "merged" and t["first_contact_due"] < now]
    answers = [t for t in tickets if counted(t) and t["answer_valid"] is True and inside(t["answered_at"])]
    sent = [t for t in cases if t["dispatched_at"] is not None or t["returns"]]
    ever = [t for t in cases if t["closed_at"] is not None]
    levels = [t for t in closings if t["solved_level"]]
    side = [t for t in cases if beside(data, t)]
    voices = [t for at, t in (data.joined if joined is None else joined) if inside(at) and counted(t) and beside(data, t)]
    contact = [(t["first_contact_at"] - t["submitted_at"]) // 1_000_000 for t in called]
    handling = [(t["closed_at"] - t["submitted_at"]) // 1_000_000 for t in closings]
    v = len(answers)
    yes = lambda key: sum(t[key] is True for t in answers)
    pleased = sum(t["satisfied"] == "satisfied" for t in answers) + weights["k"] * sum(t["satisfied"] == "mostly" for t in answers)
    points = weights["contacted"] * yes("contacted") + weights["solved"] * yes("solved") + weights["satisfied"] * pleased
    per = lambda number, heads, scale: figure(None, float(number)) if heads is None else rate(number, heads, scale)
    return {
        "scans": count(scans),
        "submitted": count(came),
        "gross": count([t for t in came if real(t)]),
        "cases": count(cases),
        "deduplicated": count([t for t in cases if not double(t)]),
        "closed": count(closings),
        "closed_rate": rate(sum(map(done, cases)), len(cases)),
        "due": count(due),
        "on_time_rate": rate(len(kept), len(due)),
        "overdue": count(len(due) - len(kept)),
        "on_account": count([t for t in tickets if counted(t) and t["suspended_at"] is not None and t["status"] in ("new", "accepted", "in_progress") and t["submitted_at"] < end]),
        "contact_on_time_rate": rate(sum(t["first_contact_at"] <= t["first_contact_due"] for t in called), len(called) + len(uncalled)),
        "contact_median": spell(contact, "median"),
        "contact_p90": spell(contact, "p90"),
        "contact_mean": spell(contact, "mean"),
        "handling_median": spell(handling, "median"),
        "handling_p90": spell(handling, "p90"),
        "handling_mean": spell(handling, "mean"),
        "answers": count(answers),
        "contacted_rate": rate(yes("contacted"), v),
        "solved_rate": rate(yes("solved"), v),
        "satisfied_rate": rate(pleased, v),
        "score": rate(points, v, 100.0),
        "first_time_rate": rate(sum(t["solved"] is True and t["rounds"] == 0 for t in answers), v),
        "return_rate": rate(sum(t["returns"] > 0 for t in cases), len(sent)),
        "rework_rate": rate(sum(t["rounds"] > 0 for t in ever), len(ever)),
        "in_community_rate": rate(sum(t["solved_level"] in ("door", "community") for t in levels), len(levels)),
        "duplicate_rate": rate(sum(map(double, cases)), len(cases)),
        "comparable": count(len(side) + len(voices)),
        "joined": count(voices),
        "comparable_events": count([t for t in side if not double(t) and t["id"] not in data.echoes]),
        "per_ten_thousand": per(len(side) + len(voices), residents, 10_000.0),
        "per_hundred_households": per(len(cases), households, 100.0),
    }


SHARES = {m for m in ("closed_rate on_time_rate contact_on_time_rate contacted_rate solved_rate satisfied_rate first_time_rate return_rate "
                      "rework_rate in_community_rate duplicate_rate").split()}
COUNTS = set("scans submitted gross cases deduplicated closed due overdue on_account answers comparable joined comparable_events".split())
RATIOS = {"per_ten_thousand", "per_hundred_households"}


def change(metric, now, then):
    if now["value"] is None or then["value"] is None:
        return {"difference": None, "percent": None, "remark": None}
    gap = now["value"] - then["value"]
    points = metric in SHARES or metric == "score"
    percent = None if points or then["value"] == 0 else gap / then["value"]
    if metric in COUNTS:
        size = then["value"]
    elif metric in RATIOS:
        size = then["numerator"]
    else:
        size = min(then["denominator"], now["denominator"])
    small = size < 10 and (points or percent is not None)
    return {"difference": gap, "percent": percent, "remark": "small_base" if small else None}


NO_BASE = {"difference": None, "percent": None, "remark": "no_base"}
GAP = figure(None)


class Check:
    def __init__(self, name):
        self.name, self.wrong, self.compared = name, [], 0

    def same(self, where, expected, said):
        if isinstance(expected, dict):
            for key, value in expected.items():
                self.same(f"{where}.{key}", value, said.get(key) if isinstance(said, dict) else None)
            return
        self.compared += 1
        number = lambda x: isinstance(x, (int, float)) and not isinstance(x, bool)
        if number(expected) and number(said):
            fits = math.isclose(expected, said, rel_tol=1e-9, abs_tol=1e-9)
        else:
            fits = expected == said
        if not fits:
            self.wrong.append(f"{self.name} {where}: counted again {expected!r}, said {said!r}")


def verify(data, report, check):
    period = report["period"]
    kind, named = period["kind"], date.fromisoformat(period["named"])
    year, month = named.year, named.month
    now = int(data.rest["now"])
    start, end = bounds(kind, year, month)
    weights = data.weights(min(end, now) - 1)
    ended = end <= now
    back = 12 if kind == "year" else 1
    before = month_after(year, month, -back)

    def until(whole, months):
        return whole if ended else min(whole, months_back(now, months))

    p_start, p_end = bounds(kind, *before)
    y_start, y_end = bounds(kind, year - 1, month)
    p_end, y_end = until(p_end, back), until(y_end, 12)
    first, first_ago = bounds(kind, year, 1)[0], bounds(kind, year - 1, 1)[0]
    served_since = lambda at: data.service is not None and data.service <= at

    def scans(a, b, fits=lambda code: True):
        days = local(a).date(), local(b - 1).date()
        return sum(n for code, day, n in data.scans if days[0] <= day <= days[1] and fits(code))

    def whole(a, b):
        heads = data.people(a, b, now, "residents"), data.people(a, b, now, "households")
        return count_all(data, data.tickets, a, b, now, weights, scans(a, b), *heads)

    current, to_date = whole(start, end), whole(first, end)
    previous = whole(p_start, p_end) if data.service is not None and data.service < p_end else None
    last_year = whole(y_start, y_end) if served_since(y_start) else None
    last_to_date = whole(first_ago, y_end) if served_since(first_ago) else None
    # What stood on account at an earlier moment is not known.
    for earlier in (previous, last_year, last_to_date):
        if earlier:
            earlier["on_account"] = GAP
    of = lambda figures, metric: figures[metric] if figures else GAP
    check.same("metrics", sorted(current), sorted(line["metric"] for line in report["totals"]))
    for line in report["totals"]:
        m = line["metric"]
        expected = {
            "current": current[m],
            "previous": of(previous, m),
            "last_year": of(last_year, m),
            "year_to_date": to_date[m],
            "last_year_to_date": of(last_to_date, m),
            "change": change(m, current[m], of(previous, m)),
            "year_change": change(m, current[m], last_year[m]) if last_year else NO_BASE,
            "cumulative_change": change(m, to_date[m], last_to_date[m]) if last_to_date else NO_BASE,
        }
        check.same(m, expected, line)

    total = current["cases"]["value"]
    keys = {
        "level1": lambda t: t["level1"],
        "categories": lambda t: t["category"] or t["level1"] + "——",
        "kinds": lambda t: KINDS[t["kind"]],
        "channels": lambda t: CHANNELS[t["channel"]],
        "buildings": lambda t: t["building"] or "",
        "places": lambda t: t["place"],
        "parties": lambda t: t["lead"],
    }
    for name, key in keys.items():
        said = {s["code"]: s for s in report[name]}
        check.same(f"{name} sum", total, sum(s["figures"]["cases"]["value"] for s in report[name]))
        for code in {key(t) for t in data.tickets} | set(said):
            mine = [t for t in data.tickets if key(t) == code]
            figures = count_all(data, mine, start, end, now, weights, joined=[(at, t) for at, t in data.joined if key(t) == code])
            if code not in said:
                quiet = all(figures[m]["value"] == 0 for m in ("cases", "closed", "due", "answers", "on_account", "joined"))
                check.same(f"{name} {code} left out", True, quiet)
                continue
            figures = {m: f for m, f in figures.items() if m not in ("scans", "per_ten_thousand", "per_hundred_households")}
            cases_in = lambda a, b: sum(counted(t) and a <= t["submitted_at"] < b for t in mine)
            expected = {
                "figures": figures,
                "share": rate(figures["cases"]["value"], total),
                "previous": cases_in(p_start, p_end) if previous else None,
                "last_year": cases_in(y_start, y_end) if last_year else None,
            }
            check.same(f"{name} {code}", expected, said[code])
    ids = {t["id"] for t in data.tickets if counted(t) and start <= t["submitted_at"] < end}
    shown = lambda s: math.floor(s["figures"]["score"]["value"] * 100 + 0.5)
    scores = [shown(s) for s in report["parties"] if s["figures"]["score"]["value"] is not None]
    for slice in report["parties"]:
        ranked = slice["figures"]["score"]["value"] is not None
        check.same(f"rank {slice['code']}", {
            "rank": 1 + sum(each > shown(slice) for each in scores) if ranked else None,
            "supported": sum(party == slice["code"] and ticket in ids for party, ticket in data.helped),
        }, slice["hand_offs"])
        had = [h for h in data.held if h["party"] == slice["code"] and start <= h["from_at"] < end]
        lasted = [(h["until_at"] - h["from_at"]) // 1_000_000 for h in had if h["until_at"] is not None]
        expected = {"count": len(had), "returned": sum(h["ended_by"] == "return" for h in had), "median": spell(lasted, "median")}
        check.same(f"hand-offs {slice['code']}", expected, slice["hand_offs"])
    verify_names(data, report, start, end, (y_start, y_end), now, scans, check)
    handed = {h["party"] for h in data.held if start <= h["from_at"] < end}
    check.same("parties that had some", True, handed <= {s["code"] for s in report["parties"]})
    homes = {c["code"]: next(p["building"] for p in data.rest["places"] if p["id"] == c["place"]) for c in data.rest["codes"]}
    for slice in report["buildings"]:
        check.same(f"building {slice['code']} scans", float(scans(start, end, lambda code: (homes[code] or "") == slice["code"])), slice["figures"]["scans"]["value"])

    if kind == "year":
        series = [("month", year, m) for m in range(1, 13)]
    else:
        series = [(kind, *month_after(year, month, -n)) for n in range(12, -1, -1)]
    check.same("months", len(series), len(report["months"]))
    for (k, y, m), point in zip(series, report["months"]):
        a, b = bounds(k, y, m)
        serving = a <= now and data.service is not None and data.service < b
        figures = whole(a, b)
        for metric in ("cases", "closed", "comparable", "scans"):
            check.same(f"series {y}-{m} {metric}", figures[metric]["value"] if serving else None, point[metric])
    for day in range(7):
        for hour in range(24):
            fits = lambda t: counted(t) and start <= t["submitted_at"] < end and (local(t["submitted_at"]).weekday(), local(t["submitted_at"]).hour) == (day, hour)
            check.same(f"hour {day} {hour}", sum(map(fits, data.tickets)), report["hours"][day][hour])
    verify_hotline(data, report["hotline"], now, check)


def verify_names(data, report, start, end, year_ago, now, scans, check):
    """The matters and spots told of most, every door, and what was told more than once."""
    cases = [t for t in data.tickets if counted(t) and start <= t["submitted_at"] < end]

    def most(keys, limit):
        keys = list(keys)
        return [{"code": k, "cases": keys.count(k)} for k in sorted(set(keys), key=lambda k: (-keys.count(k), k))[:limit]]

    def frequent(name, key, other, limit):
        top = most((key(t) for t in cases if key(t)), limit)
        check.same(f"{name} codes", [each["code"] for each in top], [each["code"] for each in report[name]])
        for each, said in zip(top, report[name]):
            mine = [t for t in cases if key(t) == each["code"]]
            mainly = most((other(t) for t in mine if other(t)), 3)
            check.same(f"{name} {each['code']} mainly", len(mainly), len(said["mainly"]))
            for expected, named in zip(mainly, said["mainly"]):
                check.same(f"{name} {each['code']} mainly", expected, named)
            check.same(f"{name} {each['code']} lead", most((t["lead"] for t in mine), 1)[0], said["lead"])

    frequent("frequent", lambda t: t["category"], lambda t: t["place"], 10)
    frequent("spots", lambda t: t["place"], lambda t: t["category"], 20)

    divided = {p["building"] for p in data.rest["places"] if p["kind"] == "unit"}
    doors = {door["place_id"]: door for door in report["doors"]}
    said = {place: door["figures"] for place, door in doors.items()}
    check.same("doors sum", float(len(cases)), sum(f["cases"]["value"] for f in said.values()))
    for p in data.rest["places"]:
        mine = [t for t in data.tickets if t["place"] == p["id"]]
        figures = count_all(data, mine, start, end, now, {"k": 0, "contacted": 0, "solved": 0, "satisfied": 0})
        door = not p["retired"] and (p["kind"] in ("unit", "spot") or p["kind"] == "building" and p["id"] not in divided)
        if p["id"] not in said:
            check.same(f"door {p['id']} left out", (False, 0), (door, figures["cases"]["value"]))
            continue
        own = {c["code"] for c in data.rest["codes"] if c["place"] == p["id"]}
        heads = p["households"]
        expected = {m: figures[m] for m in ("cases", "closed", "overdue")}
        expected["scans"] = count(scans(start, end, lambda code: code in own))
        expected["per_hundred_households"] = figure(None, figures["cases"]["value"]) if heads is None else rate(figures["cases"]["value"], heads, 100.0)
        check.same(f"door {p['id']}", expected, said[p["id"]])
        at = lambda span: len([c for c in data.calls if span[0] <= c["at"] < span[1] and c["place"] == p["id"]]) if any(span[0] <= c["at"] < span[1] for c in data.calls) else None
        check.same(f"door {p['id']} calls", {"hotline": at((start, end)), "hotline_last_year": at(year_ago)}, doors[p["id"]])

    groups = {}
    for t in cases:
        if t["status"] == "merged" and t["main"]:
            groups.setdefault(("repeat", t["main"]), []).append(t)
        if t["incident"]:
            groups.setdefault(("crowd", t["incident"]), []).append(t)
    check.same("gatherings", sorted(groups), sorted((g["kind"], g["id"]) for g in report["gatherings"]))
    for g in report["gatherings"]:
        mine = groups.get((g["kind"], g["id"]), [])
        spared = len(mine) if g["kind"] == "repeat" else sum(t["id"] in data.echoes for t in mine)
        check.same(f"gathering {g['id']}", {"tickets": len(mine), "spared": spared}, g)


def verify_hotline(data, said, now, check):
    typed = {t["period"]: t for t in data.rest["hotline"]}
    calls = {}
    for call in data.calls:
        calls.setdefault(local(call["at"]).strftime("%Y-%m"), []).append(call)
    numbers = [c["number"] for c in data.calls]
    check.same("a number counts once", len(set(numbers)), len(numbers))
    by_hand = lambda period: typed[period]["cases"] if period in typed else None
    number = lambda month: len(calls[month]) if month in calls else by_hand(month)
    serving = lambda a, b: a <= now and data.service is not None and data.service < b
    per = lambda n, heads: None if n is None or not heads else n / heads * 10_000
    part = lambda own, hot: None if own is None or hot is None or own + hot == 0 else own / (own + hot)

    def own(a, b, once=False):
        mine = [t for t in data.tickets if counted(t) and a <= t["submitted_at"] < b and beside(data, t)]
        voices = [t for at, t in data.joined if a <= at < b and counted(t) and beside(data, t)]
        return len([t for t in mine if not (once and (double(t) or t["id"] in data.echoes))]) + (0 if once else len(voices))

    joint = lambda year: [(year, m) for m in range(1, 13) if f"{year}-{m:02}" in calls and serving(*bounds("month", year, m))]
    for line in said["months"]:
        year, month = map(int, line["month"].split("-"))
        a, b = bounds("month", year, month)
        c, d = bounds("month", year - 1, month)
        heads = data.people(a, b, now, "residents")
        hot, ours = number(line["month"]), own(a, b) if serving(a, b) else None
        rows = calls.get(line["month"], [])
        told = lambda nature: sum(r["nature"] == nature for r in rows) if any(r["nature"] for r in rows) else None
        check.same(f"hotline {line['month']}", {
            "hotline": hot,
            "from_rows": bool(rows),
            "typed": by_hand(line["month"]),
            "difference": by_hand(line["month"]) - len(rows) if rows and line["month"] in typed else None,
            "demands": told("demand"),
            "inquiries": told("inquiry"),
            "hotline_last_year": number(f"{year - 1}-{month:02}"),
            "hotline_per_ten_thousand": per(hot, heads),
            "own": ours,
            "own_events": own(a, b, True) if serving(a, b) else None,
            "own_last_year": own(c, d) if serving(c, d) else None,
            "own_per_ten_thousand": per(ours, heads),
            "share": part(ours, hot),
        }, line)
        both_known = (year, month) in joint(year)
        check.same(f"overlap {line['month']}", overlap(data, [(year, month)]) if both_known else None, line["overlap"])
    for line in said["years"]:
        year = line["hotline"]["year"]
        months = [n for n in (number(f"{year}-{m:02}") for m in range(1, 13)) if n is not None]
        total = by_hand(str(year))
        all_rows = all(f"{year}-{m:02}" in calls for m in range(1, 13))
        if all_rows:
            hot = sum(months)
        else:
            hot = total if total is not None else sum(months) if len(months) == 12 else None
        served = [bounds("month", year, m) for m in range(1, 13) if serving(*bounds("month", year, m))]
        ours = sum(own(a, b) for a, b in served) if served else None
        heads = data.people(*bounds("year", year, 1), now, "residents")
        check.same(f"hotline {year}", {
            "hotline": {"cases": hot, "months_known": len(months), "from_rows": all_rows,
                        "difference": total - sum(months) if total is not None and len(months) == 12 else None},
            "own": ours,
            "months_in_service": len(served),
            "hotline_per_ten_thousand": per(hot, heads),
            "own_per_ten_thousand": per(ours, heads),
            "share": part(ours, hot),
        }, line)
        check.same(f"overlap {year}", overlap(data, joint(year)) if joint(year) else None, line["overlap"])
    houses = {p["id"]: p["building"] for p in data.rest["places"]}
    seen = {"own": 0, "hotline": 0, "both": 0, "leaked": 0, "solved_only": 0}
    for line in said["buildings"]:
        if line["building_id"] is not None:
            home = line["building_id"]
            expected = overlap(data, joint(said["year"]), lambda t: t["building"] == home, lambda c: houses.get(c["place"]) == home)
            check.same(f"overlap of {line['name']}", expected, line["overlap"])
        for key in seen:
            seen[key] += line["overlap"][key]
    whole = overlap(data, joint(said["year"]))
    check.same("buildings in sum", {key: whole[key] for key in seen}, seen)


def overlap(data, months, here=lambda ticket: True, there=lambda call: True):
    """What only we had and closed, what went on to the hotline within 30 days, what only it had, and what both had."""
    spans = [bounds("month", *month) for month in months]
    inside = lambda at: any(a <= at < b for a, b in spans)
    followed = {t["id"] for t, call in data.pairs if t["submitted_at"] <= call["at"] < t["submitted_at"] + 30 * 86_400_000_000}
    known_there = {t["id"] for t, _ in data.pairs}
    firsts = {}
    for t, call in data.pairs:
        if beside(data, t):
            firsts.setdefault(call["number"], []).append(t["submitted_at"] <= call["at"])
    mine = [t for t in data.tickets if counted(t) and beside(data, t) and inside(t["submitted_at"])]
    mine += [t for at, t in data.joined if inside(at) and counted(t) and beside(data, t)]
    mine = [t for t in mine if here(t)]
    calls = [call for call in data.calls if inside(call["at"]) and there(call)]
    both = [call for call in calls if call["number"] in firsts]
    leaked = sum(t["id"] in followed for t in mine)
    alone = sum(done(t) and t["id"] not in known_there for t in mine)
    first = sum(any(firsts[call["number"]]) for call in both)
    return {
        "own": len(mine),
        "solved_only": alone,
        "leaked": leaked,
        "hotline": len(calls),
        "hotline_only": len(calls) - len(both),
        "both": len(both),
        "first": first,
        "leak_rate": rate(leaked, len(mine)),
        "first_rate": rate(first, len(both)),
        "ahead_rate": rate(alone, len(mine) + len(calls) - len(both)),
    }


def main():
    folders = sorted(p for p in pathlib.Path(sys.argv[1]).iterdir() if p.is_dir())
    compared, wrong = 0, []
    for folder in folders:
        data = Data(folder)
        for path in sorted(folder.glob("report-*.json")):
            check = Check(f"{folder.name}/{path.stem}")
            verify(data, json.loads(path.read_text(encoding="utf-8")), check)
            compared += check.compared
            wrong += check.wrong
    print(f"{len(folders)} communities, {compared} figures compared, {len(wrong)} differ")
    for line in wrong[:40]:
        print(line)
    if not folders or not compared or wrong:
        sys.exit(1)


main()

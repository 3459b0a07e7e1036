"""A report counted again: its totals beside earlier spans, its parts, its chart, and whatever it names."""

import math
from collections import Counter
from datetime import date

import hotline
from counting import GAP, NO_BASE, change, count, count_all, per, rate, spell
from periods import Period, local
from rows import counted, done

KINDS = {"inquiry": "咨询", "help": "求助", "complaint": "投诉", "tip_off": "举报", "suggestion": "建议", "praise": "表扬"}
CHANNELS = {"scan": "扫码", "phone": "电话代录", "walk_in": "来访", "visit": "走访", "patrol": "巡查", "hotline": "12345转入"}
PARTS = {
    "level1": lambda t: t["level1"],
    "categories": lambda t: t["category"] or t["level1"] + "——",
    "kinds": lambda t: KINDS[t["kind"]],
    "channels": lambda t: CHANNELS[t["channel"]],
    "buildings": lambda t: t["building"] or "",
    "places": lambda t: t["place"],
    "grids": lambda t: t["grid"] or "",
    "parties": lambda t: t["lead"],
}


class Spans:
    """What a report sets side by side; nothing for a time before reports could come in."""

    def __init__(self, data, period):
        self.current = period.start, period.end
        earlier, ago = period.shifted(-1), period.last_year()
        deep = lambda then: (then.start, period.as_deep(data.now, then))
        served = lambda start: data.service is not None and data.service <= start
        self.previous = None
        if period.kind != "year_to_date" and data.service is not None and data.service < deep(earlier)[1]:
            self.previous = deep(earlier)
        self.year_ago = deep(ago) if ago else None
        self.last_year = self.year_ago if ago and served(ago.start) else None
        self.to_date = period.year_begins(), period.end
        begins = period.year_begins(1)
        self.last_to_date = (begins, self.year_ago[1]) if ago and served(begins) else None


def verify(data, report, check):
    period = Period(report["period"]["kind"], date.fromisoformat(report["period"]["named"]))
    spans = Spans(data, period)
    weights = data.weights(min(period.end, data.now) - 1)

    def whole(span):
        return count_all(data, data.tickets, *span, weights, data.scanned(*span), *data.people(*span))

    current = whole(spans.current)
    totals(data, report, spans, whole, current, check)
    parts(data, report, spans, weights, current["cases"]["value"], check)
    parties(data, report, spans.current, check)
    buildings(data, report, spans.current, check)
    tops(data, report, spans.current, check)
    doors(data, report, spans, check)
    gatherings(data, report, spans.current, check)
    chart(data, report, period, whole, check)
    funnel(data, report, spans.current, check)
    hotline.verify(data, report["hotline"], period.year(), check)


def totals(data, report, spans, whole, current, check):
    to_date = whole(spans.to_date)
    previous, last_year, last_to_date = (whole(span) if span else None for span in (spans.previous, spans.last_year, spans.last_to_date))
    # What stood on account at an earlier moment is not known.
    for earlier in (previous, last_year, last_to_date):
        if earlier:
            earlier["on_account"] = GAP
    of = lambda figures, metric: figures[metric] if figures else GAP
    check.same("metrics", sorted(current), sorted(line["metric"] for line in report["totals"]))
    for line in report["totals"]:
        m = line["metric"]
        check.same(m, {
            "current": current[m],
            "previous": of(previous, m),
            "last_year": of(last_year, m),
            "year_to_date": to_date[m],
            "last_year_to_date": of(last_to_date, m),
            "change": change(m, current[m], of(previous, m)),
            "year_change": change(m, current[m], last_year[m]) if last_year else NO_BASE,
            "cumulative_change": change(m, to_date[m], last_to_date[m]) if last_to_date else NO_BASE,
        }, line)
    residents, households = data.people(*spans.current)
    check.same("people", {"residents": residents, "households": households}, report["people"])
    check.same("complete", spans.current[1] <= data.now, report["complete"])


def parts(data, report, spans, weights, total, check):
    for name, key in PARTS.items():
        said = {s["code"]: s for s in report[name]}
        check.same(f"{name} sum", total, sum(s["figures"]["cases"]["value"] for s in report[name]))
        for code in {key(t) for t in data.tickets} | set(said):
            mine = [t for t in data.tickets if key(t) == code]
            joined = [(at, t) for at, t in data.joined if key(t) == code]
            figures = count_all(data, mine, *spans.current, weights, joined=joined)
            if code not in said:
                quiet = all(figures[m]["value"] == 0 for m in ("cases", "closed", "due", "answers", "on_account", "joined"))
                check.same(f"{name} {code} left out", True, quiet)
                continue
            for apart in ("scans", "per_ten_thousand", "per_hundred_households"):
                del figures[apart]
            cases_in = lambda span: sum(counted(t) and span[0] <= t["submitted_at"] < span[1] for t in mine) if span else None
            previous, last_year = cases_in(spans.previous), cases_in(spans.last_year)
            check.same(f"{name} {code}", {
                "figures": figures,
                "share": rate(figures["cases"]["value"], total),
                "previous": previous,
                "last_year": last_year,
                "change": change("cases", figures["cases"], count(previous) if spans.previous else GAP),
                "year_change": change("cases", figures["cases"], count(last_year)) if spans.last_year else NO_BASE,
            }, said[code])


def parties(data, report, span, check):
    start, end = span
    ids = {t["id"] for t in data.tickets if counted(t) and start <= t["submitted_at"] < end}
    shown = lambda s: math.floor(s["figures"]["score"]["value"] * 100 + 0.5)
    scores = [shown(s) for s in report["parties"] if s["figures"]["score"]["value"] is not None]
    for slice in report["parties"]:
        ranked = slice["figures"]["score"]["value"] is not None
        had = [h for h in data.held if h["party"] == slice["code"] and start <= h["from_at"] < end]
        lasted = [(h["until_at"] - h["from_at"]) // 1_000_000 for h in had if h["until_at"] is not None]
        check.same(f"hand-offs {slice['code']}", {
            "rank": 1 + sum(each > shown(slice) for each in scores) if ranked else None,
            "supported": sum(party == slice["code"] and ticket in ids for party, ticket in data.helped),
            "count": len(had),
            "returned": sum(h["ended_by"] == "return" for h in had),
            "median": spell(lasted, "median"),
        }, slice["hand_offs"])
    handed = {h["party"] for h in data.held if start <= h["from_at"] < end}
    helped = {party for party, ticket in data.helped if ticket in ids}
    check.same("parties that had some", True, handed | helped <= {s["code"] for s in report["parties"]})


def buildings(data, report, span, check):
    places = {p["id"]: p for p in data.rest["places"]}
    homes = {c["code"]: places[c["place"]]["building"] for c in data.rest["codes"]}
    for slice in report["buildings"]:
        code, cases = slice["code"], slice["figures"]["cases"]["value"]
        own = places[code]["households"] if code else None
        units = sum(p["households"] or 0 for p in places.values() if p["building"] == code and p["id"] != code) if code else 0
        heads = own if own is not None else units or None
        scans = data.scanned(*span, lambda scanned: (homes[scanned] or "") == code)
        check.same(f"building {code}", {"scans": count(scans), "per_hundred_households": per(cases, heads, 100.0)}, slice["figures"])
        check.same(f"building {code} households", heads, slice["households"])


def most(keys, limit):
    return [{"code": k, "cases": n} for k, n in sorted(Counter(keys).items(), key=lambda each: (-each[1], each[0]))[:limit]]


def tops(data, report, span, check):
    """The matters and spots told of most."""
    cases = [t for t in data.tickets if counted(t) and span[0] <= t["submitted_at"] < span[1]]
    for name, key, other, limit in (("frequent", "category", "place", 10), ("spots", "place", "category", 20)):
        top = most((t[key] for t in cases if t[key]), limit)
        check.same(f"{name} codes", [each["code"] for each in top], [each["code"] for each in report[name]])
        for each, said in zip(top, report[name]):
            mine = [t for t in cases if t[key] == each["code"]]
            mainly = most((t[other] for t in mine if t[other]), 3)
            check.same(f"{name} {each['code']} mainly", len(mainly), len(said["mainly"]))
            for expected, named in zip(mainly, said["mainly"]):
                check.same(f"{name} {each['code']} mainly", expected, named)
            check.same(f"{name} {each['code']} lead", most((t["lead"] for t in mine), 1)[0], said["lead"])


def doors(data, report, spans, check):
    """Every door that carries a code or should, and every other place that anything was told of."""
    start, end = spans.current
    divided = {p["building"] for p in data.rest["places"] if p["kind"] == "unit"}
    said = {door["place_id"]: door for door in report["doors"]}
    cases = sum(counted(t) and start <= t["submitted_at"] < end for t in data.tickets)
    check.same("doors sum", float(cases), sum(door["figures"]["cases"]["value"] for door in said.values()))
    within = lambda span: [c for c in data.calls if span and span[0] <= c["at"] < span[1]]
    calls, calls_ago = within(spans.current), within(spans.year_ago)
    for p in data.rest["places"]:
        mine = [t for t in data.tickets if t["place"] == p["id"]]
        figures = count_all(data, mine, start, end, {"k": 0, "contacted": 0, "solved": 0, "satisfied": 0})
        door = not p["retired"] and (p["kind"] in ("unit", "spot") or p["kind"] == "building" and p["id"] not in divided)
        if p["id"] not in said:
            check.same(f"door {p['id']} left out", (False, 0), (door, figures["cases"]["value"]))
            continue
        own = {c["code"] for c in data.rest["codes"] if c["place"] == p["id"]}
        expected = {m: figures[m] for m in ("cases", "closed", "overdue")}
        expected["scans"] = count(data.scanned(start, end, lambda code: code in own))
        expected["per_hundred_households"] = per(figures["cases"]["value"], p["households"], 100.0)
        check.same(f"door {p['id']}", expected, said[p["id"]]["figures"])
        at = lambda told: sum(c["place"] == p["id"] for c in told) if told else None
        check.same(f"door {p['id']} calls", {"hotline": at(calls), "hotline_last_year": at(calls_ago)}, said[p["id"]])


def gatherings(data, report, span, check):
    """What was told more than once."""
    groups = {}
    for t in data.tickets:
        if not (counted(t) and span[0] <= t["submitted_at"] < span[1]):
            continue
        if t["status"] == "merged" and t["main"]:
            groups.setdefault(("repeat", t["main"]), []).append(t)
        if t["incident"]:
            groups.setdefault(("crowd", t["incident"]), []).append(t)
    check.same("gatherings", sorted(groups), sorted((g["kind"], g["id"]) for g in report["gatherings"]))
    for g in report["gatherings"]:
        mine = groups.get((g["kind"], g["id"]), [])
        spared = len(mine) if g["kind"] == "repeat" else sum(t["id"] in data.echoes for t in mine)
        check.same(f"gathering {g['id']}", {"tickets": len(mine), "spared": spared}, g)


def chart(data, report, period, whole, check):
    series = period.series()
    check.same("months", len(series), len(report["months"]))
    for each, point in zip(series, report["months"]):
        serving = data.served(each.start, each.end)
        figures = whole((each.start, each.end)) if serving else None
        for metric in ("cases", "closed", "comparable", "scans"):
            check.same(f"series {each.named} {metric}", figures[metric]["value"] if serving else None, point[metric])
    came = [local(t["submitted_at"]) for t in data.tickets if counted(t) and period.start <= t["submitted_at"] < period.end]
    hours = Counter((at.weekday(), at.hour) for at in came)
    check.same("hours", [[hours[day, hour] for hour in range(24)] for day in range(7)], report["hours"])


def funnel(data, report, span, check):
    """How far those came that were submitted in the period."""
    came = [t for t in data.tickets if span[0] <= t["submitted_at"] < span[1]]
    cases = [t for t in came if counted(t)]
    heard = [t for t in cases if t["answer_valid"] is True]
    stages = [
        ("stage_submitted", len(came)),
        ("stage_cases", len(cases)),
        ("stage_contacted", sum(t["first_contact_at"] is not None for t in cases)),
        ("stage_closed", sum(map(done, cases))),
        ("stage_heard", len(heard)),
        ("stage_solved", sum(t["solved"] is True for t in heard)),
    ]
    check.same("stages", [stage for stage, _ in stages], [each["stage"] for each in report["funnel"]])
    for (stage, number), said in zip(stages, report["funnel"]):
        check.same(stage, {"count": number, "of_submitted": rate(number, len(came))}, said)

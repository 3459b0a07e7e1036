"""Our count beside the hotline's: month by month, year by year, and building by building where both are known."""

from datetime import date

from counting import rate
from periods import DAY, Period, local
from rows import beside, counted, done, double

YEARS = 6


def month_of(year, month):
    period = Period("month", date(year, month, 1))
    return period.start, period.end


def year_of(year):
    period = Period("year", date(year, 1, 1))
    return period.start, period.end


def verify(data, said, year, check):
    typed = {t["period"]: t for t in data.rest["hotline"]}
    calls = {}
    for call in data.calls:
        calls.setdefault(local(call["at"]).strftime("%Y-%m"), []).append(call)
    numbers = [c["number"] for c in data.calls]
    check.same("a number counts once", len(set(numbers)), len(numbers))
    by_hand = lambda period: typed[period]["cases"] if period in typed else None
    number = lambda month: len(calls[month]) if month in calls else by_hand(month)
    per = lambda n, heads: None if n is None or not heads else n / heads * 10_000
    part = lambda own, hot: None if own is None or hot is None or own + hot == 0 else own / (own + hot)

    def own(a, b, once=False):
        mine = [t for t in data.tickets if counted(t) and a <= t["submitted_at"] < b and beside(data, t)]
        voices = [t for at, t in data.joined if a <= at < b and counted(t) and beside(data, t)]
        return len([t for t in mine if not (once and (double(t) or t["id"] in data.echoes))]) + (0 if once else len(voices))

    check.same("year", year, said["year"])
    check.same("its months", [f"{year}-{m:02}" for m in range(1, 13)], [line["month"] for line in said["months"]])
    first = [int(period[:4]) for period in [*typed, *calls]] + [year - 1]
    first += [local(data.service).year] if data.service is not None else []
    check.same("its years", list(range(max(min(first), year - YEARS + 1), year + 1)), [line["hotline"]["year"] for line in said["years"]])
    joint = lambda year: [(year, m) for m in range(1, 13) if f"{year}-{m:02}" in calls and data.served(*month_of(year, m))]
    for line in said["months"]:
        year, month = map(int, line["month"].split("-"))
        a, b = month_of(year, month)
        c, d = month_of(year - 1, month)
        heads = data.people(a, b)[0]
        hot, ours = number(line["month"]), own(a, b) if data.served(a, b) else None
        rows = calls.get(line["month"], [])
        live, units = data.coverage(b) if a <= data.now else (0, 0)
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
            "own_events": own(a, b, True) if data.served(a, b) else None,
            "own_last_year": own(c, d) if data.served(c, d) else None,
            "own_per_ten_thousand": per(ours, heads),
            "share": part(ours, hot),
            "live_units": live,
            "units": units,
            "complete": b <= data.now,
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
        served = [month_of(year, m) for m in range(1, 13) if data.served(*month_of(year, m))]
        ours = sum(own(a, b) for a, b in served) if served else None
        heads = data.people(*year_of(year))[0]
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
    spans = [month_of(*month) for month in months]
    inside = lambda at: any(a <= at < b for a, b in spans)
    followed = {t["id"] for t, call in data.pairs if t["submitted_at"] <= call["at"] < t["submitted_at"] + 30 * DAY}
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

"""Every metric, from the sentence that is printed beside it; how two figures differ; and what the comparison of both keeps."""

import math
from fractions import Fraction

from rows import beside, counted, done, double, real

SHARES = set("closed_rate on_time_rate contact_on_time_rate contacted_rate solved_rate satisfied_rate first_time_rate return_rate "
             "rework_rate in_community_rate duplicate_rate".split())
COUNTS = set("scans submitted gross cases deduplicated closed due overdue on_account answers comparable joined comparable_events".split())
RATIOS = {"per_ten_thousand", "per_hundred_households"}


def figure(value, numerator=None, denominator=None):
    return {"value": value, "numerator": numerator, "denominator": denominator}


GAP = figure(None)
NO_BASE = {"difference": None, "percent": None, "remark": "no_base"}


def count(items):
    number = float(len(items) if not isinstance(items, (int, float)) else items)
    return figure(number, number)


def rate(part, whole, scale=1.0):
    part, whole = float(part), float(whole)
    return figure(part / whole * scale if whole > 0 else None, part, whole)


def per(number, heads, scale):
    return figure(None, float(number)) if heads is None else rate(number, heads, scale)


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


def count_all(data, tickets, start, end, weights, scans=0, residents=None, households=None, joined=None):
    now = data.now
    inside = lambda at: at is not None and start <= at < end
    came = [t for t in tickets if inside(t["submitted_at"])]
    cases = [t for t in came if counted(t)]
    closings = [t for t in tickets if counted(t) and done(t) and inside(t["closed_at"])]
    due = [t for t in tickets if counted(t) and t["status"] != "merged" and t["suspended_at"] is None and inside(t["due_at"]) and t["due_at"] < now]
    kept = [t for t in due if done(t) and t["closed_at"] <= t["due_at"]]
    called = [t for t in cases if t["first_contact_at"] is not None]
    ran = lambda t: now if t["suspended_at"] is None else min(now, t["suspended_at"])
    uncalled = [t for t in cases if t["first_contact_at"] is None and t["status"] != "merged" and t["first_contact_due"] < ran(t)]
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

"""What waited in the past: open, overdue and on account, from the events of tickets and nothing else."""

from datetime import date, timedelta

from periods import HOUR, Period, local, midnight, read

OPEN = ("new", "accepted", "in_progress")


def moments(period, now):
    """The ends of its days, of a single day its full hours; the last is the present where the period is not over."""
    ends, at = [], period.start
    while at < min(period.end, now):
        at = at + HOUR if period.kind == "day" else midnight(local(at).date() + timedelta(days=1))
        ends.append(min(at, period.end, now))
    return ends


def deadline_set(event):
    """The deadline before and after an event that sets one. Putting on account names when it is looked at again, a timer what it rang for."""
    due = event["data"].get("due_at")
    if event["act"] == "suspend" or due is None:
        return None
    if isinstance(due, list):
        return read(due[0]), read(due[1])
    return (read(due), read(due)) if event["act"] == "submit" else None


def stood(ticket, history, at):
    """How a ticket stood at a moment: its deadline then, and whether its clock rested; nothing where it was not open or did not count."""
    known = [event for event in history if event["at"] <= at]
    if not known or known[-1]["to_status"] not in OPEN:
        return None
    verdicts = [event["data"] for event in known if event["act"] == "decide" and event["data"].get("approved") is True]
    if verdicts and verdicts[-1]["reason"] != "e6":
        return None
    rests = [event["act"] for event in known if event["act"] in ("suspend", "resume")]
    before, after = [deadline_set(event) for event in known], [deadline_set(event) for event in history[len(known):]]
    set_then = [pair[1] for pair in before if pair]
    set_later = [pair[0] for pair in after if pair]
    due = set_then[-1] if set_then else set_later[0] if set_later else ticket["due_at"]
    return due, bool(rests) and rests[-1] == "suspend"


def verify(data, said, check):
    in_order = lambda history: all(one["at"] <= other["at"] for one, other in zip(history, history[1:]))
    check.same("what happened later is written later", [], [ticket for ticket, history in data.events.items() if not in_order(history)])
    named = said["period"]
    period = Period(named["kind"], date.fromisoformat(named["named"]))
    expected = moments(period, data.now)
    check.same("moments", expected, [read(point["at"]) for point in said["points"]])
    for at, point in zip(expected, said["points"]):
        standing = [stood(ticket, data.events.get(ticket["id"], []), at) for ticket in data.tickets]
        standing = [each for each in standing if each]
        check.same(f"at {local(at)}", {
            "open": len(standing),
            "overdue": sum(due < at and not rests for due, rests in standing),
            "on_account": sum(rests for _, rests in standing),
        }, point)

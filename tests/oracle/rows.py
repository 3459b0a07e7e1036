"""The raw rows of a community, as they were written for whoever counts again."""

import csv
import json
from datetime import date

from periods import DAY, local, midnight, months_on

SIDE_CHANNELS = {"scan", "phone", "walk_in", "visit"}
SIDE_KINDS = {"help", "complaint", "tip_off", "suggestion"}


def value(name, text):
    if text == "":
        return None
    if name.endswith("_at") or name in ("at", "first_contact_due", "due_at", "rounds", "returns", "seq"):
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def table(path):
    with open(path, encoding="utf-8") as file:
        return [{k: value(k, v) for k, v in row.items()} for row in csv.DictReader(file)]


class Data:
    def __init__(self, folder):
        self.tickets = table(folder / "tickets.csv")
        self.scans = [(row["code"], date.fromisoformat(row["day"]), int(row["devices"])) for row in table(folder / "scans.csv")]
        self.held = table(folder / "holdings.csv")
        self.helped = [(row["party"], row["ticket"]) for row in table(folder / "supports.csv")]
        self.events = {}
        for event in table(folder / "events.csv"):
            self.events.setdefault(event["ticket"], []).append({**event, "data": json.loads(event["data"] or "null") or {}})
        for history in self.events.values():
            history.sort(key=lambda event: event["seq"])
        self.rest = rest = json.loads((folder / "rest.json").read_text(encoding="utf-8"))
        self.now = int(rest["now"])
        self.comparable = {c["code"]: c["comparable"] for c in rest["categories"]}
        self.joint = {code[:2] for code, side in self.comparable.items() if side}
        self.level1 = {code[:2] for code in self.comparable}
        by_id = {t["id"]: t for t in self.tickets}
        self._incidents(folder, by_id)
        self._neighbours(folder, by_id)
        self._calls(folder, by_id)
        starts = [int(c["posted_at"]) for c in rest["codes"] if c["posted_at"]] + [t["submitted_at"] for t in self.tickets]
        self.service = min(starts) if starts else None

    def _incidents(self, folder, by_id):
        """Of one incident, place and category only the first report that stands beside the hotline's is an event."""
        for t in self.tickets:
            t["incident"] = None
        for member in table(folder / "incidents.csv"):
            if member["state"] != "dismissed" and member["removed_at"] is None:
                by_id[member["ticket"]]["incident"] = member["incident"]
        told, self.echoes = set(), set()
        for t in sorted(self.tickets, key=lambda t: (t["submitted_at"], t["id"])):
            if t["incident"] and counted(t) and not double(t) and beside(self, t):
                matter = (t["incident"], t["place"], t["category"])
                if matter in told:
                    self.echoes.add(t["id"])
                told.add(matter)

    def _neighbours(self, folder, by_id):
        """Somebody who joins counts as their own report would: by scanning, of the ticket's kind and category, merged into it.
        Who came in a flood and was confirmed by nobody does not count."""
        joined = [n for n in table(folder / "neighbours.csv") if n["withdrawn_at"] is None and not n["repeats"] and not n["doubts"]]
        self.joined = [(n["at"], {**by_id[n["ticket"]], "channel": "scan", "origin": None}) for n in joined]

    def _calls(self, folder, by_id):
        homes = {n["name"]: n["place"] for n in self.rest["hotline_places"]}
        self.calls = [{**row, "at": row["received_at"], "place": homes.get(row["place"])} for row in table(folder / "hotline_rows.csv") if row["live"]]
        said = {c["number"]: c for c in self.calls}
        # What a person confirmed, as far as the hotline's ticket counts and ours is one of the units of count.
        self.pairs = [(by_id[p["ticket"]], said[p["number"]]) for p in self.rest["hotline_pairs"]
                      if p["verdict"] == "confirmed" and p["number"] in said and counted(by_id[p["ticket"]])]

    def served(self, start, end):
        """Whether reports could come in during some of it."""
        return start <= self.now and self.service is not None and self.service < end

    def weights(self, at):
        rows = [r for r in self.rest["settings"] if r["name"] == "weights" and int(r["from"]) <= at]
        return json.loads(max(rows, key=lambda r: int(r["from"]))["value"]) if rows else {"k": 0.9, "contacted": 0.1, "solved": 0.5, "satisfied": 0.4}

    def people(self, start, end):
        """Residents and households: of a month those at its end, of more the mean of the month-ends up to now."""
        end = min(end, max(self.now, start + 60_000_000))
        ends, first = [], local(start).date().replace(day=1)
        while True:
            first = months_on(first, 1)
            edge = midnight(first)
            if edge >= end:
                break
            # The rest of a month that the period only began in is not one of its months.
            if (edge - start) // DAY > 20:
                ends.append(edge)
        found = []
        for edge in ends + [end]:
            day = local(edge - 1).date()
            known = [p for p in self.rest["populations"] if date.fromisoformat(p["effective_from"]) <= day]
            if not known:
                return None, None
            found.append(max(known, key=lambda p: p["effective_from"]))
        return tuple(sum(p[key] for p in found) / len(found) for key in ("residents", "households"))

    def coverage(self, edge):
        """Doors that carried a code just before a moment, and how many there were: as somebody said, else as they are listed."""
        places = self.rest["places"]
        divided = {p["building"] for p in places if p["kind"] == "unit"}
        doors = [p for p in places if p["kind"] == "unit" or p["kind"] == "building" and p["id"] not in divided]
        doors = [p for p in doors if p["retired_at"] is None or edge <= int(p["retired_at"])]

        def hung(code, others):
            if code["posted_at"] is None or int(code["posted_at"]) >= edge:
                return False
            if code["state"] == "posted" or code["state"] == "replaced" and any(c["state"] == "posted" for c in others):
                return True
            return code["stopped_at"] is not None and edge <= int(code["stopped_at"])

        own = lambda p: [c for c in self.rest["codes"] if c["place"] == p["id"]]
        live = sum(any(hung(c, own(p)) for c in own(p)) for p in doors)
        day = local(edge - 1).date()
        known = [p for p in self.rest["populations"] if date.fromisoformat(p["effective_from"]) <= day]
        said = max(known, key=lambda p: p["effective_from"])["units"] if known else None
        return live, len(doors) if said is None else said

    def scanned(self, start, end, fits=lambda code: True):
        first, last = local(start).date(), local(end - 1).date()
        return sum(n for code, day, n in self.scans if first <= day <= last and fits(code))


def real(ticket):
    return ticket["status"] not in ("refused", "withdrawn")


def counted(ticket):
    return real(ticket) and ticket["excluded"] in (None, "e6")


def double(ticket):
    return ticket["status"] == "merged" or ticket["excluded"] == "e6"


def done(ticket):
    return ticket["closed_at"] is not None and ticket["status"] in ("follow_up", "archived")


def beside(data, ticket):
    """Whether a ticket that counts stands beside the hotline's."""
    category = ticket["category"]
    side = data.comparable.get(category, False) if category else not (ticket["level1"] in data.level1 and ticket["level1"] not in data.joint)
    return ticket["origin"] is None and ticket["channel"] in SIDE_CHANNELS and ticket["kind"] in SIDE_KINDS and side

"""Time in Beijing: moments as microseconds since 1970, and the seven kinds of periods, half-open."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
DAY = 86_400_000_000
HOUR = 3_600_000_000


def micros(moment):
    return round(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond


def midnight(day):
    return micros(datetime(day.year, day.month, day.day, tzinfo=BEIJING))


def local(at):
    return datetime.fromtimestamp(at // 1_000_000, BEIJING).replace(microsecond=at % 1_000_000)


def read(text):
    """A moment as JSON has it."""
    return micros(datetime.fromisoformat(text))


def months_on(day, by):
    """The same day so many months later; the last day of a shorter month."""
    at = day.year * 12 + day.month - 1 + by
    year, month = at // 12, at % 12 + 1
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (after - timedelta(days=1)).day))


class Period:
    """A kind and what names it: the day, the Monday, the first of a month, quarter or year, the last day of a year to date."""

    def __init__(self, kind, day):
        first, january = day.replace(day=1), date(day.year, 1, 1)
        after = lambda days: day + timedelta(days=days)
        if kind == "day":
            span = day, day, after(1)
        elif kind == "week":
            day -= timedelta(days=day.weekday())
            span = day, day, after(7)
        elif kind == "month":
            span = first, first, months_on(first, 1)
        elif kind == "assessment_month":
            ends = date(day.year, day.month, 19)
            span = first, months_on(ends, -1), ends
        elif kind == "quarter":
            first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            span = first, first, months_on(first, 3)
        elif kind == "year":
            span = january, january, date(day.year + 1, 1, 1)
        elif kind == "year_to_date":
            span = day, january, after(1)
        else:
            raise ValueError(kind)
        self.kind, self.named = kind, span[0]
        self.start, self.end = midnight(span[1]), midnight(span[2])

    def year(self):
        return self.named.isocalendar().year if self.kind == "week" else self.named.year

    def shifted(self, by):
        """So many periods later."""
        if self.kind in ("day", "week"):
            return Period(self.kind, self.named + timedelta(days=by * (7 if self.kind == "week" else 1)))
        months = {"month": 1, "assessment_month": 1, "quarter": 3, "year": 12, "year_to_date": 12}[self.kind]
        return Period(self.kind, months_on(self.named, by * months))

    def last_year(self):
        """The same of last year; nothing for 29 February and for a week that last year had not."""
        day = self.named
        if self.kind == "day":
            return None if (day.month, day.day) == (2, 29) else Period("day", day.replace(year=day.year - 1))
        if self.kind == "week":
            year, week, _ = day.isocalendar()
            try:
                return Period("week", date.fromisocalendar(year - 1, week, 1))
            except ValueError:
                return None
        return Period(self.kind, months_on(day, -12))

    def as_deep(self, now, earlier):
        """Until when an earlier period is counted: as deep as now lies in this one, where this one is not over."""
        if self.end <= now:
            return earlier.end
        here = local(now)
        if self.kind in ("day", "week"):
            day = here.date() - (self.named - earlier.named)
        else:
            months = lambda named: named.year * 12 + named.month
            day = months_on(here.date(), months(earlier.named) - months(self.named))
        then = datetime.combine(day, here.time(), tzinfo=BEIJING)
        return min(micros(then), earlier.end)

    def year_begins(self, years_ago=0):
        """When the year begins that this period counts in: with the first of its own kind, where that is a month of the assessment or a week."""
        year = self.year() - years_ago
        if self.kind == "assessment_month":
            return Period(self.kind, date(year, 1, 1)).start
        if self.kind == "week":
            return midnight(date.fromisocalendar(year, 1, 1))
        return midnight(date(year, 1, 1))

    def series(self):
        """The periods of the chart: the months of a year so far, else this one and the twelve before."""
        if self.kind in ("year", "year_to_date"):
            months = [Period("month", date(self.named.year, month, 1)) for month in range(1, 13)]
            return [month for month in months if month.start < self.end]
        return [self.shifted(-back) for back in range(12, -1, -1)]

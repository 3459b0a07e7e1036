//! Chance for random communities, and the time in which they live: two years, the first of them a leap year.

use std::ops::{Deref, DerefMut};

use chrono::{Datelike, Days, NaiveDate};
use louma::clock::{Period, PeriodKind, midnight};
use louma::db::Time;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Random numbers that are the same for the same seed.
pub struct Dice {
    rng: StdRng,
    /// The leap year in which most happens.
    pub year: i32,
}

impl Deref for Dice {
    type Target = StdRng;

    fn deref(&self) -> &StdRng {
        &self.rng
    }
}

impl DerefMut for Dice {
    fn deref_mut(&mut self) -> &mut StdRng {
        &mut self.rng
    }
}

pub(super) fn pick<T: Copy>(rng: &mut StdRng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}

/// A day of a year.
pub(super) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

impl Dice {
    /// Life in 2024 and 2025.
    pub fn new(seed: u64) -> Dice {
        Dice { rng: StdRng::seed_from_u64(seed), year: 2024 }
    }

    /// Life in those years, or in 2020, which has 53 weeks and is over when 2021 begins with the last of them.
    pub(super) fn anywhere(seed: u64) -> Dice {
        Dice { year: if seed.is_multiple_of(4) { 2020 } else { 2024 }, ..Dice::new(seed) }
    }

    /// When figures are asked for: in the summer after the leap year, or as that begins.
    pub(super) fn now(&mut self) -> Time {
        let (summer, winter) = (day(self.year + 1, 8, 20), day(self.year + 1, 1, 3));
        let day = pick(self, &[summer, summer, winter]);
        midnight(day).plus_minutes(self.random_range(-1500..1500))
    }

    fn any_day(&mut self) -> NaiveDate {
        day(self.year - 1, 10, 1) + Days::new(self.random_range(0..700))
    }

    /// A moment of the two years; often exactly at, or a microsecond before, where periods end, because that is where
    /// counting goes wrong.
    pub(super) fn moment(&mut self) -> Time {
        let any = self.any_day();
        let ends = [
            any.with_day(1).unwrap(),
            any.with_day(19).unwrap(),
            any - Days::new(any.weekday().num_days_from_monday().into()),
            day(self.year, 2, 29),
            day(self.year + 1, 1, 1),
        ];
        let edge = midnight(pick(self, &ends)).0.timestamp_micros();
        Time::from_micros(match self.random_range(0..9) {
            0 => edge,
            1 => edge - 1,
            2 => edge + self.random_range(0..86_400_000_000),
            _ => midnight(any).0.timestamp_micros() + self.random_range(0..86_400_000_000),
        })
    }

    /// When something follows: soon, at once, months later, or just as a period ends.
    pub(super) fn after(&mut self, at: Time) -> Time {
        let month = Period::of(pick(self, &[PeriodKind::Month, PeriodKind::AssessmentMonth]), at).to;
        match self.random_range(0..10) {
            0 => at,
            1 => month,
            2 => Time::from_micros(month.0.timestamp_micros() - 1).max(at),
            3 => at.plus_minutes(self.random_range(40_000..120_000)),
            _ => at.plus_minutes(self.random_range(1..9_000)),
        }
    }

    /// A period that has begun: the present one, one that ends or begins a year, or any.
    pub(super) fn period(&mut self, kind: PeriodKind, now: Time) -> Period {
        let ends =
            [day(self.year, 12, 31), day(self.year, 1, 1), day(self.year, 2, 29), day(self.year, 12, 28)];
        let chosen = match self.random_range(0..10) {
            0..3 => now.day(),
            3..6 => pick(self, &ends),
            _ => self.any_day().min(now.day()),
        };
        Period::around(kind, chosen).filter(|period| period.from <= now).unwrap_or(Period::of(kind, now))
    }
}

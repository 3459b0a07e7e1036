//! The rules that differ by place and change with time: limits, windows, weights, the notice.
//!
//! Each is a row with the moment from which it holds; a figure of a past month asks for the rules of
//! that month. The shipped values (domain §3–§5) are planted as rows when a community is founded, so
//! that nothing legal is hard-coded. Installation settings are `config`, not here.

pub mod api;
pub mod pages;
mod trust;
mod versions;

use chrono::{Days, Timelike};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use self::trust::{Flood, LEAST_KEY_DAYS, Notice, Retention, lines};
pub use self::versions::{Version, at, everywhere, history, holding, plant, set};
use crate::clock::midnight;
use crate::db::Time;
use crate::error::{Error, Result};

/// A group of rules that is stored as one row.
pub trait Rules: Serialize + DeserializeOwned + Default {
    /// The name of its rows.
    const NAME: &str;
    /// Refuses values that make no sense, with a sentence.
    fn check(&self) -> Result<()>;
    /// Refuses what contradicts a version that has begun.
    fn beside(&self, _begun: &Version<Self>) -> Result<()> {
        Ok(())
    }
}

/// Limits of a ticket that has only a level-1 category, in minutes from submission (domain §3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Limits {
    /// Until the first call back.
    pub first_contact_minutes: i32,
    /// Until it is done.
    pub deadline_minutes: i32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { first_contact_minutes: 24 * 60, deadline_minutes: 7 * 24 * 60 }
    }
}

impl Rules for Limits {
    const NAME: &str = "limits";
    fn check(&self) -> Result<()> {
        let fits = |minutes| (1..=366 * 24 * 60).contains(&minutes);
        if fits(self.first_contact_minutes) && fits(self.deadline_minutes) {
            return Ok(());
        }
        Err(Error::invalid("minutes", "时限应在 1 分钟到 366 天之间"))
    }
}

text_enum! {
    /// In which days limits are counted.
    pub enum Mode {
        Natural = "natural", "自然日";
        Working = "working", "工作日";
    }
}

/// How clocks run (domain §3, §4). A clock keeps the rules that held when its ticket was submitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Clocks {
    /// Natural or working days. Limits below one day always run by the wall clock.
    pub mode: Mode,
    /// Hours that a ticket may be overdue with the community lead before it goes up to the street.
    pub street_hours: i32,
}

impl Default for Clocks {
    fn default() -> Clocks {
        Clocks { mode: Mode::Natural, street_hours: 48 }
    }
}

impl Rules for Clocks {
    const NAME: &str = "clocks";
    fn check(&self) -> Result<()> {
        if (1..=720).contains(&self.street_hours) {
            return Ok(());
        }
        Err(Error::invalid("street_hours", "升级到街道的时间应在 1 到 720 小时之间"))
    }
}

/// How long after closing things may still happen, in days (domain §4). For what happens to a ticket those hold that held
/// when it was closed: a later setting neither opens a window again nor shuts it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Windows {
    /// The resident may ask for 重办.
    pub rework_days: i32,
    /// The ticket is archived when nobody answers.
    pub archive_days: i32,
    /// Name and phone are forgotten.
    pub contact_days: i32,
    /// The same for 举报.
    pub tip_off_contact_days: i32,
}

impl Default for Windows {
    fn default() -> Windows {
        Windows { rework_days: 14, archive_days: 7, contact_days: 365, tip_off_contact_days: 730 }
    }
}

impl Windows {
    /// Until when 重办 may be asked for of what was closed at `closed`.
    pub fn rework_until(&self, closed: Time) -> Time {
        closed.plus_minutes(i64::from(self.rework_days) * 1440)
    }
}

impl Rules for Windows {
    const NAME: &str = "windows";
    fn check(&self) -> Result<()> {
        let kept = 30..=3660;
        if !(1..=90).contains(&self.rework_days) || !(1..=90).contains(&self.archive_days) {
            return Err(Error::invalid("days", "重办和归档的天数应在 1 到 90 之间"));
        }
        if !kept.contains(&self.contact_days) || !kept.contains(&self.tip_off_contact_days) {
            return Err(Error::invalid("days", "联系方式的保存天数应在 30 到 3660 之间"));
        }
        Ok(())
    }
}

/// What a closing must show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Evidence {
    /// The level-2 categories, by code, that are closed as 实际解决 only with a photo of afterwards.
    pub after_photo: Vec<String>,
}

impl Rules for Evidence {
    const NAME: &str = "evidence";
    fn check(&self) -> Result<()> {
        let code = |code: &String| code.len() == 4 && code.bytes().all(|sign| sign.is_ascii_digit());
        match self.after_photo.iter().find(|each| !code(each)) {
            Some(wrong) => Err(Error::invalid("after_photo", format!("“{wrong}”不是四位的分类代码"))),
            None => Ok(()),
        }
    }
}

/// What must not be made public one by one, and is counted with care in public (domain §6.11).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Publicity {
    /// Categories, two digits for all of a level 1 or four for one level 2: neither on the door nor in the bulletin, and
    /// a level 1 with one of them shows no count of 1 to 4.
    pub sensitive: Vec<String>,
}

impl Default for Publicity {
    fn default() -> Publicity {
        // 群租, 生活噪音, 邻里纠纷, 养犬, 治安, 老人与残疾人, 低保, 看病: few live in each home.
        let codes = ["1003", "1101", "1104", "1105", "1106", "1201", "1202", "1203"];
        Publicity { sensitive: codes.map(str::to_owned).to_vec() }
    }
}

impl Rules for Publicity {
    const NAME: &str = "publicity";
    fn check(&self) -> Result<()> {
        let code =
            |code: &String| matches!(code.len(), 2 | 4) && code.bytes().all(|sign| sign.is_ascii_digit());
        match self.sensitive.iter().find(|each| !code(each)) {
            Some(wrong) => Err(Error::invalid("sensitive", format!("“{wrong}”不是两位或四位的分类代码"))),
            None => Ok(()),
        }
    }
}

/// When tickets are proposed as one incident, and when one recurs (domain §6.5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = AlikeSettings)]
pub struct Alike {
    /// So many tickets of different people about one thing in one building are an incident …
    pub incident_tickets: i32,
    /// … when they came within so many minutes.
    pub incident_minutes: i32,
    /// So many days after a closing, the same matter at the same place is 复发.
    pub recurrence_days: i32,
}

impl Default for Alike {
    fn default() -> Alike {
        Alike { incident_tickets: 3, incident_minutes: 60, recurrence_days: 90 }
    }
}

impl Rules for Alike {
    const NAME: &str = "alike";
    fn check(&self) -> Result<()> {
        if !(2..=50).contains(&self.incident_tickets) {
            return Err(Error::invalid("incident_tickets", "几件算同一事件，应在 2 到 50 之间"));
        }
        if !(5..=1440).contains(&self.incident_minutes) {
            return Err(Error::invalid(
                "incident_minutes",
                "同一事件的时间应在 5 分钟到 1440 分钟（一天）之间",
            ));
        }
        if !(1..=366).contains(&self.recurrence_days) {
            return Err(Error::invalid("recurrence_days", "复发的天数应在 1 到 366 之间"));
        }
        Ok(())
    }
}

/// What doors show of what is being handled there, and how often somebody should look whether their codes still hang.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Doors {
    /// Categories, of two or four digits, that no door shows: what is between people, and of people.
    pub hidden: Vec<String>,
    /// A door without a scan or a round for so many days is on the list of quiet doors.
    pub quiet_days: i32,
}

impl Default for Doors {
    fn default() -> Doors {
        Doors { hidden: ["11", "12", "1003"].map(str::to_owned).to_vec(), quiet_days: 30 }
    }
}

impl Doors {
    /// Whether a matter of this category is not shown. With level 1 alone it is not while any category under it is hidden.
    pub fn hides(&self, level1: &str, category: Option<&str>) -> bool {
        match category {
            Some(code) => self.hidden.iter().any(|hidden| code.starts_with(hidden.as_str())),
            None => self.hidden.iter().any(|hidden| hidden.starts_with(level1)),
        }
    }
}

impl Rules for Doors {
    const NAME: &str = "doors";
    fn check(&self) -> Result<()> {
        let code =
            |code: &String| matches!(code.len(), 2 | 4) && code.bytes().all(|sign| sign.is_ascii_digit());
        if let Some(wrong) = self.hidden.iter().find(|each| !code(each)) {
            return Err(Error::invalid("hidden", format!("“{wrong}”不是两位或四位的分类代码")));
        }
        if !(1..=366).contains(&self.quiet_days) {
            return Err(Error::invalid("quiet_days", "天数应在 1 到 366 之间"));
        }
        Ok(())
    }
}

/// The weights of the score and k, the share with which 基本满意 counts (domain §5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Weights {
    pub k: f64,
    pub contacted: f64,
    pub solved: f64,
    pub satisfied: f64,
}

impl Default for Weights {
    fn default() -> Weights {
        Weights { k: 0.9, contacted: 0.1, solved: 0.5, satisfied: 0.4 }
    }
}

impl Rules for Weights {
    const NAME: &str = "weights";
    fn check(&self) -> Result<()> {
        let parts = [self.k, self.contacted, self.solved, self.satisfied];
        let sum = self.contacted + self.solved + self.satisfied;
        if parts.iter().all(|part| (0.0..=1.0).contains(part)) && (sum - 1.0).abs() < 1e-9 {
            return Ok(());
        }
        Err(Error::invalid("weights", "三项权重和 k 都在 0 到 1 之间，三项权重之和应为 1"))
    }
}

/// The hours in which no message leaves for people, except of what is 特急; minutes after midnight in Shanghai. Where
/// both are the same, there are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct QuietHours {
    /// When they begin.
    pub from_minute: i32,
    /// When they end; on the next day where it is earlier.
    pub until_minute: i32,
}

impl Default for QuietHours {
    fn default() -> QuietHours {
        QuietHours { from_minute: 22 * 60, until_minute: 7 * 60 }
    }
}

impl Rules for QuietHours {
    const NAME: &str = "quiet";
    fn check(&self) -> Result<()> {
        let fits = |minute| (0..24 * 60).contains(&minute);
        if fits(self.from_minute) && fits(self.until_minute) {
            return Ok(());
        }
        Err(Error::invalid("quiet_from", "请填写时刻，例如 22:00"))
    }
}

impl QuietHours {
    /// `at` where it lies outside of the quiet hours, else the moment at which they end.
    pub fn after(&self, at: Time) -> Time {
        let local = at.local();
        let minute = (local.hour() * 60 + local.minute()) as i32;
        let (from, until) = (self.from_minute, self.until_minute);
        let quiet =
            if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until };
        if !quiet {
            return at;
        }
        let day = if minute < until { local.date() } else { local.date() + Days::new(1) };
        midnight(day).plus_minutes(until.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::at_local;

    #[test]
    fn messages_wait_for_the_end_of_the_quiet_hours() {
        let at =
            |text: &str| at_local(chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap());
        let night = QuietHours::default();
        for (asked, given) in [
            ("2025-06-03 21:59", "2025-06-03 21:59"),
            ("2025-06-03 22:00", "2025-06-04 07:00"),
            ("2025-12-31 23:59", "2026-01-01 07:00"),
            ("2025-06-04 00:00", "2025-06-04 07:00"),
            ("2025-06-04 06:59", "2025-06-04 07:00"),
            ("2025-06-04 07:00", "2025-06-04 07:00"),
        ] {
            assert_eq!(night.after(at(asked)), at(given), "{asked}");
        }
        let noon = QuietHours { from_minute: 720, until_minute: 840 };
        assert_eq!(noon.after(at("2025-06-04 13:00")), at("2025-06-04 14:00"));
        let never = QuietHours { from_minute: 0, until_minute: 0 };
        assert_eq!(never.after(at("2025-06-04 03:00")), at("2025-06-04 03:00"));
    }
}

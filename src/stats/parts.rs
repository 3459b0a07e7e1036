//! Into which parts a whole is divided, and by what a ticket belongs to one.
//!
//! The tables of a report and the lists behind their cells use the same key.

use chrono::{Datelike, Timelike};

use super::tally::Row;

text_enum! {
    /// A table of parts.
    #[schema(as = FigurePart)]
    pub enum Part {
        Level1 = "level1", "一级分类";
        Category = "category", "二级分类";
        Kind = "kind", "诉求类型";
        Channel = "channel", "渠道";
        Building = "building", "楼栋";
        Place = "place", "点位";
        Grid = "grid", "网格";
        Party = "party", "承办单位";
        Hour = "hour", "时段";
    }
}

impl Part {
    /// The code of the part to which a ticket belongs: of a level-2 category that nobody chose yet `03——`, outside all
    /// buildings or grids nothing, of an hour `2-17` (Wednesday from 17 to 18 o'clock in Shanghai).
    pub(super) fn key(self, row: &Row) -> String {
        match self {
            Part::Level1 => row.level1.clone(),
            Part::Category => row.category.clone().unwrap_or_else(|| format!("{}——", row.level1)),
            Part::Kind => row.kind.label().to_owned(),
            Part::Channel => row.channel.label().to_owned(),
            Part::Building => row.building_id.map(|id| id.to_string()).unwrap_or_default(),
            Part::Place => row.place_id.to_string(),
            Part::Grid => row.grid_id.map(|id| id.to_string()).unwrap_or_default(),
            Part::Party => row.lead_id.to_string(),
            Part::Hour => {
                let local = row.submitted_at.local();
                hour(local.weekday().num_days_from_monday() as usize, local.hour() as usize)
            }
        }
    }
}

/// The code of an hour of the week, Monday being 0.
pub(super) fn hour(day: usize, hour: usize) -> String {
    format!("{day}-{hour}")
}

//! The calendar as a page: the years that are known with where they come from, and a table brought for a new one.

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::web::{Query, block};
use askama::Template;
use chrono::Datelike;

use super::{Day, DayKind, Year, import};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Sent, Visit};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::web::{form, html, see_other};

const PATH: &str = "/console/settings/calendar";

#[derive(Template)]
#[template(path = "calendar/calendar.html")]
struct CalendarPage {
    chrome: Chrome,
    /// The latest first.
    years: Vec<Year>,
    /// This year and the next, as far as nothing is known of them.
    unknown: Vec<i32>,
    done: String,
    sent: Sent,
}

/// What the last import did.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    set: String,
    kept: String,
}

impl Asked {
    fn sentence(&self) -> String {
        let years = |text: &str| {
            let years = text.split(',').filter_map(|year| year.parse::<i32>().ok());
            years.map(|year| format!("{year} 年")).collect::<Vec<_>>().join("、")
        };
        match (years(&self.set).as_str(), years(&self.kept).as_str()) {
            ("", "") => String::new(),
            ("", kept) => format!("{kept}的安排本来就是这样，没有改动。"),
            (set, "") => format!("{set}的安排从现在起按这张表算；已有诉求的时限不动。"),
            (set, kept) => format!("{set}的安排从现在起按这张表算，{kept}没有改动；已有诉求的时限不动。"),
        }
    }
}

/// `GET /console/settings/calendar`.
pub async fn page(visit: Visit, asked: Query<Asked>) -> Answer {
    show(visit, asked.sentence(), Sent::default()).await
}

async fn show(visit: Visit, done: String, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    let fill = move |tx: &mut Tx| {
        let (calendar, _) = super::at(tx, at.session.actor.community_id, tx.now)?;
        let this = tx.now.day().year();
        Ok(CalendarPage {
            chrome: at.chrome(tx, "放假安排", PATH)?,
            years: calendar.years().rev().cloned().collect(),
            unknown: [this, this + 1].into_iter().filter(|year| !calendar.knows(*year)).collect(),
            done,
            sent,
        })
    };
    html(status, &visit.db.read(fill).await?)
}

/// `POST /console/settings/calendar`: a table. Any row that cannot be taken stops all of it.
pub async fn take_table(req: HttpRequest, visit: Visit, parts: Multipart) -> Answer {
    let form = form::read(&req, parts).await?;
    let actor = visit.session.actor.clone();
    let done = match block(move || years_of(&form)).await.map_err(Error::internal)? {
        Ok(years) => visit.db.write(move |tx| import::apply(tx, &actor, years)).await,
        Err(err) => Err(err),
    };
    match done {
        Ok(import::Done { set, kept }) => {
            let list = |years: Vec<i32>| years.iter().map(i32::to_string).collect::<Vec<_>>().join(",");
            Ok(see_other(&format!("{PATH}?set={}&kept={}", list(set), list(kept))))
        }
        Err(err) => show(visit, String::new(), Sent::new("import", Vec::new()).refused(err)?).await,
    }
}

fn years_of(form: &form::Form) -> Result<Vec<Year>> {
    let file = form.files.first().ok_or_else(|| Error::invalid("file", "请先选择表格文件"))?;
    let content = file.content.as_ref();
    let content = content.ok_or_else(|| Error::invalid("file", "文件超过 10 MB，请检查是不是选错了"))?;
    import::read(&std::fs::read(content)?, &file.name)
}

/// The days of a year in runs: 「1月1日–3日 元旦放假」, and the days worked for it.
fn runs(year: &Year) -> Vec<(String, String)> {
    let mut runs: Vec<(Vec<&Day>, &str)> = Vec::new();
    for day in year.days.iter().filter(|day| day.kind == DayKind::Holiday) {
        match runs.last_mut() {
            Some((days, name)) if *name == day.name => days.push(day),
            _ => runs.push((vec![day], &day.name)),
        }
    }
    let date = |day: &Day| format!("{}月{}日", day.day.month(), day.day.day());
    let worked = |name: &str| {
        let days = year.days.iter().filter(|day| day.kind == DayKind::Workday && day.name == name);
        days.map(date).collect::<Vec<_>>().join("、")
    };
    let told = runs.iter().map(|(days, name)| {
        let off = match days.as_slice() {
            [first, .., last] => format!("{}至{}放假", date(first), date(last)),
            days => days.iter().map(|day| format!("{}放假", date(day))).collect(),
        };
        let worked = worked(name);
        let more = if worked.is_empty() { String::new() } else { format!("，{worked}上班") };
        ((*name).to_owned(), format!("{off}{more}"))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_told_as_the_notice_tells_it() {
        let year = super::super::shipped_years().pop().unwrap();
        let told: Vec<String> =
            runs(&year).into_iter().map(|(name, days)| format!("{name}：{days}")).collect();
        assert_eq!(told[0], "元旦：1月1日至1月3日放假，1月4日上班");
        assert_eq!(told[1], "春节：2月15日至2月23日放假，2月14日、2月28日上班");
        assert_eq!(told.len(), 7);
    }
}

//! The page of the dashboard. Every chart is drawn from a table that stands on the page; without a script, for screen
//! readers and on paper there is the table.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;

use super::{AskedDashboard, Dashboard, PartyLine, StripCell, Waits};
use crate::clock::{Period, PeriodKind};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::people::session;
use crate::routing;
use crate::stats::levels::Level;
use crate::stats::marks::Stage;
use crate::stats::material::Which;
use crate::stats::members::{Cell, Counted, Links};
use crate::stats::metric::{Figure, Metric};
use crate::stats::parts::{self, Part};
use crate::tickets::Channel;
use crate::web::html;

/// The metrics that stand on top.
const TILES: [Metric; 8] = [
    Metric::Cases,
    Metric::Comparable,
    Metric::ClosedRate,
    Metric::OnTimeRate,
    Metric::ContactOnTimeRate,
    Metric::SolvedRate,
    Metric::SatisfiedRate,
    Metric::Score,
];

#[derive(Template)]
#[template(path = "stats/dashboard/page.html")]
struct DashboardPage {
    chrome: Chrome,
    board: Dashboard,
    /// The community of the session: its tickets may be opened.
    home: Id,
    /// Whether the account reaches other communities.
    travels: bool,
    kinds: [PeriodKind; 7],
    level1: Vec<(String, String)>,
    day: String,
    earlier: String,
    later: Option<String>,
    back: String,
}

impl DashboardPage {
    /// A count as a link to its tickets, where the list is the same: of this community, and of all its tickets.
    fn open(&self, text: String, counted: Counted, part: Option<(Part, String)>) -> String {
        if self.board.filter.level != Level::Community || self.board.filter.partial() {
            return text;
        }
        let cell = Cell { counted, side: counted.side(), span: Which::Current, part };
        Links { period: &self.board.period }.value(&text, &cell)
    }

    fn tiles(&self) -> Vec<(&'static str, &'static str, String, String)> {
        let tile = |metric: &Metric| {
            let figure = self.board.figures.get(metric).copied().unwrap_or(Figure::GAP);
            let (text, sides) = (figure.text(*metric), figure.parts());
            (metric.label(), metric.sentence(), self.open(text, (*metric).into(), None), sides)
        };
        TILES.iter().map(tile).collect()
    }

    fn stage(&self, count: &i64, stage: &Stage) -> String {
        self.open(count.to_string(), stage.into(), None)
    }

    fn category(&self, code: &str, count: &i64) -> String {
        self.open(count.to_string(), Metric::Cases.into(), Some((Part::Category, code.to_owned())))
    }

    fn strip(&self, cell: &StripCell) -> String {
        self.open(cell.cases.to_string(), Metric::Cases.into(), Some((Part::Building, cell.code.clone())))
    }

    fn hour(&self, day: &usize, hour: &usize, count: &i64) -> String {
        match count {
            0 => String::new(),
            _ => {
                let part = Some((Part::Hour, parts::hour(*day, *hour)));
                self.open(count.to_string(), Metric::Cases.into(), part)
            }
        }
    }

    fn party(&self, line: &PartyLine) -> Vec<String> {
        use Metric::*;
        let shown = [Cases, Closed, OnTimeRate, Overdue, Answers, SolvedRate, SatisfiedRate, Score];
        let cell = |metric: Metric| {
            self.open(line.text(metric), metric.into(), Some((Part::Party, line.code.clone())))
        };
        shown.map(cell).to_vec()
    }

    fn weekday(&self, day: &usize) -> char {
        "一二三四五六日".chars().nth(*day).unwrap_or(' ')
    }

    /// What waits now: title, queue, how many, and the first of them.
    fn lists(&self) -> [(&'static str, &'static str, i64, &[Waits]); 2] {
        let board = &self.board;
        [
            ("现在超期未办结", "overdue", board.overdue_count, board.overdue.as_slice()),
            ("现在挂账", "on_account", board.on_account_count, board.on_account.as_slice()),
        ]
    }

    fn here(&self, waits: &Waits) -> bool {
        waits.community_id == self.home
    }

    fn left(&self, at: &Time) -> String {
        at.left(self.board.cut_off)
    }

    /// `12`, or `12（3/5 个社区）` where not all of them know.
    fn known(&self, count: &Option<i64>, known: &usize) -> String {
        let all = self.board.communities.len();
        match count {
            None => "—".to_owned(),
            Some(count) if *known == all => count.to_string(),
            Some(count) => format!("{count}（{known}/{all} 个社区）"),
        }
    }
}

fn value(count: &Option<i64>) -> String {
    count.map_or("—".to_owned(), |count| count.to_string())
}

fn percent(figure: &Figure) -> String {
    figure.text(Metric::SolvedRate)
}

/// The address of the same dashboard for another period.
fn address(board: &Dashboard, period: &Period) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("kind", period.kind.word()).append_pair("period", &period.word());
    query.append_pair("level", board.filter.level.word());
    if board.filter.mean {
        query.append_pair("average", "mean");
    }
    if let Some(code) = &board.filter.level1 {
        query.append_pair("level1", code);
    }
    if let Some(channel) = board.filter.channel {
        query.append_pair("channel", channel.word());
    }
    query.finish()
}

/// `GET /console/dashboard`
pub async fn show(visit: Visit, asked: Query<AskedDashboard>) -> Answer {
    let db = visit.db.clone();
    html(StatusCode::OK, &db.read(move |tx| page(tx, &visit, &asked)).await?)
}

fn page(tx: &mut Tx, visit: &Visit, asked: &AskedDashboard) -> Result<DashboardPage> {
    let actor = &visit.session.actor;
    let board = super::dashboard(tx, actor, asked)?;
    let period = board.period;
    let next = Period::of(period.kind, period.to);
    let mut level1: Vec<(String, String)> = routing::categories(tx)?
        .into_iter()
        .map(|each| (each.level1_code().to_owned(), each.level1))
        .collect();
    level1.dedup();
    Ok(DashboardPage {
        chrome: visit.chrome(tx, "看板", "/console/dashboard")?,
        home: actor.community_id,
        travels: session::reachable_by(tx, actor)?.len() > 1,
        kinds: PeriodKind::ALL,
        level1,
        day: Time::from_micros(period.to.0.timestamp_micros() - 1).min(tx.now).day().to_string(),
        earlier: address(&board, &period.previous()),
        later: (period.to <= tx.now).then(|| address(&board, &next)),
        back: crate::stats::pages::query(&period),
        board,
    })
}

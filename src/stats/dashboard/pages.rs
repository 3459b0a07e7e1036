//! The page of the dashboard. Every chart is drawn from a table that stands on the page; without a script, for screen
//! readers and on paper there is the table.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;

use super::{AskedDashboard, CommunityLine, Dashboard, Filter, PartyLine, StripCell, Waits};
use crate::clock::{Period, PeriodKind};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::people::session;
use crate::routing;
use crate::stats::levels::{Level, Within};
use crate::stats::links::Links;
use crate::stats::marks::Stage;
use crate::stats::material::Which;
use crate::stats::members::{Cell, Counted};
use crate::stats::metric::{Figure, Metric};
use crate::stats::parts::{self, Part};
use crate::stats::whose::{MOST, Whose};
use crate::tickets::Channel;
use crate::web::html;

/// The metrics that stand on top.
const TILES: [Metric; 12] = [
    Metric::Gross,
    Metric::Cases,
    Metric::Deduplicated,
    Metric::Comparable,
    Metric::ClosedRate,
    Metric::OnTimeRate,
    Metric::Overdue,
    Metric::ContactOnTimeRate,
    Metric::HandlingMedian,
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
    /// A figure as a link to its tickets: those of all that is looked at, or of one of the communities.
    fn open(&self, text: String, cell: (Counted, Option<(Part, String)>), of: Option<Id>) -> String {
        self.open_in(&self.board.period, text, cell, of)
    }

    fn open_in(
        &self,
        period: &Period,
        text: String,
        (counted, part): (Counted, Option<(Part, String)>),
        of: Option<Id>,
    ) -> String {
        let cell = Cell { counted, side: counted.side(), span: Which::Current, part };
        match self.whose(of) {
            Some(whose) => Links { period, whose: &whose }.value(&text, &cell),
            None => text,
        }
    }

    /// Whose tickets stand behind the figures; nothing where they are too many to be listed together.
    fn whose(&self, of: Option<Id>) -> Option<Whose> {
        let Filter { level, sieve, .. } = self.board.filter.clone();
        let (one, several) = (of.filter(|id| *id != self.home), level != Level::Community);
        let level = (one.is_none() && of.is_none() && several).then(|| (level, Within::default()));
        let listed = level.is_none() || self.board.communities.len() <= MOST;
        listed.then_some(Whose { community: one, level, sieve })
    }

    fn tiles(&self) -> Vec<(&'static str, &'static str, String, String)> {
        let tile = |metric: &Metric| {
            let figure = self.board.figures.get(metric).copied().unwrap_or(Figure::GAP);
            let (text, sides) = (figure.text(*metric), figure.parts());
            // Behind a plain mean stand the communities, and no tickets of its own.
            let value = match self.board.filter.mean && self.board.communities.len() > 1 {
                true => text,
                false => self.open(text, ((*metric).into(), None), None),
            };
            (metric.label(), metric.sentence(), value, sides)
        };
        TILES.iter().map(tile).collect()
    }

    fn stage(&self, count: &i64, stage: &Stage) -> String {
        self.open(count.to_string(), (stage.into(), None), None)
    }

    fn category(&self, code: &str, count: &i64) -> String {
        let part = (Part::Category, code.to_owned());
        self.open(count.to_string(), (Metric::Cases.into(), Some(part)), None)
    }

    fn strip(&self, cell: &StripCell) -> String {
        let (count, cases) = (cell.cases.to_string(), Metric::Cases.into());
        match (self.board.communities.len(), cell.code.parse().map(Id)) {
            (1, _) => self.open(count, (cases, Some((Part::Building, cell.code.clone()))), None),
            (_, Ok(community)) => self.open(count, (cases, None), Some(community)),
            (_, Err(_)) => count,
        }
    }

    /// C of a month of the chart, of this year or of the one before.
    fn month(&self, word: &str, (count, known): &(Option<i64>, usize), before: bool) -> String {
        let text = self.known(count, known, &false);
        let month = Period::parse(PeriodKind::Month, word).ok();
        let month = month.and_then(|month| if before { month.last_year() } else { Some(month) });
        match month.filter(|_| count.is_some()) {
            Some(month) => self.open_in(&month, text, (Metric::Comparable.into(), None), None),
            None => text,
        }
    }

    /// A rate of a period of the chart.
    fn rate(&self, word: &str, figure: &Figure, metric: Metric) -> String {
        match Period::parse(self.board.period.kind.series(), word) {
            Ok(period) => self.open_in(&period, figure.text(metric), (metric.into(), None), None),
            Err(_) => figure.text(metric),
        }
    }

    fn hour(&self, day: &usize, hour: &usize, count: &i64) -> String {
        let part = (Part::Hour, parts::hour(*day, *hour));
        match count {
            0 => String::new(),
            _ => self.open(count.to_string(), (Metric::Cases.into(), Some(part)), None),
        }
    }

    fn party(&self, line: &PartyLine) -> Vec<String> {
        use Metric::*;
        let shown = [Cases, Closed, OnTimeRate, Overdue, Answers, SolvedRate, SatisfiedRate, Score];
        let cell = |metric: Metric| {
            let part = (Part::Party, line.code.clone());
            self.open(line.text(metric), (metric.into(), Some(part)), Some(line.community_id))
        };
        shown.map(cell).to_vec()
    }

    fn community(&self, line: &CommunityLine) -> Vec<String> {
        use Metric::*;
        let shown = [
            Cases,
            Comparable,
            PerTenThousand,
            ClosedRate,
            OnTimeRate,
            Answers,
            SolvedRate,
            SatisfiedRate,
            Score,
        ];
        let cell = |metric: Metric| {
            let figure = line.figures.get(&metric).copied().unwrap_or(Figure::GAP);
            self.open(figure.text(metric), (metric.into(), None), Some(line.id))
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

    /// `12`, `约 12`, or `12（3/5 个社区）` where not all of them know.
    fn known(&self, count: &Option<i64>, known: &usize, approximate: &bool) -> String {
        let (all, about) = (self.board.communities.len(), if *approximate { "约 " } else { "" });
        match count {
            None => "—".to_owned(),
            Some(count) if *known == all => format!("{about}{count}"),
            Some(count) => format!("{about}{count}（{known}/{all} 个社区）"),
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
    board.filter.sieve.append(&mut query);
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

//! Tables of pages as CSV that Excel and WPS open as they are: levels, the tickets behind a figure, what waited, buildings
//! beside the hotline's. The tables of the workbook are drawn in `making`.

use actix_web::web::Query;

use super::backlog;
use super::behind::AskedTickets;
use super::comparison;
use super::grids::Grid;
use super::issued::pages::hand_out;
use super::levels::{self, AskedLevels, LevelLine};
use super::listing::{self, Listed, MOST_LINES};
use super::metric::{Figure, Figures, Metric};
use super::pages::Asked;
use super::pages::hotline::AskedYear;
use crate::console::visit::{Answer, Visit};
use crate::db::Tx;
use crate::error::Result;
use crate::routing::{self, Category};

/// The type of every file here.
const CSV: &str = "text/csv; charset=utf-8";

async fn file(visit: Visit, work: impl FnOnce(&mut Tx) -> Result<Grid> + Send + 'static) -> Answer {
    let grid = visit.db.read(work).await?;
    let name = format!("{}_脱敏.csv", grid.name.replace(' ', "_"));
    hand_out(visit, CSV, (name, grid.csv()?)).await
}

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// `GET /console/stats/levels.csv`: every metric of every line, with what each was made from.
pub async fn levels(visit: Visit, asked: Query<AskedLevels>) -> Answer {
    let actor = visit.session.actor.clone();
    let work = move |tx: &mut Tx| {
        let table = levels::table(tx, &actor, &asked)?;
        let mut columns = texts(&["区", "街道", "名称", "社区数"]);
        for metric in Metric::ALL {
            let unit = metric.unit().label();
            columns.extend([format!("{}（{unit}）", metric.label()), "分子".to_owned(), "分母".to_owned()]);
        }
        let line = |LevelLine { name, district, street, communities, figures, .. }: &LevelLine| {
            let mut cells = vec![district.clone(), street.clone(), name.clone(), communities.to_string()];
            cells.extend(numbers(figures));
            cells
        };
        let mut rows: Vec<Vec<String>> = table.lines.iter().map(line).collect();
        let mut sum = texts(&["", "", "合计"]);
        sum.push(table.communities.to_string());
        sum.extend(numbers(&table.together));
        rows.push(sum);
        Ok(Grid { name: format!("{}汇总_{}", table.name, table.period.word()), columns, rows })
    };
    file(visit, work).await
}

/// Each metric as text, its numerator and its denominator.
fn numbers(figures: &Figures) -> Vec<String> {
    let cell = |metric: &Metric| {
        let figure = figures.get(metric).copied().unwrap_or(Figure::GAP);
        let side = |side: Option<f64>| side.map_or("—".to_owned(), super::metric::short);
        [figure.text(*metric), side(figure.numerator), side(figure.denominator)]
    };
    Metric::ALL.iter().flat_map(cell).collect()
}

/// `GET /console/stats/tickets.csv`: the tickets behind a figure, without what was written and whose they are.
pub async fn tickets(visit: Visit, asked: Query<AskedTickets>) -> Answer {
    let actor = visit.session.actor.clone();
    let work = move |tx: &mut Tx| {
        let ((period, cell), whose) = (asked.cell(tx.now)?, asked.whose()?);
        let list = listing::lines(tx, &actor, (&whose, period, &cell), (None, MOST_LINES))?;
        let categories = routing::categories(tx)?;
        let columns = texts(&[
            "工单号",
            "社区",
            "我也遇到了",
            "渠道",
            "类型",
            "一级分类",
            "二级分类",
            "地点",
            "提交时间",
            "状态",
            "主办单位",
            "办理期限",
            "办结时间",
        ]);
        let rows = list.rows.iter().map(|line| ticket(line, &categories)).collect();
        Ok(Grid { name: format!("{}清单_{}", list.label, period.word()), columns, rows })
    };
    file(visit, work).await
}

fn ticket(line: &Listed, categories: &[Category]) -> Vec<String> {
    let row = &line.ticket;
    let level1 = categories.iter().find(|each| each.level1_code() == row.level1);
    let level2 = row.category.as_ref().and_then(|code| categories.iter().find(|each| each.code == *code));
    let or_gap = |text: Option<String>| text.unwrap_or_else(|| "—".to_owned());
    vec![
        row.number.to_string(),
        line.community.clone(),
        if line.joined { line.at.long() } else { String::new() },
        row.channel.label().to_owned(),
        row.kind.label().to_owned(),
        or_gap(level1.map(|each| each.level1.clone())),
        or_gap(level2.map(|each| each.level2.clone())),
        row.place.clone(),
        row.submitted_at.long(),
        row.status.label().to_owned(),
        row.party.clone(),
        row.due_at.long(),
        or_gap(row.closed_at.map(|at| at.long())),
    ]
}

/// `GET /console/stats/backlog.csv`: what waited, day by day of a period.
pub async fn backlog(visit: Visit, asked: Query<Asked>) -> Answer {
    let community = visit.session.actor.community_id;
    let work = move |tx: &mut Tx| {
        let period = asked.period(tx.now)?;
        let line = backlog::line(tx, community, period)?;
        let row = |point: &backlog::Backlog| {
            let counts = [point.open, point.overdue, point.on_account].map(|count| count.to_string());
            std::iter::once(point.at.long()).chain(counts).collect()
        };
        let columns = texts(&["时点", "未办结", "超期未办结", "挂账"]);
        let rows = line.points.iter().map(row).collect();
        Ok(Grid { name: format!("存量_{}", period.word()), columns, rows })
    };
    file(visit, work).await
}

/// `GET /console/stats/hotline/buildings.csv`: ours and the hotline's by building.
pub async fn buildings(visit: Visit, asked: Query<AskedYear>) -> Answer {
    let community = visit.session.actor.community_id;
    let work = move |tx: &mut Tx| {
        let year = asked.period(tx.now)?;
        let (_, comparison) = comparison::of_year(tx, community, year, asked.month)?;
        let columns = texts(&[
            "楼",
            "C",
            "只由我们办结",
            "又到12345",
            "H",
            "仅12345",
            "两边都有",
            "两边都有我们在先",
            "转12345率",
            "首接在码率",
            "未诉先办率",
            "未诉先办分母",
        ]);
        let row = |line: &super::overlap::BuildingOverlap| {
            let each = &line.overlap;
            let counts = [
                each.own,
                each.solved_only,
                each.leaked,
                each.hotline,
                each.hotline_only,
                each.both,
                each.first,
            ];
            let mut cells = vec![line.name.clone()];
            cells.extend(counts.map(|count| count.to_string()));
            cells.extend(each.rates().map(|(rate, _)| rate));
            cells.push((each.own + each.hotline - each.both).to_string());
            cells
        };
        let rows = comparison.buildings.iter().map(row).collect();
        let month = asked.month.map(|month| format!("-{month:02}")).unwrap_or_default();
        Ok(Grid { name: format!("12345对比按楼_{}{month}", year.word()), columns, rows })
    };
    file(visit, work).await
}

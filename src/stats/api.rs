//! The figures as JSON: the same verbs as the pages.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};

use super::alerts::{self, Alerts};
use super::backlog::{self, BacklogLine, BacklogThen};
use super::behind::AskedTickets;
use super::comparison::{self, Comparison};
use super::dashboard::{self, AskedDashboard, Dashboard};
use super::hotline::{self, NewTotal, Total};
use super::listing::{Listing, listing};
use super::pages::Asked;
use super::pages::hotline::AskedYear;
use super::report::{Report, report};
use super::waiting::AskedMoment;
use crate::clock::{Period, PeriodKind};
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::people::Session;
use crate::web::ApiError;

/// A year that exists.
pub(super) fn year(year: i32) -> Result<Period> {
    Period::new(PeriodKind::Year, year, 1).ok_or_else(|| Error::invalid("year", "年份请写成 2025"))
}

/// A month or a year of the community: every metric with numerator and denominator, the parts, the comparison.
#[utoipa::path(get, path = "/api/v1/stats", tag = "stats", params(Asked),
    responses((status = 200, body = Report), (status = 422, description = "No such period, or not begun yet")))]
pub async fn show(
    session: Session,
    db: Data<Db>,
    asked: Query<Asked>,
) -> std::result::Result<HttpResponse, ApiError> {
    let work = move |tx: &mut Tx| {
        let period = asked.period(tx.now)?;
        report(tx, session.actor.community_id, period)
    };
    Ok(HttpResponse::Ok().json(db.read(work).await?))
}

/// The tickets behind a figure: exactly those that it counts. `count` is what the figure says.
#[utoipa::path(get, path = "/api/v1/stats/tickets", tag = "stats", params(AskedTickets),
    responses((status = 200, body = Listing), (status = 422, description = "No such figure, or not made of tickets")))]
pub async fn tickets(
    session: Session,
    db: Data<Db>,
    asked: Query<AskedTickets>,
) -> std::result::Result<HttpResponse, ApiError> {
    let work = move |tx: &mut crate::db::Tx| {
        let (period, cell) = asked.cell(tx.now)?;
        listing(tx, &session.actor, (&asked.whose()?, period, &cell), asked.after())
    };
    Ok(HttpResponse::Ok().json(db.read(work).await?))
}

/// How many were open, overdue and on account, day by day of a period, from the events of the tickets.
#[utoipa::path(get, path = "/api/v1/stats/backlog", tag = "stats", params(Asked),
    responses((status = 200, body = BacklogLine), (status = 422, description = "No such period, or not begun yet")))]
pub async fn backlog(
    session: Session,
    db: Data<Db>,
    asked: Query<Asked>,
) -> std::result::Result<HttpResponse, ApiError> {
    let work = move |tx: &mut crate::db::Tx| {
        let period = asked.period(tx.now)?;
        backlog::line(tx, session.actor.community_id, period)
    };
    Ok(HttpResponse::Ok().json(db.read(work).await?))
}

/// What was open, overdue or on account at a past moment, with the tickets themselves.
#[utoipa::path(get, path = "/api/v1/stats/backlog/tickets", tag = "stats", params(AskedMoment),
    responses((status = 200, body = BacklogThen), (status = 422, description = "Not understood, or a moment to come")))]
pub async fn backlog_tickets(
    session: Session,
    db: Data<Db>,
    asked: Query<AskedMoment>,
) -> std::result::Result<HttpResponse, ApiError> {
    let work = move |tx: &mut crate::db::Tx| {
        let at = asked.at(tx.now)?;
        backlog::then(tx, session.actor.community_id, (at, asked.which()), asked.after())
    };
    Ok(HttpResponse::Ok().json(db.read(work).await?))
}

/// Where more is told than before: categories and places against their own past.
#[utoipa::path(get, path = "/api/v1/stats/alerts", tag = "stats", responses((status = 200, body = Alerts)))]
pub async fn alerts(session: Session, db: Data<Db>) -> std::result::Result<HttpResponse, ApiError> {
    let work = move |tx: &mut crate::db::Tx| alerts::alerts(tx, session.actor.community_id);
    Ok(HttpResponse::Ok().json(db.read(work).await?))
}

/// The dashboard of a community, or of the communities that the account reaches in its street.
#[utoipa::path(get, path = "/api/v1/dashboard", tag = "stats", params(AskedDashboard),
    responses((status = 200, body = Dashboard), (status = 422, description = "No such period, level or filter")))]
pub async fn dashboard(
    session: Session,
    db: Data<Db>,
    asked: Query<AskedDashboard>,
) -> std::result::Result<HttpResponse, ApiError> {
    let work = move |tx: &mut crate::db::Tx| dashboard::dashboard(tx, &session.actor, &asked);
    Ok(HttpResponse::Ok().json(db.read(work).await?))
}

/// Our count beside the hotline's, up to a year; what both had by building, of the year or of one month.
#[utoipa::path(get, path = "/api/v1/stats/hotline", tag = "stats", params(AskedYear),
    responses((status = 200, body = Comparison)))]
pub async fn compare(
    session: Session,
    db: Data<Db>,
    asked: Query<AskedYear>,
) -> std::result::Result<HttpResponse, ApiError> {
    let work = move |tx: &mut Tx| {
        let year = asked.period(tx.now)?;
        Ok(comparison::of_year(tx, session.actor.community_id, year, asked.month)?.1)
    };
    Ok(HttpResponse::Ok().json(db.read(work).await?))
}

/// Enters a total of the hotline for a month or a year; an earlier one of the same period is replaced.
#[utoipa::path(post, path = "/api/v1/hotline-totals", tag = "stats", request_body = NewTotal,
    responses((status = 200, body = Total), (status = 422, description = "Refused, with a sentence per field")))]
pub async fn type_total(
    session: Session,
    db: Data<Db>,
    new: Json<NewTotal>,
) -> std::result::Result<HttpResponse, ApiError> {
    let total = db.write(move |tx| hotline::set(tx, &session.actor, new.into_inner())).await?;
    Ok(HttpResponse::Ok().json(total))
}

/// Takes a total of the hotline back.
#[utoipa::path(delete, path = "/api/v1/hotline-totals/{period}", tag = "stats",
    params(("period" = String, Path, description = "`2023` or `2024-05`")),
    responses((status = 204), (status = 404, description = "Nothing was entered for it"), (status = 422)))]
pub async fn remove_total(
    session: Session,
    db: Data<Db>,
    period: Path<String>,
) -> std::result::Result<HttpResponse, ApiError> {
    db.write(move |tx| hotline::remove(tx, &session.actor, &period)).await?;
    Ok(HttpResponse::NoContent().finish())
}

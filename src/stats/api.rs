//! The figures as JSON: the same verbs as the pages.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Query};
use chrono::Datelike;

use super::comparison::{Comparison, buildings_in};
use super::hotline::{self, NewTotal, Total};
use super::pages::{Asked, AskedYear};
use super::report::{Report, report};
use crate::clock::{Period, PeriodKind};
use crate::db::{Db, Id, Tx};
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

/// The comparison of a year's report; with the buildings of one month, where one is asked for.
pub(super) fn of_month(
    tx: &mut Tx,
    community: Id,
    report: &Report,
    month: Option<u32>,
) -> Result<Comparison> {
    let mut comparison = report.hotline.clone();
    if let Some(month) = month {
        let wrong = || Error::invalid("month", "月份请写成 1 到 12");
        let month = Some(month).filter(|month| (1..=12).contains(month)).ok_or_else(wrong)?;
        comparison.buildings = buildings_in(tx, community, (comparison.year, month), &report.basis)?;
    }
    Ok(comparison)
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
        let (community, this) = (session.actor.community_id, tx.now.day().year());
        let report = report(tx, community, year(asked.year.unwrap_or(this))?)?;
        of_month(tx, community, &report, asked.month)
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

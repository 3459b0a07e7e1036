//! Issued reports as JSON: the same verbs as the pages. Their files are answered by the handlers of the pages.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path, Query};

use super::pages::{After, cut, make, period};
use super::snapshot::Rules;
use super::verify::{Verdict, verify};
use super::{Correction, File, Issued, drafts, snapshot};
use crate::clock::{Period, PeriodKind};
use crate::console::visit::Visit;
use crate::db::{Id, Tx};
use crate::web::ApiError;

/// A page of issued reports, and what waits to be issued.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct ReportPage {
    /// The latest first.
    pub reports: Vec<Issued>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<String>,
    /// The last finished periods that were not issued yet.
    pub waiting: Vec<Period>,
}

/// What was issued, and what waits.
#[utoipa::path(get, path = "/api/v1/reports", tag = "stats", params(After), responses((status = 200, body = ReportPage)))]
pub async fn list(visit: Visit, after: Query<After>) -> Result<Json<ReportPage>, ApiError> {
    let actor = visit.session.actor.clone();
    let read = move |tx: &mut Tx| {
        let mut reports = super::list(tx, &actor, after.cursor())?;
        let next = cut(&mut reports);
        Ok(ReportPage { reports, next, waiting: drafts::waiting(tx, actor.community_id)? })
    };
    Ok(Json(visit.db.read(read).await?))
}

/// Which period to issue.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct NewReport {
    /// Month, assessment month or year.
    pub kind: PeriodKind,
    /// `2025-06`, or `2025` for a year.
    pub period: String,
    /// Why it is issued again; demanded from the second version on.
    #[serde(default)]
    pub note: String,
}

/// Issues a finished period: frozen as it stands now.
#[utoipa::path(post, path = "/api/v1/reports", tag = "stats", request_body = NewReport,
    responses((status = 201, body = Issued), (status = 409, description = "Somebody else issued it just now"),
        (status = 422, description = "Not ended, not in service, or issued before and no reason given")))]
pub async fn issue(visit: Visit, new: Json<NewReport>) -> Result<HttpResponse, ApiError> {
    let new = new.into_inner();
    let report = make(&visit, period(new.kind, &new.period)?, new.note).await?;
    Ok(HttpResponse::Created().json(report))
}

/// An issued report with what it names.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct ReportShown {
    /// Itself.
    pub report: Issued,
    /// What it lists as 更正.
    pub corrections: Vec<Correction>,
    /// By which rules it was counted.
    pub rules: Rules,
    /// The names of its tables, in the order of their CSV files.
    pub tables: Vec<String>,
}

/// One issued report.
#[utoipa::path(get, path = "/api/v1/reports/{id}", tag = "stats", params(("id" = Id, Path)), responses((status = 200, body = ReportShown)))]
pub async fn show(visit: Visit, id: Path<Id>) -> Result<Json<ReportShown>, ApiError> {
    let actor = visit.session.actor.clone();
    let read = move |tx: &mut Tx| {
        let report = super::find(tx, &actor, *id)?;
        let kept = snapshot::read(&super::bytes(tx, &report, File::Snapshot)?)?;
        let tables = kept.tables.into_iter().map(|table| table.name).collect();
        Ok(ReportShown { corrections: report.corrected(), report, rules: kept.rules, tables })
    };
    Ok(Json(visit.db.read(read).await?))
}

/// Counts an issued report again, at its own cut-off and by the rules that it names.
#[utoipa::path(get, path = "/api/v1/reports/{id}/verification", tag = "stats", params(("id" = Id, Path)), responses((status = 200, body = Verdict)))]
pub async fn verification(visit: Visit, id: Path<Id>) -> Result<Json<Verdict>, ApiError> {
    let actor = visit.session.actor.clone();
    let read = move |tx: &mut Tx| {
        let report = super::find(tx, &actor, *id)?;
        verify(tx, &report)
    };
    Ok(Json(visit.db.read(read).await?))
}

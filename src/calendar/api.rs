//! The calendar of a community as JSON.

use actix_web::web::{Bytes, Data, Json, block};

use super::{Year, import};
use crate::db::{Db, Tx};
use crate::error::Error;
use crate::people::Actor;
use crate::web::ApiError;

/// The years whose arrangement is known now, shipped or imported. A year that is missing counts its weekends alone.
#[utoipa::path(get, path = "/api/v1/calendar", responses((status = 200, body = Vec<Year>)))]
pub async fn show(db: Data<Db>, actor: Actor) -> Result<Json<Vec<Year>>, ApiError> {
    let years = move |tx: &mut Tx| {
        let (calendar, _) = super::at(tx, actor.community_id, tx.now)?;
        Ok(calendar.years().cloned().collect())
    };
    Ok(Json(db.read(years).await?))
}

/// Imports the arrangement of one or more years from a table (XLSX or CSV: 日期, 类型, 名称, 依据): every row or none.
#[utoipa::path(post, path = "/api/v1/calendar", request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = import::Done)))]
pub async fn take_table(db: Data<Db>, actor: Actor, table: Bytes) -> Result<Json<import::Done>, ApiError> {
    let years = block(move || import::read(&table, "")).await.map_err(Error::internal)??;
    Ok(Json(db.write(move |tx| import::apply(tx, &actor, years)).await?))
}

//! Places, grids and population as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Json, Path, Query, block};

use super::import::{self, Imported};
use super::{Change, Community, Contacts, Grid, NewPlace, Place, Population};
use crate::db::{Db, Id, Tx};
use crate::error::Error;
use crate::people::Actor;
use crate::web::ApiError;

/// Words to look for.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct Words {
    /// Each must be in the name; empty for all places.
    #[serde(default)]
    q: String,
}

/// The places in use whose name holds the words.
#[utoipa::path(get, path = "/api/v1/places", params(Words), responses((status = 200, body = Vec<Place>)))]
pub async fn list(db: Data<Db>, actor: Actor, words: Query<Words>) -> Result<Json<Vec<Place>>, ApiError> {
    let find = move |tx: &mut Tx| match words.q.trim() {
        "" => super::list(tx, actor.community_id),
        words => super::search(tx, actor.community_id, words),
    };
    Ok(Json(db.read(find).await?))
}

/// One place.
#[utoipa::path(get, path = "/api/v1/places/{id}", params(("id" = Id, Path)), responses((status = 200, body = Place)))]
pub async fn show(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<Json<Place>, ApiError> {
    Ok(Json(db.read(move |tx| super::find(tx, actor.community_id, *id)).await?))
}

/// Adds a place, with a code where it is a unit or a spot.
#[utoipa::path(post, path = "/api/v1/places", request_body = NewPlace, responses((status = 201, body = Place)))]
pub async fn add(db: Data<Db>, actor: Actor, new: Json<NewPlace>) -> Result<HttpResponse, ApiError> {
    let new = new.into_inner();
    let place = db.write(move |tx| super::add_with_code(tx, &actor, new)).await?;
    Ok(HttpResponse::Created().json(place))
}

/// Changes the grid and the households of a place.
#[utoipa::path(put, path = "/api/v1/places/{id}", params(("id" = Id, Path)), request_body = Change, responses((status = 200, body = Place)))]
pub async fn change(
    db: Data<Db>,
    actor: Actor,
    id: Path<Id>,
    change: Json<Change>,
) -> Result<Json<Place>, ApiError> {
    let change = change.into_inner();
    Ok(Json(db.write(move |tx| super::change(tx, &actor, *id, change)).await?))
}

/// Takes a place out of use and stops its codes.
#[utoipa::path(post, path = "/api/v1/places/{id}/retire", params(("id" = Id, Path)), responses((status = 204)))]
pub async fn retire(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| super::retire(tx, &actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes in a table (XLSX or CSV) that is the whole body of the request.
#[utoipa::path(post, path = "/api/v1/places/import", request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = Imported)))]
pub async fn take_table(
    db: Data<Db>,
    actor: Actor,
    table: Result<Bytes, actix_web::Error>,
) -> Result<Json<Imported>, ApiError> {
    let table = table.map_err(|_| Error::invalid("file", "文件超过 10 MB，或没有收完整，请拆小后再传"))?;
    let rows = block(move || import::read(&table, "")).await.map_err(Error::internal)??;
    Ok(Json(db.write(move |tx| import::apply(tx, actor.community_id, &rows)).await?))
}

/// The community that the caller works in.
#[utoipa::path(get, path = "/api/v1/community", responses((status = 200, body = Community)))]
pub async fn community(db: Data<Db>, actor: Actor) -> Result<Json<Community>, ApiError> {
    Ok(Json(db.read(move |tx| super::community(tx, actor.community_id)).await?))
}

/// Changes the phones and the promise of the community.
#[utoipa::path(put, path = "/api/v1/community/contacts", request_body = Contacts, responses((status = 200, body = Community)))]
pub async fn set_contacts(
    db: Data<Db>,
    actor: Actor,
    contacts: Json<Contacts>,
) -> Result<Json<Community>, ApiError> {
    let contacts = contacts.into_inner();
    Ok(Json(db.write(move |tx| super::set_contacts(tx, &actor, contacts)).await?))
}

/// The grids of the community.
#[utoipa::path(get, path = "/api/v1/grids", responses((status = 200, body = Vec<Grid>)))]
pub async fn grids(db: Data<Db>, actor: Actor) -> Result<Json<Vec<Grid>>, ApiError> {
    Ok(Json(db.read(move |tx| super::grids(tx, actor.community_id)).await?))
}

/// What a grid is made from.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct NewGrid {
    pub name: String,
}

/// Adds a grid; one of that name is answered as it is.
#[utoipa::path(post, path = "/api/v1/grids", request_body = NewGrid, responses((status = 201, body = Grid)))]
pub async fn add_grid(db: Data<Db>, actor: Actor, new: Json<NewGrid>) -> Result<HttpResponse, ApiError> {
    let grid = db.write(move |tx| super::add_grid(tx, actor.community_id, &new.name)).await?;
    Ok(HttpResponse::Created().json(grid))
}

/// Who answers first in a grid.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Worker {
    pub worker_id: Option<Id>,
    /// What the doors of the grid show; what is not said stays.
    pub phone: Option<String>,
}

/// Makes somebody the worker of a grid, or nobody.
#[utoipa::path(put, path = "/api/v1/grids/{id}/worker", params(("id" = Id, Path)), request_body = Worker, responses((status = 204)))]
pub async fn set_worker(
    db: Data<Db>,
    actor: Actor,
    grid: Path<Id>,
    worker: Json<Worker>,
) -> Result<HttpResponse, ApiError> {
    let set = move |tx: &mut Tx| {
        super::set_grid_worker(tx, actor.community_id, *grid, worker.worker_id)?;
        match &worker.phone {
            Some(phone) => super::set_grid_phone(tx, actor.community_id, *grid, phone),
            None => Ok(()),
        }
    };
    db.write(set).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Every entry of how many live here, latest first.
#[utoipa::path(get, path = "/api/v1/population", responses((status = 200, body = Vec<Population>)))]
pub async fn populations(db: Data<Db>, actor: Actor) -> Result<Json<Vec<Population>>, ApiError> {
    Ok(Json(db.read(move |tx| super::populations(tx, actor.community_id)).await?))
}

/// How many live here from a day on.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct NewPopulation {
    #[schema(value_type = String, format = Date)]
    pub effective_from: chrono::NaiveDate,
    pub residents: i32,
    pub households: i32,
    /// Units, and buildings without units; those on the list where nothing is said.
    #[serde(default)]
    pub units: Option<i32>,
    pub source: String,
}

/// Enters how many live here; replaces an entry of the same day.
#[utoipa::path(post, path = "/api/v1/population", request_body = NewPopulation, responses((status = 204)))]
pub async fn set_population(
    db: Data<Db>,
    actor: Actor,
    new: Json<NewPopulation>,
) -> Result<HttpResponse, ApiError> {
    let new = new.into_inner();
    let entry = Population {
        community_id: actor.community_id,
        effective_from: new.effective_from,
        residents: new.residents,
        households: new.households,
        units: new.units,
        source: new.source,
        entered_by: actor.name,
    };
    db.write(move |tx| super::set_population(tx, entry)).await?;
    Ok(HttpResponse::NoContent().finish())
}

//! The slip that the resident takes home, to print and as JSON.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Json, Path};

use crate::console::desk::Desk;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::places::Community;
use crate::reports::door;
use crate::reports::view::{Shell, Slip, SlipPage};
use crate::tickets::sheet::sheet;
use crate::web::{ApiError, PageError, html};
use crate::{places, tickets};

/// `GET /console/tickets/{id}/slip`: number and query code to take home, for what staff took down.
pub async fn slip(desk: Desk, id: Path<Id>) -> Result<HttpResponse, PageError> {
    let id = id.into_inner();
    let page = desk.read(move |tx, desk| slip_page(tx, desk, id)).await?;
    html(StatusCode::OK, &page)
}

/// Number and query code to take home, for what staff took down.
#[utoipa::path(
    get, path = "/api/v1/tickets/{id}/slip", tag = "tickets", params(("id" = Id, Path)),
    responses((status = 200, body = Slip), (status = 404, description = "No such ticket, or a resident made it"))
)]
pub async fn slip_json(desk: Desk, id: Path<Id>) -> Result<Json<Slip>, ApiError> {
    let id = id.into_inner();
    Ok(Json(desk.read(move |tx, desk| made_out(tx, desk, id)).await?.1))
}

fn slip_page(tx: &mut Tx, desk: &Desk, id: Id) -> Result<SlipPage> {
    let (community, slip) = made_out(tx, desk, id)?;
    let filing = (desk.config.icp.clone(), desk.config.police.clone());
    Ok(SlipPage {
        shell: Shell { title: format!("回执单 {}", slip.number), ..door::shell(&community, &filing) },
        slip,
        back_url: format!("/console/tickets/{id}"),
    })
}

fn made_out(tx: &mut Tx, desk: &Desk, id: Id) -> Result<(Community, Slip)> {
    let ticket = tickets::find(tx, desk.actor(), id)?;
    // A resident who scanned holds the secret; staff never make a second one for themselves.
    ticket.registered_by.ok_or(Error::NotFound)?;
    let community = places::community(tx, ticket.community_id)?;
    let sheet = sheet(tx, &desk.keys, desk.actor(), id)?;
    let taken_by = sheet.events.first().map(|event| event.actor.clone()).unwrap_or_default();
    let host = desk.config.base_url.trim_start_matches("https://").trim_start_matches("http://");
    let slip = Slip {
        number: ticket.number,
        query_code: desk.keys.query_code(ticket.key_version, ticket.id),
        place: [sheet.place, sheet.spot_note]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("，"),
        matter: sheet.category_name.unwrap_or(sheet.level1_name),
        came: match sheet.called_at {
            Some(called) => format!("{}，{}", sheet.channel.label(), called.long()),
            None => sheet.channel.label().to_owned(),
        },
        text: ticket.text.shown(),
        held_by: sheet.lead,
        until: match sheet.caveat.as_str() {
            "" => ticket.due_at.long(),
            caveat => format!("{}（{caveat}）", ticket.due_at.long()),
        },
        taken_by,
        taken_at: ticket.submitted_at.long(),
        lookup_address: format!("{host}/t"),
    };
    Ok((community, slip))
}

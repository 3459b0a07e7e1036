//! What went wrong on a resident's page, told on a page of the community: whom to call and who fills the form in for one
//! stand there too. A middleware, because a handler fails with an error and nothing else.
//!
//! Which community it is, the address says: the code of a door, the secret of a report, the name of a notice or a bulletin.
//! Where it names none, the page says how to find help without a number.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::door;
use super::pages::{Desk, nowhere, somewhere};
use super::view::{ErrorPage, Shell};
use crate::codes::code::Code;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::places::{self, Community};
use crate::web::{self, PageError};
use crate::words::{Look, look};

/// The middleware: an error of a resident's page becomes a page of the community.
pub async fn told(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(req).await?.map_into_boxed_body();
    let request = response.request().clone();
    let failed = response.response().error().and_then(|err| err.as_error::<PageError>());
    let (Some(PageError(err)), Some(desk)) = (failed, request.app_data::<Data<Desk>>()) else {
        return Ok(response);
    };
    if !is_residents(request.path()) || matches!(err, Error::SignedOut) {
        return Ok(response);
    }
    let page = answer(&request, desk, err).await;
    match page {
        Ok(page) => Ok(response.into_response(page)),
        // The page itself cannot be made: the plain one is left.
        Err(_) => Ok(response),
    }
}

fn is_residents(path: &str) -> bool {
    ["/q/", "/t/", "/m/", "/b/", "/notice/"].iter().any(|start| path.starts_with(start)) || path == "/t"
}

async fn answer(req: &HttpRequest, desk: &Desk, err: &Error) -> Result<HttpResponse, PageError> {
    let (look, base) = (Look::of(req), base(req.path()));
    let (say, door) = (|key| look.lang.t(key).to_string(), base.starts_with("/q/"));
    let headline = say(web::headline(err));
    let page = ErrorPage {
        shell: Shell {
            title: headline.clone(),
            look,
            here: if *req.method() == Method::GET { look::here(req) } else { page_of(&base).to_owned() },
            ..shell(desk, &base).await
        },
        status: web::status(err).as_u16(),
        headline,
        sentence: look.lang.sentence(&err.to_string()),
        way_on_url: look.to(if door { &base } else { "/t" }),
        way_on_label: say(if door { "door-go-back" } else { "frame-lookup" }),
        ..ErrorPage::default()
    };
    web::html(web::status(err), &page)
}

/// The address of the door or report that a longer one lies below.
fn base(path: &str) -> String {
    path.split('/').take(3).collect::<Vec<_>>().join("/")
}

/// The page that a form with this address stands on: the look-up has two forms.
fn page_of(base: &str) -> &str {
    if base == "/t/state" { "/t" } else { base }
}

/// What surrounds the page: that of the community, where the address names one that is there.
pub(super) async fn shell(desk: &Desk, base: &str) -> Shell {
    let mut parts = base.split('/').skip(1);
    let (kind, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default().to_owned());
    if kind == "q" {
        return match Code::parse(&name) {
            Ok(code) => match desk.doors.open(&desk.db, (&desk.config, &desk.keys), &code).await {
                Ok(door) => door.shell(),
                Err(_) => somewhere(desk).await,
            },
            Err(_) => somewhere(desk).await,
        };
    }
    let named = kind == "notice";
    let found = desk.db.read(move |tx| community(tx, (named, &name))).await;
    match found {
        Ok(Some(community)) => {
            door::shell(&community, &(desk.config.icp.clone(), desk.config.police.clone()))
        }
        Ok(None) => somewhere(desk).await,
        Err(_) => nowhere(desk),
    }
}

fn community(tx: &mut Tx, (named, name): (bool, &str)) -> Result<Option<Community>> {
    match (named, name.get(..4)) {
        (true, _) => places::community_by_prefix(tx, &name.to_uppercase()),
        (false, Some(token)) => places::community_by_token(tx, token),
        (false, None) => Ok(None),
    }
}

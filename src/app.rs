//! The running service: every route with who may call it, in one list.
//!
//! A route that is not here does not exist: the gate answers 404 for whatever the list does not name. The list is
//! what the access matrix of the tests is made from.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer, Route};

use crate::config::Config;
use crate::db::Db;
use crate::keys::Keys;
use crate::people::Role::{self, *};
use crate::people::gate::{Access, Gate, gate, nothing_here};
use crate::photos::Photos;
use crate::reports::{self, pages::Desk, scans::Scans};
use crate::{assets, health, jobs};

/// One route: method, pattern, who may call it, and the handler.
pub struct Entry {
    /// The method.
    pub method: Method,
    /// The pattern, as in logs and in the access matrix.
    pub pattern: &'static str,
    /// Who may call it.
    pub access: Access,
    route: Route,
}

const ANYONE: Access = Access::Anyone;
/// Everybody with an account.
pub const STAFF: Access = Access::Staff(Role::STAFF);
/// Those who work on tickets.
pub const DESK: Access =
    Access::Staff(&[Handler, GridWorker, CommunityWorker, CommunityLead]);
/// Those who read tickets: the desk, and who oversees it.
pub const READERS: Access = Access::Staff(&[
    Handler, GridWorker, CommunityWorker, CommunityLead, StreetManager, Auditor, Admin,
]);
/// Those who triage.
pub const TRIAGE: Access = Access::Staff(&[CommunityWorker, CommunityLead]);
/// Those who take down what they are told or see.
pub const TAKERS: Access = Access::Staff(&[GridWorker, CommunityWorker, CommunityLead]);
/// Those who decide for a community, and the admin.
pub const LEADS: Access = Access::Staff(&[CommunityLead, Admin]);
/// Those who read figures.
pub const FIGURES: Access =
    Access::Staff(&[CommunityWorker, CommunityLead, StreetManager, Auditor, Admin]);

macro_rules! route {
    ($method:ident $pattern:literal, $access:expr, $handler:expr) => {
        Entry {
            method: Method::$method,
            pattern: $pattern,
            access: $access,
            route: web::method(Method::$method).to($handler),
        }
    };
}

/// Every route there is.
#[rustfmt::skip]
pub fn routes() -> Vec<Entry> {
    vec![
        // Everybody
        route!(GET  "/static/{hash}/{name}", ANYONE, assets::serve),
        route!(GET  "/healthz", ANYONE, health::alive),
        route!(GET  "/readyz", ANYONE, health::ready),
        route!(GET  "/metrics", ANYONE, health::metrics),

        // Residents: whatever is opened lies behind the code on the door or the secret of a report
        route!(GET  "/", ANYONE, reports::pages::home),
        route!(GET  "/q/{code}", ANYONE, reports::pages::door),
        route!(POST "/q/{code}", ANYONE, reports::pages::report),
        route!(GET  "/q/{code}/photos/{kept}", ANYONE, reports::pages::kept_photo),
        route!(GET  "/t", ANYONE, reports::follow::lookup),
        route!(POST "/t", ANYONE, reports::follow::look_up),
        route!(GET  "/t/{secret}", ANYONE, reports::follow::show),
        route!(GET  "/t/{secret}/photos/{seq}", ANYONE, reports::follow::photo),
        route!(POST "/t/{secret}/answer", ANYONE, reports::follow::answer),
        route!(POST "/t/{secret}/rework", ANYONE, reports::follow::rework),
        route!(POST "/t/{secret}/message", ANYONE, reports::follow::message),
        route!(POST "/t/{secret}/withdrawal", ANYONE, reports::follow::withdraw),
    ]
}

fn resources() -> Vec<(&'static str, Vec<Route>)> {
    let mut resources: Vec<(&'static str, Vec<Route>)> = Vec::new();
    for entry in routes() {
        match resources.iter_mut().find(|(pattern, _)| *pattern == entry.pattern) {
            Some((_, routes)) => routes.push(entry.route),
            None => resources.push((entry.pattern, vec![entry.route])),
        }
    }
    resources
}

/// What the handlers share.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Parts {
    pub config: Data<Config>,
    pub db: Data<Db>,
    pub keys: Data<Keys>,
    pub photos: Data<Photos>,
    pub scans: Data<Scans>,
}

impl Parts {
    /// The parts of an installation that is ready to serve.
    pub fn new(config: Config, db: Db, keys: Keys, photos: Photos) -> Parts {
        Parts {
            config: Data::new(config),
            db: Data::new(db),
            keys: Data::new(keys),
            photos: Data::new(photos),
            scans: Data::new(Scans::default()),
        }
    }
}

/// Starts the service on `listener`, with its background work. Stops on SIGTERM when the requests under way are
/// answered; the caller then writes the scans that wait in memory.
pub fn run(listener: TcpListener, parts: Parts) -> std::io::Result<Server> {
    let scans = parts.scans.clone();
    let desk = Data::new(Desk {
        db: parts.db.clone(),
        keys: parts.keys.clone(),
        config: parts.config.clone(),
        photos: parts.photos.clone(),
        doors: Data::default(),
        scans: scans.clone(),
        guesses: Data::default(),
    });
    let lookups = Data::new(reports::follow::Lookups::default());
    jobs::start(&parts.db, &scans);
    let table = routes().into_iter().map(|entry| (entry.method, entry.pattern, entry.access));
    let table = Data::new(Gate::new(table));
    let workers = match parts.config.workers {
        0 => std::thread::available_parallelism().map_or(2, usize::from),
        workers => workers,
    };
    let server = HttpServer::new(move || {
        let mut app = App::new()
            .app_data(table.clone())
            .app_data(parts.config.clone())
            .app_data(parts.db.clone())
            .app_data(parts.keys.clone())
            .app_data(parts.photos.clone())
            .app_data(scans.clone())
            .app_data(desk.clone())
            .app_data(lookups.clone());
        // Methods of one pattern belong to one resource: the second would never be reached.
        for (pattern, resource) in resources() {
            app = app.service(resource.into_iter().fold(web::resource(pattern), |all, route| all.route(route)));
        }
        app.default_service(web::to(nothing_here)).wrap(from_fn(gate))
    });
    Ok(server.workers(workers).shutdown_timeout(30).listen(listener)?.run())
}

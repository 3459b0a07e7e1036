//! The running service: every route with who may call it, in one list.
//!
//! A route that is not here does not exist: the gate answers 404 for whatever the list does not name. The list is
//! what the access matrix of the tests is made from.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpServer, Route};

use crate::codes::poster::Posters;
use crate::config::Config;
use crate::db::Db;
use crate::error::Error;
use crate::keys::Keys;
use crate::notices::post::Post;
use crate::people::Role::{self, *};
use crate::people::Throttle;
use crate::people::gate::{Access, Body, Gate, Rule, gate, nothing_here};
use crate::photos::Photos;
use crate::reports::{self, flood::Flood, pages::Desk, scans::Scans};
use crate::tickets::{self, asks, pages as desk};
use crate::uploads::Uploads;
use crate::voices::Voices;
use crate::web::form::FILE_LIMIT;
use crate::web::{ApiError, Demo, PageError};
use crate::words::look;
use crate::{
    alike, api, assets, bulletin, calendar, codes, health, hotline, jobs, links, neighbours, notices,
    patrols, people, places, retention, routing, settings, stats, works,
};

/// One route: method, pattern, who may call it, and the handler.
pub struct Entry {
    /// The method.
    pub method: Method,
    /// The pattern, as in logs and in the access matrix.
    pub pattern: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Whether its form may carry files.
    pub body: Body,
    route: Route,
}

const ANYONE: Access = Access::Anyone;
/// Everybody with an account.
pub const STAFF: Access = Access::Staff(Role::STAFF);
/// Those who work on tickets.
pub const DESK: Access = Access::Staff(&[Handler, GridWorker, CommunityWorker, CommunityLead]);
/// Those who read tickets: the desk, and who oversees it.
pub const READERS: Access =
    Access::Staff(&[Handler, GridWorker, CommunityWorker, CommunityLead, StreetManager, Auditor, Admin]);
/// Those who triage.
pub const TRIAGE: Access = Access::Staff(&[CommunityWorker, CommunityLead]);
/// Those who press for what takes too long.
pub const PRESSING: Access = Access::Staff(&[CommunityLead, StreetManager]);
/// Those who ask for a workbook with everything in it, and those who let it out.
pub const OPENING: Access = Access::Staff(&[CommunityWorker, CommunityLead, StreetManager]);
/// Those who take down what they are told or see.
pub const TAKERS: Access = Access::Staff(&[GridWorker, CommunityWorker, CommunityLead]);
/// Those who look after doors and codes.
pub const OFFICE: Access = Access::Staff(&[CommunityWorker, CommunityLead, Admin]);
/// Those who look whether the codes hang: whoever goes from door to door, and the admin.
pub const WALKERS: Access = Access::Staff(&[GridWorker, CommunityWorker, CommunityLead, Admin]);
/// Those whose account reaches more than one community.
pub const TRAVELLERS: Access = Access::Staff(&[StreetManager, Auditor, Admin]);
/// Those who decide for a community, and the admin.
pub const LEADS: Access = Access::Staff(&[CommunityLead, Admin]);
/// Those who make the rules of who gets what: in a community, or in a street.
pub const RULERS: Access = Access::Staff(&[CommunityLead, StreetManager, Admin]);
/// Those who look through what was shown to whom.
pub const OVERSIGHT: Access = Access::Staff(&[CommunityLead, Auditor, Admin]);
/// Those who read figures.
pub const FIGURES: Access = Access::Staff(&[CommunityWorker, CommunityLead, StreetManager, Auditor, Admin]);

macro_rules! route {
    (FILES $pattern:literal, $access:expr, $handler:expr) => {
        Entry { body: Body::Files, ..route!(POST $pattern, $access, $handler) }
    };
    ($method:ident $pattern:literal, $access:expr, $handler:expr) => {
        Entry {
            method: Method::$method,
            pattern: $pattern,
            access: $access,
            body: Body::Fields,
            route: web::method(Method::$method).to($handler),
        }
    };
}

/// Every route there is.
#[rustfmt::skip]
#[expect(clippy::too_many_lines, reason = "a line for each route: that they all stand here is the point")]
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
        route!(FILES "/q/{code}", ANYONE, reports::sending::report),
        route!(POST "/q/{code}/joins", ANYONE, reports::door::join::tap),
        route!(POST "/q/{code}/alike", ANYONE, reports::door::alike::hint),
        route!(GET  "/m/{secret}", ANYONE, reports::neighbour::show),
        route!(POST "/m/{secret}", ANYONE, reports::neighbour::tell),
        route!(POST "/m/{secret}/answer", ANYONE, reports::neighbour::answer),
        route!(POST "/m/{secret}/withdrawal", ANYONE, reports::neighbour::withdraw),
        route!(GET  "/m/{secret}/data", ANYONE, reports::data::neighbour::show),
        route!(POST "/m/{secret}/data/correction", ANYONE, reports::data::neighbour::correct),
        route!(POST "/m/{secret}/data/download", ANYONE, reports::data::neighbour::download),
        route!(POST "/m/{secret}/data/erasure", ANYONE, reports::data::neighbour::erase),
        route!(GET  "/m/{secret}/voices/{seq}", ANYONE, reports::voices::of_neighbour),
        route!(GET  "/m/{secret}/photos/{seq}", ANYONE, reports::neighbour::photo),
        route!(GET  "/q/{code}/token", ANYONE, reports::sending::token),
        route!(GET  "/q/{code}/photos/{kept}", ANYONE, reports::pages::kept_photo),
        route!(GET  "/q/{code}/voices/{kept}", ANYONE, reports::voices::kept),
        route!(POST "/q/{code}/uploads", ANYONE, reports::uploads::begin),
        route!(HEAD "/q/{code}/uploads/{upload}", ANYONE, reports::uploads::offset),
        route!(PATCH "/q/{code}/uploads/{upload}", ANYONE, reports::uploads::append),
        route!(DELETE "/q/{code}/uploads/{upload}", ANYONE, reports::uploads::give_up),
        route!(GET  "/q/{code}/mine", ANYONE, reports::mine::mine),
        route!(POST "/q/{code}/mine/forgetting", ANYONE, reports::mine::forget),
        route!(POST "/q/{code}/confirmations", ANYONE, reports::closed::confirm),
        route!(GET  "/q/{code}/confirmed", ANYONE, reports::closed::confirmed),
        route!(GET  "/notice/{prefix}", ANYONE, reports::notice::list),
        route!(GET  "/notice/{prefix}/{version}", ANYONE, reports::notice::show),
        route!(GET  "/t", ANYONE, reports::follow::lookup::form),
        route!(POST "/t", ANYONE, reports::follow::lookup::look_up),
        route!(POST "/t/state", ANYONE, reports::follow::lookup::state),
        route!(GET  "/t/{secret}", ANYONE, reports::follow::show),
        route!(GET  "/t/{secret}/card.png", ANYONE, reports::card::card),
        route!(GET  "/t/{secret}/photos/{seq}", ANYONE, reports::follow::photo),
        route!(GET  "/t/{secret}/voices/{seq}", ANYONE, reports::voices::own),
        route!(GET  "/t/{secret}/kept/{kept}", ANYONE, reports::follow::adding::kept_photo),
        route!(POST "/t/{secret}/answer", ANYONE, reports::follow::answer),
        route!(POST "/t/{secret}/rework", ANYONE, reports::follow::rework),
        route!(POST "/t/{secret}/nudge", ANYONE, reports::follow::nudge),
        route!(FILES "/t/{secret}/message", ANYONE, reports::follow::adding::message),
        route!(POST "/t/{secret}/withdrawal", ANYONE, reports::follow::withdraw),
        route!(GET  "/t/{secret}/data", ANYONE, reports::data::show),
        route!(POST "/t/{secret}/data/correction", ANYONE, reports::data::correct),
        route!(POST "/t/{secret}/data/download", ANYONE, reports::data::download::download),
        route!(POST "/t/{secret}/data/erasure", ANYONE, reports::data::erase),

        // People outside: whatever is opened lies behind the secret of a link
        route!(GET  "/o/{secret}", ANYONE, links::pages::show),
        route!(FILES "/o/{secret}", ANYONE, links::pages::hand_in),
        route!(POST "/o/{secret}/taking", ANYONE, links::pages::take),
        route!(GET  "/o/{secret}/photos/{seq}", ANYONE, links::pages::photo),

        // The bulletin: what everybody may read
        route!(GET  "/b/{community}", ANYONE, bulletin::public::latest),
        route!(GET  "/b/{community}/{month}", ANYONE, bulletin::public::month),
        route!(GET  "/b/{community}/photos/{photo}", ANYONE, bulletin::public::photo),

        // Staff: the way in, the own account and those of others
        route!(GET  "/console/sign-in", ANYONE, people::pages::sign_in_page),
        route!(POST "/console/sign-in", ANYONE, people::pages::sign_in),
        route!(POST "/console/sign-out", STAFF, people::pages::sign_out),
        route!(GET  "/console/me", STAFF, people::pages::me::page),
        route!(POST "/console/me/password", STAFF, people::pages::me::change_password),
        route!(POST "/console/me/tokens", STAFF, people::pages::me::make_token),
        route!(POST "/console/me/sessions/end", STAFF, people::pages::me::end_session),
        route!(POST "/console/me/absences", STAFF, people::pages::me::set_absence),
        route!(POST "/console/me/absences/{id}/end", STAFF, people::pages::me::end_absence),
        route!(POST "/console/staff/absences", LEADS, people::pages::staff::set_absence),
        route!(POST "/console/staff/absences/{id}/end", LEADS, people::pages::staff::end_absence),
        route!(POST "/console/community", TRAVELLERS, people::pages::me::move_to),
        route!(GET  "/console/staff", LEADS, people::pages::staff::list),
        route!(POST "/console/staff", LEADS, people::pages::staff::add),
        route!(POST "/console/staff/{id}/password", LEADS, people::pages::staff::reset),
        route!(POST "/console/staff/{id}/disable", LEADS, people::pages::staff::disable),
        route!(POST "/console/staff/{id}/enable", LEADS, people::pages::staff::enable),

        // Places and codes; whole words before {id}
        route!(GET  "/console/places", OFFICE, places::pages::list),
        route!(POST "/console/places", LEADS, places::pages::add),
        route!(FILES "/console/places/import", LEADS, places::pages::take_table),
        route!(GET  "/console/places/community", LEADS, places::pages::community::page),
        route!(POST "/console/places/community", LEADS, places::pages::community::set_contacts),
        route!(POST "/console/places/grids", LEADS, places::pages::community::add_grid),
        route!(POST "/console/places/grids/{id}", LEADS, places::pages::community::set_worker),
        route!(POST "/console/places/population", LEADS, places::pages::community::set_population),
        route!(GET  "/console/places/{id}", OFFICE, places::pages::page),
        route!(POST "/console/places/{id}", LEADS, places::pages::change),
        route!(POST "/console/places/{id}/retire", LEADS, places::pages::retire),
        route!(POST "/console/places/{id}/code", LEADS, codes::pages::issue),
        route!(GET  "/console/codes/posters.pdf", OFFICE, codes::pages::all),
        route!(GET  "/console/codes/{code}/poster.{kind}", OFFICE, codes::pages::poster),
        route!(POST "/console/codes/{code}/posted", OFFICE, codes::pages::posted),
        route!(POST "/console/codes/{code}/stop", LEADS, codes::pages::stop),
        route!(POST "/console/codes/{code}/replacement", LEADS, codes::pages::replace),

        // 巡码: whole words before {code}
        route!(GET  "/console/patrols", WALKERS, patrols::pages::quiet),
        route!(GET  "/console/patrols/{code}", TAKERS, patrols::pages::spot),
        route!(FILES "/console/patrols/{code}", TAKERS, patrols::pages::note),
        route!(GET  "/console/places/{id}/patrols", WALKERS, patrols::pages::of_place),
        route!(GET  "/console/rounds/{id}/photo", WALKERS, patrols::pages::photo),
        route!(POST "/api/v1/codes/{code}/patrols", TAKERS, patrols::api::note),
        route!(GET  "/api/v1/places/{id}/patrols", WALKERS, patrols::api::of_place),
        route!(GET  "/api/v1/rounds/{id}/photo", WALKERS, patrols::pages::photo),
        route!(GET  "/api/v1/doors/quiet", WALKERS, patrols::api::quiet),
        route!(GET  "/api/v1/doors/unwell", WALKERS, patrols::api::unwell),

        // Planned works
        route!(GET  "/console/works", TRIAGE, works::pages::page),
        route!(POST "/console/works", TRIAGE, works::pages::plan),
        route!(POST "/console/works/{id}/end", TRIAGE, works::pages::end),
        route!(POST "/console/works/{id}/until", TRIAGE, works::pages::put_off),
        route!(GET  "/api/v1/works", TRIAGE, works::api::list),
        route!(POST "/api/v1/works", TRIAGE, works::api::plan),
        route!(POST "/api/v1/works/{id}/end", TRIAGE, works::api::end),
        route!(PUT  "/api/v1/works/{id}/until", TRIAGE, works::api::put_off),

        // Parties and rules
        route!(GET  "/console/parties", LEADS, routing::pages::list),
        route!(POST "/console/parties", LEADS, routing::pages::add),
        route!(POST "/console/parties/{id}", LEADS, routing::pages::change),
        route!(POST "/console/parties/{id}/disable", LEADS, routing::pages::disable),
        route!(POST "/console/parties/{id}/enable", LEADS, routing::pages::enable),
        route!(GET  "/console/rules", RULERS, routing::pages::rules::list),
        route!(POST "/console/rules", RULERS, routing::pages::rules::save),
        route!(POST "/console/rules/rehearsal", RULERS, routing::pages::rules::rehearsal),
        route!(GET  "/console/rules/new", RULERS, routing::pages::rules::new),
        route!(GET  "/console/rules/{id}", RULERS, routing::pages::rules::page),
        route!(GET  "/console/settings", LEADS, settings::pages::page),
        route!(GET  "/console/settings/calendar", LEADS, calendar::pages::page),
        route!(FILES "/console/settings/calendar", LEADS, calendar::pages::take_table),
        route!(POST "/console/settings/{name}", LEADS, settings::pages::set),

        // Notices: by which ways, in which words, and what was sent; whole words before {id}
        route!(GET  "/console/channels", LEADS, notices::pages::channels::list),
        route!(POST "/console/channels", LEADS, notices::pages::channels::add),
        route!(GET  "/console/channels/texts", LEADS, notices::pages::texts::page),
        route!(POST "/console/channels/texts", LEADS, notices::pages::texts::set),
        route!(POST "/console/channels/texts/preview", LEADS, notices::pages::texts::preview),
        route!(GET  "/console/channels/deliveries", LEADS, notices::pages::deliveries::list),
        route!(POST "/console/channels/deliveries/{id}/resend", LEADS, notices::pages::deliveries::resend),
        route!(POST "/console/channels/{id}", LEADS, notices::pages::channels::change),
        route!(POST "/console/channels/{id}/disable", LEADS, notices::pages::channels::disable),
        route!(POST "/console/channels/{id}/enable", LEADS, notices::pages::channels::enable),
        route!(POST "/console/channels/{id}/test", LEADS, notices::pages::channels::test),

        // The same as JSON
        route!(GET    "/api/v1/me", STAFF, people::api::me),
        route!(GET    "/api/v1/me/sessions", STAFF, people::api::sessions),
        route!(DELETE "/api/v1/me/sessions/{id}", STAFF, people::api::end_session),
        route!(POST   "/api/v1/me/tokens", STAFF, people::api::make_token),
        route!(GET    "/api/v1/absences", STAFF, people::api::absences),
        route!(POST   "/api/v1/absences", STAFF, people::api::set_absence),
        route!(POST   "/api/v1/absences/{id}/end", STAFF, people::api::end_absence),
        route!(GET    "/api/v1/staff", LEADS, people::api::list),
        route!(POST   "/api/v1/staff", LEADS, people::api::add),
        route!(POST   "/api/v1/staff/{id}/password", LEADS, people::api::reset),
        route!(POST   "/api/v1/staff/{id}/disable", LEADS, people::api::disable),
        route!(POST   "/api/v1/staff/{id}/enable", LEADS, people::api::enable),
        route!(GET    "/api/v1/places", OFFICE, places::api::list),
        route!(POST   "/api/v1/places", LEADS, places::api::add),
        route!(POST   "/api/v1/places/import", LEADS, places::api::take_table),
        route!(GET    "/api/v1/places/{id}", OFFICE, places::api::show),
        route!(PUT    "/api/v1/places/{id}", LEADS, places::api::change),
        route!(POST   "/api/v1/places/{id}/retire", LEADS, places::api::retire),
        route!(POST   "/api/v1/places/{id}/code", LEADS, codes::api::issue),
        route!(GET    "/api/v1/community", OFFICE, places::api::community),
        route!(PUT    "/api/v1/community/contacts", LEADS, places::api::set_contacts),
        route!(GET    "/api/v1/grids", OFFICE, places::api::grids),
        route!(POST   "/api/v1/grids", LEADS, places::api::add_grid),
        route!(PUT    "/api/v1/grids/{id}/worker", LEADS, places::api::set_worker),
        route!(GET    "/api/v1/population", OFFICE, places::api::populations),
        route!(POST   "/api/v1/population", LEADS, places::api::set_population),
        route!(GET    "/api/v1/codes", OFFICE, codes::api::list),
        route!(GET    "/api/v1/codes/posters.pdf", OFFICE, codes::api::posters),
        route!(GET    "/api/v1/codes/{code}", OFFICE, codes::api::show),
        route!(GET    "/api/v1/codes/{code}/poster.{kind}", OFFICE, codes::api::poster),
        route!(POST   "/api/v1/codes/{code}/posted", OFFICE, codes::api::posted),
        route!(POST   "/api/v1/codes/{code}/stop", LEADS, codes::api::stop),
        route!(POST   "/api/v1/codes/{code}/replacement", LEADS, codes::api::replace),
        route!(GET    "/api/v1/parties", LEADS, routing::api::parties),
        route!(POST   "/api/v1/parties", LEADS, routing::api::add),
        route!(PUT    "/api/v1/parties/{id}", LEADS, routing::api::change),
        route!(POST   "/api/v1/parties/{id}/disable", LEADS, routing::api::disable),
        route!(POST   "/api/v1/parties/{id}/enable", LEADS, routing::api::enable),
        route!(GET    "/api/v1/rules", RULERS, routing::api::rules),
        route!(POST   "/api/v1/rules", RULERS, routing::api::save_rules),
        route!(POST   "/api/v1/rules/rehearsal", RULERS, routing::api::rehearse_rules),
        route!(GET    "/api/v1/categories", STAFF, routing::api::categories),
        route!(GET    "/api/v1/calendar", STAFF, calendar::api::show),
        route!(POST   "/api/v1/calendar", LEADS, calendar::api::take_table),
        route!(GET    "/api/v1/settings", LEADS, settings::api::list),
        route!(PUT    "/api/v1/settings/{name}", LEADS, settings::api::set),

        route!(GET    "/api/v1/notices", READERS, notices::api::notices),
        route!(POST   "/api/v1/notices/seen", READERS, notices::api::see),
        route!(GET    "/api/v1/me/contact", READERS, notices::api::contact),
        route!(PUT    "/api/v1/me/contact", READERS, notices::api::set_contact),
        route!(GET    "/api/v1/channels", LEADS, notices::api::list),
        route!(POST   "/api/v1/channels", LEADS, notices::api::add),
        route!(PUT    "/api/v1/channels/{id}", LEADS, notices::api::change),
        route!(POST   "/api/v1/channels/{id}/disable", LEADS, notices::api::disable),
        route!(POST   "/api/v1/channels/{id}/enable", LEADS, notices::api::enable),
        route!(POST   "/api/v1/channels/{id}/test", LEADS, notices::api::test),
        route!(GET    "/api/v1/notice-texts", LEADS, notices::api::texts),
        route!(POST   "/api/v1/notice-texts/preview", LEADS, notices::api::preview_text),
        route!(PUT    "/api/v1/notice-texts/{topic}", LEADS, notices::api::set_text),
        route!(GET    "/api/v1/deliveries", LEADS, notices::api::deliveries),
        route!(POST   "/api/v1/deliveries/{id}/resend", LEADS, notices::api::resend),

        // The desk: who may take which step stands in tickets::status; here only who comes to the door
        route!(GET  "/console", READERS, desk::inbox),
        route!(GET  "/console/notices", READERS, notices::pages::list),
        route!(POST "/console/notices/contact", READERS, notices::pages::reach_me),
        route!(GET  "/console/queues", READERS, desk::queues),
        route!(GET  "/console/search", READERS, desk::search),
        route!(GET  "/console/bell", READERS, notices::pages::bell),
        route!(POST "/console/bell/seen", READERS, notices::pages::see),
        route!(GET  "/console/take-down", TAKERS, reports::take_down::pages::form),
        route!(FILES "/console/take-down", TAKERS, reports::take_down::pages::take_down),
        route!(FILES "/console/take-down/suggestion", TAKERS, reports::take_down::pages::suggestion),
        route!(GET  "/console/tickets/{id}", READERS, desk::ticket::show),
        route!(GET  "/console/tickets/{id}/slip", TAKERS, reports::take_down::slip::slip),
        route!(GET  "/console/tickets/{id}/photos/{seq}", READERS, desk::ticket::photo),
        route!(GET  "/console/tickets/{id}/voices/{seq}", READERS, desk::voice::play),
        route!(POST "/console/tickets/{id}/acceptance", TAKERS, desk::ticket::act::<asks::Acceptance>),
        route!(POST "/console/tickets/{id}/refusal", TRIAGE, desk::ticket::act::<asks::Refusal>),
        route!(POST "/console/tickets/{id}/merger", TRIAGE, desk::ticket::act::<asks::Merger>),
        route!(POST "/console/tickets/{id}/dispatch", TRIAGE, desk::ticket::act::<asks::Dispatch>),
        route!(POST "/console/tickets/{id}/taking", DESK, desk::ticket::act::<asks::Taking>),
        route!(POST "/console/tickets/{id}/unmerger", TRIAGE, desk::ticket::act::<asks::Unmerger>),
        route!(POST "/console/tickets/{id}/parts", TRIAGE, desk::ticket::act::<asks::Split>),
        route!(POST "/console/tickets/{id}/supports", TRIAGE, desk::ticket::act::<asks::Support>),
        route!(POST "/console/tickets/{id}/unsupports", TRIAGE, desk::ticket::act::<asks::Unsupport>),
        route!(POST "/console/tickets/{id}/extensions", DESK, desk::ticket::act::<asks::Extension>),
        route!(POST "/console/tickets/{id}/suspensions", DESK, desk::ticket::act::<asks::Suspension>),
        route!(POST "/console/tickets/{id}/resumption", TRIAGE, desk::ticket::act::<asks::Resumption>),
        route!(POST "/console/tickets/{id}/passing", TRIAGE, desk::ticket::act::<asks::Passing>),
        route!(POST "/console/tickets/{id}/urges", PRESSING, desk::ticket::act::<asks::Urge>),
        route!(POST "/console/tickets/{id}/safety", DESK, desk::ticket::act::<asks::Safety>),
        route!(POST "/console/tickets/{id}/transfer", TRIAGE, desk::ticket::act::<asks::Transfer>),
        route!(POST "/console/tickets/{id}/return", DESK, desk::ticket::act::<asks::Return>),
        route!(FILES "/console/tickets/{id}/closure", DESK, desk::ticket::act::<asks::Closure>),
        route!(POST "/console/tickets/{id}/answer", TRIAGE, desk::ticket::act::<asks::Answer>),
        route!(POST "/console/tickets/{id}/rework", TRIAGE, desk::ticket::act::<asks::Rework>),
        route!(POST "/console/tickets/{id}/archiving", TRIAGE, desk::ticket::act::<asks::Archiving>),
        route!(POST "/console/tickets/{id}/contacts", DESK, desk::ticket::act::<asks::Contacted>),
        route!(POST "/console/tickets/{id}/category", TRIAGE, desk::ticket::act::<asks::Categorization>),
        route!(POST "/console/tickets/{id}/notes", DESK, desk::ticket::act::<asks::Remark>),
        route!(POST "/console/tickets/{id}/messages", DESK, desk::ticket::act::<asks::Message>),
        route!(POST "/console/tickets/{id}/links", TRIAGE, desk::outside::invite),
        route!(POST "/console/tickets/{id}/revocations", TRIAGE, desk::ticket::act::<asks::Revocation>),
        route!(POST "/console/tickets/{id}/outside-replies", TRIAGE, desk::ticket::act::<asks::Response>),
        route!(POST "/console/tickets/{id}/outside-checks", TRIAGE, desk::outside::check),
        route!(POST "/console/tickets/{id}/outside-returns", TRIAGE, desk::ticket::act::<asks::SendBack>),
        route!(POST "/console/tickets/{id}/following", READERS, desk::ticket::act::<asks::Follow>),
        route!(POST "/console/tickets/{id}/unfollowing", READERS, desk::ticket::act::<asks::Unfollow>),
        route!(GET  "/console/outside", TRIAGE, desk::outside::waiting),
        route!(GET  "/console/following", READERS, desk::outside::following),
        route!(FILES "/console/tickets/{id}/photos", DESK, desk::ticket::act::<asks::Pictures>),
        route!(POST "/console/tickets/{id}/reveals", DESK, desk::ticket::reveal),
        route!(POST "/console/tickets/{id}/exclusions", TRIAGE, desk::ticket::act::<asks::Proposal>),
        route!(GET  "/console/exclusions", TRIAGE, desk::oversight::list),
        route!(POST "/console/exclusions/{id}/decision", TRIAGE, desk::oversight::decide),
        route!(GET  "/console/requests", TRIAGE, desk::oversight::requests),
        route!(POST "/console/requests/{id}/decision", TRIAGE, desk::oversight::decide_request),
        route!(GET  "/console/held", TRIAGE, desk::held::list),
        route!(GET  "/console/held/{id}/photos/{seq}", TRIAGE, desk::held::photo),
        route!(GET  "/console/held/{id}/voice", TRIAGE, desk::held::voice),
        route!(POST "/console/held/{id}/release", TRIAGE, desk::held::release),
        route!(POST "/console/held/{id}/discard", TRIAGE, desk::held::discard),
        route!(POST "/console/held/{id}/restoration", TRIAGE, desk::held::restore),
        route!(POST "/console/held/discards", TRIAGE, desk::held::discard_all),
        route!(GET  "/console/audits", OVERSIGHT, desk::oversight::audits),

        // The desk, in JSON
        route!(GET  "/api/openapi.json", ANYONE, api::description),
        route!(GET  "/api/v1/queues", READERS, tickets::api::queues),
        route!(GET  "/api/v1/search", READERS, tickets::api::search),
        route!(GET  "/api/v1/tickets", READERS, tickets::api::page),
        route!(POST "/api/v1/tickets", TAKERS, reports::take_down::submit_json),
        route!(POST "/api/v1/suggestion", TAKERS, reports::take_down::suggest_json),
        route!(GET  "/api/v1/tickets/{id}", READERS, tickets::api::show),
        route!(GET  "/api/v1/tickets/{id}/slip", TAKERS, reports::take_down::slip::slip_json),
        route!(GET  "/api/v1/tickets/{id}/photos/{seq}", READERS, desk::ticket::photo),
        route!(GET  "/api/v1/tickets/{id}/voices/{seq}", READERS, desk::voice::play),
        route!(GET  "/api/v1/tickets/{id}/suggestion", TRIAGE, tickets::api::suggestion),
        route!(POST "/api/v1/tickets/{id}/acceptance", TAKERS, tickets::api::accept),
        route!(POST "/api/v1/tickets/{id}/refusal", TRIAGE, tickets::api::refuse),
        route!(POST "/api/v1/tickets/{id}/merger", TRIAGE, tickets::api::merge),
        route!(POST "/api/v1/tickets/{id}/dispatch", TRIAGE, tickets::api::dispatch),
        route!(POST "/api/v1/tickets/{id}/taking", DESK, tickets::api::accept_lead),
        route!(POST "/api/v1/tickets/{id}/unmerger", TRIAGE, tickets::api::unmerge),
        route!(POST "/api/v1/tickets/{id}/parts", TRIAGE, tickets::api::split),
        route!(POST "/api/v1/tickets/{id}/supports", TRIAGE, tickets::api::support),
        route!(POST "/api/v1/tickets/{id}/unsupports", TRIAGE, tickets::api::unsupport),
        route!(POST "/api/v1/tickets/{id}/extensions", DESK, tickets::api::ask_extension),
        route!(POST "/api/v1/tickets/{id}/suspensions", DESK, tickets::api::ask_suspension),
        route!(POST "/api/v1/tickets/{id}/resumption", TRIAGE, tickets::api::resume),
        route!(POST "/api/v1/tickets/{id}/passing", TRIAGE, tickets::api::pass_on),
        route!(POST "/api/v1/tickets/{id}/urges", PRESSING, tickets::api::urge),
        route!(POST "/api/v1/tickets/{id}/safety", DESK, tickets::api::make_safe),
        route!(POST "/api/v1/tickets/{id}/transfer", TRIAGE, tickets::api::transfer),
        route!(POST "/api/v1/tickets/{id}/return", DESK, tickets::api::return_),
        route!(POST "/api/v1/tickets/{id}/closure", DESK, tickets::api::close),
        route!(POST "/api/v1/tickets/{id}/answer", TRIAGE, tickets::api::answer),
        route!(POST "/api/v1/tickets/{id}/rework", TRIAGE, tickets::api::rework),
        route!(POST "/api/v1/tickets/{id}/archiving", TRIAGE, tickets::api::archive),
        route!(POST "/api/v1/tickets/{id}/contacts", DESK, tickets::api::contact),
        route!(POST "/api/v1/tickets/{id}/category", TRIAGE, tickets::api::categorize),
        route!(POST "/api/v1/tickets/{id}/notes", DESK, tickets::api::note),
        route!(POST "/api/v1/tickets/{id}/messages", DESK, tickets::api::message),
        route!(POST "/api/v1/tickets/{id}/links", TRIAGE, tickets::api::outside::invite),
        route!(POST "/api/v1/tickets/{id}/revocations", TRIAGE, tickets::api::outside::revoke),
        route!(POST "/api/v1/tickets/{id}/outside-replies", TRIAGE, tickets::api::outside::respond),
        route!(POST "/api/v1/tickets/{id}/outside-checks", TRIAGE, tickets::api::outside::check),
        route!(POST "/api/v1/tickets/{id}/outside-returns", TRIAGE, tickets::api::outside::send_back),
        route!(POST "/api/v1/tickets/{id}/following", READERS, tickets::api::outside::follow),
        route!(POST "/api/v1/tickets/{id}/unfollowing", READERS, tickets::api::outside::unfollow),
        route!(GET  "/api/v1/outside", TRIAGE, tickets::api::outside::waiting),
        route!(GET  "/api/v1/following", READERS, tickets::api::outside::following),
        route!(POST "/api/v1/tickets/{id}/photos", DESK, tickets::api::photos),
        route!(POST "/api/v1/tickets/{id}/reveals", DESK, tickets::api::reveal),
        route!(POST "/api/v1/tickets/{id}/exclusions", TRIAGE, tickets::api::propose),
        route!(GET  "/api/v1/exclusions", TRIAGE, tickets::api::undecided),
        route!(POST "/api/v1/exclusions/{id}/decision", TRIAGE, tickets::api::decide),
        route!(GET  "/api/v1/requests", TRIAGE, tickets::api::requests),
        route!(POST "/api/v1/requests/{id}/decision", TRIAGE, tickets::api::decide_request),
        route!(GET  "/api/v1/audits", OVERSIGHT, tickets::api::audits),
        route!(GET  "/api/v1/held", TRIAGE, tickets::api::held::list),
        route!(GET  "/api/v1/held/{id}/photos/{seq}", TRIAGE, desk::held::photo),
        route!(GET  "/api/v1/held/{id}/voice", TRIAGE, desk::held::voice),
        route!(POST "/api/v1/held/{id}/release", TRIAGE, tickets::api::held::release),
        route!(POST "/api/v1/held/{id}/discard", TRIAGE, tickets::api::held::discard),
        route!(POST "/api/v1/held/{id}/restoration", TRIAGE, tickets::api::held::restore),
        route!(POST "/api/v1/held/discards", TRIAGE, tickets::api::held::discard_all),

        // What is alike: proposals of the program, decisions of people
        route!(GET  "/console/tickets/{id}/alike", TRIAGE, alike::pages::show),
        route!(POST "/console/tickets/{id}/distinction", TRIAGE, alike::pages::distinguish),
        route!(GET  "/console/tickets/{id}/neighbours", READERS, neighbours::pages::show),
        route!(POST "/console/tickets/{id}/neighbours/{neighbour}/reveals", TAKERS, neighbours::pages::reveal_phone),
        route!(POST "/console/tickets/{id}/neighbours/confirmations", TRIAGE, neighbours::pages::confirm_doubtful),
        route!(GET  "/api/v1/tickets/{id}/neighbours", READERS, neighbours::api::show),
        route!(POST "/api/v1/tickets/{id}/neighbours/{neighbour}/reveals", TAKERS, neighbours::api::reveal_phone),
        route!(POST "/api/v1/tickets/{id}/neighbours/confirmations", TRIAGE, neighbours::api::confirm_doubtful),
        route!(GET  "/console/incidents", FIGURES, alike::pages::list),
        route!(POST "/console/incidents", TRIAGE, alike::pages::decide),
        route!(GET  "/console/incidents/proposed", TRIAGE, alike::pages::banner),
        route!(GET  "/console/incidents/{id}", FIGURES, alike::pages::incident),
        route!(POST "/console/incidents/{id}/tickets", TRIAGE, alike::pages::add),
        route!(POST "/console/incidents/{id}/removals", TRIAGE, alike::pages::remove),
        route!(POST "/console/incidents/{id}/messages", TRIAGE, alike::pages::tell),
        route!(FILES "/console/incidents/{id}/closure", TRIAGE, alike::pages::close),
        route!(POST "/console/incidents/{id}/end", TRIAGE, alike::pages::end),
        route!(GET  "/console/chronic", FIGURES, alike::pages::chronic),
        route!(GET  "/api/v1/tickets/{id}/alike", TRIAGE, alike::api::show),
        route!(POST "/api/v1/tickets/{id}/distinction", TRIAGE, alike::api::distinguish),
        route!(GET  "/api/v1/incidents", FIGURES, alike::api::list),
        route!(POST "/api/v1/incidents", TRIAGE, alike::api::confirm),
        route!(GET  "/api/v1/incidents/proposed", TRIAGE, alike::api::proposed),
        route!(POST "/api/v1/incidents/dismissal", TRIAGE, alike::api::dismiss),
        route!(GET  "/api/v1/incidents/{id}", FIGURES, alike::api::incident),
        route!(POST "/api/v1/incidents/{id}/tickets", TRIAGE, alike::api::add),
        route!(POST "/api/v1/incidents/{id}/removals", TRIAGE, alike::api::remove),
        route!(POST "/api/v1/incidents/{id}/messages", TRIAGE, alike::api::tell),
        route!(POST "/api/v1/incidents/{id}/closure", TRIAGE, alike::api::close),
        route!(POST "/api/v1/incidents/{id}/end", TRIAGE, alike::api::end),
        route!(GET  "/api/v1/chronic", FIGURES, alike::api::chronic),

        // The bulletin as staff make it; who may publish stands in tickets::status
        route!(GET  "/console/bulletin", TRIAGE, bulletin::pages::list),
        route!(GET  "/console/bulletin/{id}", TRIAGE, bulletin::pages::show),
        route!(POST "/console/bulletin/{id}", TRIAGE, bulletin::pages::draft),
        route!(POST "/console/bulletin/{id}/photos", TRIAGE, bulletin::pages::choose),
        route!(GET  "/console/bulletin/{id}/photos/{seq}", TRIAGE, bulletin::pages::photo),
        route!(POST "/console/bulletin/{id}/photos/{seq}/removal", TRIAGE, bulletin::pages::leave_out),
        route!(POST "/console/bulletin/{id}/publication", TRIAGE, bulletin::pages::publish),
        route!(POST "/console/bulletin/{id}/retraction", TRIAGE, bulletin::pages::take_back),
        route!(GET    "/api/v1/bulletin", TRIAGE, bulletin::api::list),
        route!(GET    "/api/v1/bulletin/{id}", TRIAGE, bulletin::api::show),
        route!(PUT    "/api/v1/bulletin/{id}", TRIAGE, bulletin::api::draft),
        route!(POST   "/api/v1/bulletin/{id}/photos", TRIAGE, bulletin::api::choose),
        route!(GET    "/api/v1/bulletin/{id}/photos/{seq}", TRIAGE, bulletin::pages::photo),
        route!(DELETE "/api/v1/bulletin/{id}/photos/{seq}", TRIAGE, bulletin::api::leave_out),
        route!(POST   "/api/v1/bulletin/{id}/publication", TRIAGE, bulletin::api::publish),
        route!(POST   "/api/v1/bulletin/{id}/retraction", TRIAGE, bulletin::api::take_back),

        // Figures
        route!(GET  "/console/stats", FIGURES, stats::pages::show),
        route!(GET  "/console/stats/tickets", FIGURES, stats::behind::tickets),
        route!(GET  "/console/stats/levels.csv", FIGURES, stats::csv::levels),
        route!(GET  "/console/stats/tickets.csv", FIGURES, stats::csv::tickets),
        route!(GET  "/console/stats/backlog.csv", FIGURES, stats::csv::backlog),
        route!(GET  "/console/stats/hotline/buildings.csv", FIGURES, stats::csv::buildings),
        route!(GET  "/console/stats/tables", FIGURES, stats::pages::tables),
        route!(GET  "/console/stats/backlog", FIGURES, stats::waiting::line),
        route!(GET  "/console/stats/backlog/tickets", FIGURES, stats::waiting::moment),
        route!(GET  "/console/stats/alerts", FIGURES, stats::alerts::show),
        route!(GET  "/console/stats/levels", FIGURES, stats::levels::pages::show),
        route!(GET  "/console/dashboard", FIGURES, stats::dashboard::pages::show),
        route!(GET  "/console/stats/workbook.xlsx", FIGURES, stats::pages::workbook),
        route!(GET  "/console/stats/hotline", FIGURES, stats::pages::hotline::show),
        route!(GET  "/console/stats/hotline/tickets", FIGURES, stats::sides::show),
        route!(POST "/console/stats/hotline", LEADS, stats::pages::hotline::type_total),
        route!(POST "/console/stats/hotline/removal", LEADS, stats::pages::hotline::remove_total),
        route!(GET  "/console/stats/paper.html", FIGURES, stats::issued::pages::draft_paper),
        route!(GET  "/console/stats/tables/{place}.csv", FIGURES, stats::issued::pages::draft_table),
        route!(GET  "/console/stats/issued", FIGURES, stats::issued::pages::list),
        route!(POST "/console/stats/issued", LEADS, stats::issued::pages::issue),
        route!(GET  "/console/stats/issued/{id}", FIGURES, stats::issued::pages::show),
        route!(GET  "/console/stats/issued/{id}/verification", FIGURES, stats::issued::pages::verification),
        route!(GET  "/console/stats/issued/{id}/paper.html", FIGURES, stats::issued::pages::paper),
        route!(GET  "/console/stats/issued/{id}/workbook.xlsx", FIGURES, stats::issued::pages::workbook),
        route!(GET  "/console/stats/issued/{id}/snapshot.json", FIGURES, stats::issued::pages::snapshot_file),
        route!(GET  "/console/stats/issued/{id}/tables/{place}.csv", FIGURES, stats::issued::pages::table),
        route!(GET  "/console/stats/unmasked", OPENING, stats::unmasked::pages::page),
        route!(POST "/console/stats/unmasked", TRIAGE, stats::unmasked::pages::request),
        route!(POST "/console/stats/unmasked/{id}/decision", PRESSING, stats::unmasked::pages::decision),
        route!(GET  "/console/stats/unmasked/{id}/workbook.xlsx", TRIAGE, stats::unmasked::pages::fetch),
        route!(GET  "/api/v1/stats", FIGURES, stats::api::show),
        route!(GET  "/api/v1/stats/tickets", FIGURES, stats::api::tickets),
        route!(GET  "/api/v1/stats/backlog", FIGURES, stats::api::backlog),
        route!(GET  "/api/v1/stats/backlog/tickets", FIGURES, stats::api::backlog_tickets),
        route!(GET  "/api/v1/stats/alerts", FIGURES, stats::api::alerts),
        route!(GET  "/api/v1/stats/levels", FIGURES, stats::levels::pages::json),
        route!(GET  "/api/v1/dashboard", FIGURES, stats::api::dashboard),
        route!(GET  "/api/v1/stats/hotline", FIGURES, stats::api::compare),
        route!(GET  "/api/v1/stats/hotline/tickets", FIGURES, stats::sides::json),
        route!(POST "/api/v1/hotline-totals", LEADS, stats::api::type_total),
        route!(DELETE "/api/v1/hotline-totals/{period}", LEADS, stats::api::remove_total),
        route!(GET  "/api/v1/stats/workbook.xlsx", FIGURES, stats::pages::workbook),

        // The hotline's tickets, row by row; whole words before {id}
        route!(GET  "/console/hotline", FIGURES, hotline::pages::list),
        route!(FILES "/console/hotline", OFFICE, hotline::pages::bring),
        route!(GET  "/console/hotline/names", OFFICE, hotline::pages::names::page),
        route!(POST "/console/hotline/names", OFFICE, hotline::pages::names::decide),
        route!(GET  "/console/hotline/pairs", TRIAGE, hotline::pages::pairs::page),
        route!(POST "/console/hotline/pairs", TRIAGE, hotline::pages::pairs::decide),
        route!(GET  "/console/hotline/{id}", FIGURES, hotline::pages::page),
        route!(GET  "/console/hotline/{id}/rejects.csv", FIGURES, hotline::pages::rejects),
        route!(POST "/console/hotline/{id}/confirmation", OFFICE, hotline::pages::confirm),
        route!(POST "/console/hotline/{id}/removal", OFFICE, hotline::pages::undo),
        route!(GET  "/api/v1/hotline/batches", FIGURES, hotline::api::batches),
        route!(POST "/api/v1/hotline/batches", OFFICE, hotline::api::bring),
        route!(GET  "/api/v1/hotline/batches/{id}", FIGURES, hotline::api::batch),
        route!(GET  "/api/v1/hotline/batches/{id}/rejects", FIGURES, hotline::api::rejects),
        route!(POST "/api/v1/hotline/batches/{id}/confirmation", OFFICE, hotline::api::confirm),
        route!(POST "/api/v1/hotline/batches/{id}/removal", OFFICE, hotline::api::undo),
        route!(GET  "/api/v1/hotline/names", OFFICE, hotline::api::names),
        route!(PUT  "/api/v1/hotline/names", OFFICE, hotline::api::decide_name),
        route!(GET  "/api/v1/hotline/proposals", TRIAGE, hotline::api::proposals),
        route!(GET  "/api/v1/hotline/pairs", TRIAGE, hotline::api::pairs),
        route!(POST "/api/v1/hotline/pairs", TRIAGE, hotline::api::decide_pair),
        route!(GET  "/api/v1/stats/paper.html", FIGURES, stats::issued::pages::draft_paper),
        route!(GET  "/api/v1/stats/tables/{place}.csv", FIGURES, stats::issued::pages::draft_table),
        route!(GET  "/api/v1/reports", FIGURES, stats::issued::api::list),
        route!(POST "/api/v1/reports", LEADS, stats::issued::api::issue),
        route!(GET  "/api/v1/reports/{id}", FIGURES, stats::issued::api::show),
        route!(GET  "/api/v1/reports/{id}/verification", FIGURES, stats::issued::api::verification),
        route!(GET  "/api/v1/reports/{id}/paper.html", FIGURES, stats::issued::pages::paper),
        route!(GET  "/api/v1/reports/{id}/workbook.xlsx", FIGURES, stats::issued::pages::workbook),
        route!(GET  "/api/v1/reports/{id}/snapshot.json", FIGURES, stats::issued::pages::snapshot_file),
        route!(GET  "/api/v1/reports/{id}/tables/{place}.csv", FIGURES, stats::issued::pages::table),
        route!(GET  "/api/v1/unmasked", OPENING, stats::unmasked::api::requests),
        route!(POST "/api/v1/unmasked", TRIAGE, stats::unmasked::api::request),
        route!(POST "/api/v1/unmasked/{id}/decision", PRESSING, stats::unmasked::api::decision),
        route!(GET  "/api/v1/unmasked/{id}/workbook.xlsx", TRIAGE, stats::unmasked::pages::fetch),
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

/// What cannot be read at all, answered like every other error.
fn refuse(req: &HttpRequest, err: Error) -> actix_web::Error {
    if crate::web::wants_json(req.path()) { ApiError(err).into() } else { PageError(err).into() }
}

/// A page of an address that nobody made does not exist; a program is told which of its words was wrong.
fn no_query(err: &actix_web::error::QueryPayloadError, req: &HttpRequest) -> Error {
    match crate::web::wants_json(req.path()) {
        true => Error::invalid("query", format!("网址中的参数不对：{err}")),
        false => Error::NotFound,
    }
}

const NO_FORM: &str = "表单没有收完整，请返回上一页再提交一次；您填写的内容还在上一页";

fn no_json(err: &actix_web::error::JsonPayloadError) -> Error {
    Error::invalid("body", format!("请求的内容不是要求的 JSON：{err}"))
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

/// What the pages after a report keep for a while.
#[derive(Clone, Default)]
struct Lately {
    cards: Data<reports::card::Cards>,
    taps: Data<reports::closed::Taps>,
    added: Data<reports::follow::adding::Added>,
    ready: Data<bulletin::public::Ready>,
}

impl Lately {
    fn share(&self, config: &mut web::ServiceConfig) {
        config.app_data(self.cards.clone()).app_data(self.taps.clone());
        config.app_data(self.added.clone()).app_data(self.ready.clone());
    }
}

/// What the handlers of a door work with; opens the folders of what phones send.
fn desk_of(parts: &Parts) -> std::io::Result<Desk> {
    let voices = Voices::open(&parts.config.photos_dir()).map_err(std::io::Error::other)?;
    let uploads = Uploads::open(&parts.config.uploads_dir()).map_err(std::io::Error::other)?;
    let demo = parts.db.read_now(places::only_demonstration).map_err(std::io::Error::other)?;
    Ok(Desk {
        demo: Demo(demo),
        db: parts.db.clone(),
        keys: parts.keys.clone(),
        config: parts.config.clone(),
        photos: parts.photos.clone(),
        voices: Data::new(voices),
        uploads: Data::new(uploads),
        doors: Data::default(),
        scans: parts.scans.clone(),
        guesses: Data::default(),
        taps: Data::default(),
        flood: Data::new(Flood::default()),
    })
}

/// Starts the service on `listener`, with its background work. Stops on SIGTERM when the requests under way are
/// answered; the caller then writes the scans that wait in memory.
pub fn run(listener: TcpListener, parts: Parts) -> std::io::Result<Server> {
    let (scans, desk) = (parts.scans.clone(), Data::new(desk_of(&parts)?));
    let begun = Data::new(reports::uploads::Begun::default());
    let wrong = Data::new(links::Wrong::default());
    let lookups = Data::new(reports::follow::lookup::Lookups::default());
    // A community's own template with a fault is said at start, not at the door.
    let posters = Posters::new(parts.config.templates_dir.as_deref()).map_err(std::io::Error::other)?;
    let posters = Data::new(posters);
    let lately = Lately::default();
    let throttle = Data::new(Throttle::default());
    let post = Data::new(Post::new(&parts.config).map_err(std::io::Error::other)?);
    let kept = (&parts.photos, retention::exports_dir(&parts.config));
    jobs::start(&parts.db, &scans, (&parts.keys, &post), kept);
    jobs::clear(&parts.db, &parts.photos, (&desk.voices, &desk.uploads));
    let table = Data::new(Gate::new(
        routes()
            .into_iter()
            .map(|entry| (entry.method, entry.pattern, Rule { access: entry.access, body: entry.body })),
    ));
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
            .app_data(desk.demo)
            .app_data(desk.voices.clone())
            .app_data(begun.clone())
            .app_data(scans.clone())
            .app_data(desk.clone())
            .app_data(lookups.clone())
            .app_data(wrong.clone())
            .app_data(posters.clone())
            .configure(|config| lately.share(config))
            .app_data(throttle.clone())
            .app_data(post.clone())
            .app_data(web::PathConfig::default().error_handler(|_, req| refuse(req, Error::NotFound)))
            .app_data(web::QueryConfig::default().error_handler(|err, req| refuse(req, no_query(&err, req))))
            .app_data(web::JsonConfig::default().error_handler(|err, req| refuse(req, no_json(&err))))
            // The notice of a community, in Chinese and percent-encoded.
            .app_data(
                web::FormConfig::default()
                    .limit(256 << 10)
                    .error_handler(|_, req| refuse(req, Error::invalid("form", NO_FORM))),
            )
            // A table of places that is the whole body of a request.
            .app_data(web::PayloadConfig::new(FILE_LIMIT));
        // Methods of one pattern belong to one resource: the second would never be reached.
        for (pattern, resource) in resources() {
            app =
                app.service(resource.into_iter().fold(web::resource(pattern), |all, route| all.route(route)));
        }
        app.default_service(web::to(nothing_here))
            .wrap(from_fn(reports::faults::told))
            .wrap(from_fn(look::remember))
            .wrap(from_fn(gate))
    });
    Ok(server.workers(workers).shutdown_timeout(30).listen(listener)?.run())
}

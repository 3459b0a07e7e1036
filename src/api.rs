//! The description of the JSON API (OpenAPI 3.1), gathered from the annotations of its handlers.
//!
//! Each capability keeps its handlers in its own `api.rs` and lists them here. Nothing here answers anything else.

use actix_web::HttpResponse;
use utoipa::OpenApi;

use crate::alike::api as alike;
use crate::bulletin::api as bulletin;
use crate::bulletin::pages as bulletin_photo;
use crate::calendar::api as calendar;
use crate::codes::api as codes;
use crate::hotline::api as hotline;
use crate::neighbours::api as neighbours;
use crate::notices::api as notices;
use crate::patrols::api as patrols;
use crate::patrols::pages as rounds;
use crate::people::api as people;
use crate::places::api as places;
use crate::reports::take_down;
use crate::routing::api as routing;
use crate::settings::api as settings;
use crate::stats::api as stats;
use crate::stats::issued::api as issued;
use crate::stats::issued::pages as issued_files;
use crate::stats::levels::pages as levels;
use crate::stats::pages as figures;
use crate::stats::sides;
use crate::stats::unmasked::api as unmasked;
use crate::stats::unmasked::pages as unmasked_file;
use crate::tickets::api as tickets;
use crate::tickets::api::{held, outside};
use crate::tickets::pages::held as held_files;
use crate::tickets::pages::ticket as photo;
use crate::tickets::pages::voice;
use crate::web::PageError;
use crate::works::api as works;

/// Everything under `/api/v1`.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "楼码",
        description = "一楼一码的开放接口。用 Authorization: Bearer 令牌登录；错误按 RFC 9457 返回。"
    ),
    paths(
        bulletin::list,
        bulletin::show,
        bulletin::draft,
        bulletin::choose,
        bulletin::leave_out,
        bulletin_photo::photo,
        bulletin::publish,
        bulletin::take_back,
        tickets::queues,
        tickets::page,
        tickets::search,
        tickets::show,
        take_down::submit_json,
        take_down::suggest_json,
        take_down::slip::slip_json,
        photo::photo,
        voice::play,
        held::list,
        held_files::photo,
        held_files::voice,
        held::release,
        held::discard,
        held::restore,
        held::discard_all,
        tickets::accept,
        tickets::refuse,
        tickets::merge,
        tickets::dispatch,
        tickets::accept_lead,
        tickets::unmerge,
        tickets::split,
        tickets::support,
        tickets::unsupport,
        tickets::ask_extension,
        tickets::ask_suspension,
        tickets::resume,
        tickets::pass_on,
        tickets::urge,
        tickets::make_safe,
        tickets::requests,
        tickets::decide_request,
        tickets::transfer,
        tickets::return_,
        tickets::close,
        tickets::answer,
        tickets::rework,
        tickets::archive,
        tickets::contact,
        tickets::categorize,
        tickets::note,
        tickets::message,
        tickets::photos,
        outside::invite,
        outside::revoke,
        outside::respond,
        outside::check,
        outside::send_back,
        outside::follow,
        outside::unfollow,
        outside::following,
        outside::waiting,
        tickets::reveal,
        tickets::propose,
        tickets::undecided,
        tickets::decide,
        tickets::audits,
        alike::show,
        alike::distinguish,
        alike::list,
        alike::confirm,
        alike::proposed,
        alike::dismiss,
        alike::incident,
        alike::add,
        alike::remove,
        alike::tell,
        alike::close,
        alike::end,
        alike::chronic,
        stats::show,
        stats::tickets,
        stats::backlog,
        stats::backlog_tickets,
        stats::alerts,
        stats::dashboard,
        levels::json,
        stats::compare,
        sides::json,
        stats::type_total,
        stats::remove_total,
        figures::workbook,
        hotline::batches,
        hotline::bring,
        hotline::batch,
        hotline::rejects,
        hotline::confirm,
        hotline::undo,
        hotline::names,
        hotline::decide_name,
        hotline::proposals,
        hotline::pairs,
        hotline::decide_pair,
        issued::list,
        issued::issue,
        issued::show,
        issued::verification,
        issued_files::paper,
        issued_files::workbook,
        issued_files::snapshot_file,
        issued_files::table,
        issued_files::draft_table,
        issued_files::draft_paper,
        unmasked::requests,
        unmasked::request,
        unmasked::decision,
        unmasked_file::fetch,
        codes::list,
        codes::show,
        codes::posters,
        codes::poster,
        codes::issue,
        codes::posted,
        codes::stop,
        codes::replace,
        people::me,
        people::sessions,
        people::end_session,
        people::make_token,
        people::absences,
        people::set_absence,
        people::end_absence,
        people::list,
        people::add,
        people::reset,
        people::disable,
        people::enable,
        places::list,
        places::show,
        places::add,
        places::change,
        places::retire,
        places::take_table,
        places::community,
        places::set_contacts,
        places::grids,
        places::add_grid,
        places::set_worker,
        places::populations,
        places::set_population,
        routing::parties,
        routing::add,
        routing::change,
        routing::disable,
        routing::enable,
        routing::categories,
        calendar::show,
        calendar::take_table,
        notices::notices,
        notices::see,
        notices::contact,
        notices::set_contact,
        notices::list,
        notices::add,
        notices::change,
        notices::disable,
        notices::enable,
        notices::test,
        notices::texts,
        notices::set_text,
        notices::preview_text,
        notices::deliveries,
        notices::resend,
        routing::rules,
        routing::rehearse_rules,
        routing::save_rules,
        tickets::suggestion,
        settings::list,
        settings::set,
        patrols::note,
        rounds::photo,
        patrols::of_place,
        patrols::quiet,
        patrols::unwell,
        neighbours::show,
        neighbours::reveal_phone,
        neighbours::confirm_doubtful,
        works::list,
        works::plan,
        works::end,
        works::put_off,
    )
)]
pub struct Description;

/// `GET /api/openapi.json`.
pub async fn description() -> Result<HttpResponse, PageError> {
    let text = Description::openapi().to_json().map_err(crate::error::Error::internal)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

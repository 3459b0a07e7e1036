//! The console of staff: what surrounds its pages, and the way in.
//!
//! Each capability draws its own pages inside `console/layout.html`. Nothing here changes a ticket; the counts in the
//! frame are asked of the capabilities.

pub mod desk;
pub mod view;
pub mod visit;

use crate::config::Config;
use crate::db::Tx;
use crate::error::Result;
use crate::keys::Keys;
use crate::people::{Role, Session, gate};
use crate::routing::rules;
use crate::tickets::held;
use crate::tickets::links;
use crate::tickets::list::{self, Queue};
use crate::tickets::requests;
use crate::{notices, places};

use self::view::{Chrome, NavItem};

/// Where the rules lie; whoever may mend them sees there how many need it.
const RULES: &str = "/console/rules";

/// Where reports lie that were held.
const HELD: &str = "/console/held";

/// The entries of the side navigation: where each leads and who sees it. The gate decides; this only hides.
const NAV: &[(&str, &str, &[Role])] = {
    use Role::*;
    const STAFF: &[Role] = Role::STAFF;
    &[
        ("收件箱", "/console", STAFF),
        ("审批", "/console/requests", &[CommunityWorker, CommunityLead]),
        ("疑似", HELD, &[CommunityWorker, CommunityLead]),
        ("关注", "/console/following", STAFF),
        ("外部单位", "/console/outside", &[CommunityWorker, CommunityLead]),
        ("代录", "/console/take-down", &[GridWorker, CommunityWorker, CommunityLead]),
        ("事件", "/console/incidents", &[CommunityWorker, CommunityLead, StreetManager, Auditor, Admin]),
        ("公示", "/console/bulletin", &[CommunityWorker, CommunityLead]),
        ("看板", "/console/dashboard", &[CommunityWorker, CommunityLead, StreetManager, Auditor, Admin]),
        ("统计", "/console/stats", &[CommunityWorker, CommunityLead, StreetManager, Auditor, Admin]),
        ("12345 工单", "/console/hotline", &[CommunityWorker, CommunityLead, StreetManager, Auditor, Admin]),
        ("楼门与码", "/console/places", &[CommunityWorker, CommunityLead, Admin]),
        ("巡码", "/console/patrols", &[GridWorker, CommunityWorker, CommunityLead, Admin]),
        ("计划施工", "/console/works", &[CommunityWorker, CommunityLead]),
        ("人员", "/console/staff", &[CommunityLead, Admin]),
        ("单位", "/console/parties", &[CommunityLead, Admin]),
        ("派单规则", RULES, &[CommunityLead, StreetManager, Admin]),
        ("通知", "/console/channels", &[CommunityLead, Admin]),
        ("查看记录", "/console/audits", &[CommunityLead, Auditor, Admin]),
        ("设置", "/console/settings", &[CommunityLead, Admin]),
    ]
};

/// What surrounds a page of staff, for whoever is signed in. `path` is where the page lies.
pub fn chrome(
    tx: &mut Tx,
    session: &Session,
    (keys, config): (&Keys, &Config),
    title: &str,
    path: &str,
) -> Result<Chrome> {
    let actor = &session.actor;
    // An admin of an empty installation has no community yet.
    let community = places::community(tx, actor.community_id).ok();
    let unread = notices::bell::all_unread(tx, actor)? as u32;
    let waiting = list::counts(tx, actor)?;
    let decides = actor.role == Role::CommunityLead;
    let asked = if decides { requests::waiting(tx, actor)? as u32 } else { 0 };
    let outside = match actor.role {
        Role::CommunityWorker | Role::CommunityLead => links::waiting_count(tx, actor.community_id)? as u32,
        _ => 0,
    };
    let count = |queue| waiting.iter().find(|(each, _)| *each == queue).map_or(0, |(_, count)| *count as u32);
    let mends = NAV.iter().any(|(_, url, roles)| *url == RULES && roles.contains(&actor.role));
    let flagged = match community.is_some() && mends {
        true => rules::flagged(tx, actor.community_id)? as u32,
        false => 0,
    };
    let held = held::waiting(tx, actor)? as u32;
    let count_at = |url: &str| match url {
        // What went up to them; everybody else sees what came in.
        "/console" if actor.role == Role::StreetManager => count(Queue::Escalated),
        HELD => held,
        "/console" => count(Queue::New),
        "/console/requests" => asked,
        RULES => flagged,
        "/console/outside" => outside,
        _ => 0,
    };
    let nav = NAV.iter().filter(|(.., roles)| roles.contains(&actor.role));
    Ok(Chrome {
        title: title.to_owned(),
        person: actor.name.clone(),
        role: actor.role.label().to_owned(),
        community: community.as_ref().map(|community| community.name.clone()).unwrap_or_default(),
        demo: community.is_some_and(|community| community.demo),
        unread,
        nav: nav
            .map(|(label, url, _)| NavItem {
                label: (*label).to_owned(),
                url: (*url).to_owned(),
                current: path == *url || (*url != "/console" && path.starts_with(url)),
                count: count_at(url),
            })
            .collect(),
        csrf: gate::csrf(keys, session),
        footer: footer(config),
    })
}

/// The last line of every page of staff.
pub fn footer(config: &Config) -> String {
    let parts = [concat!("楼码 ", env!("CARGO_PKG_VERSION")), config.icp.as_str(), config.police.as_str()];
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" · ")
}

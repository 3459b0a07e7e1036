//! What the page of one report says: filled from the ticket and its history, with what its resident may know.
//!
//! A merged report says how the one goes on that it went into; a report of several matters says them all. Nothing is
//! changed here.

use crate::alike::incidents;
use crate::db::{Time, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::people::{Actor, Role};
use crate::places::{self, Community};
use crate::reports::door::board::{Danger, alarms};
use crate::reports::door::shell;
use crate::reports::view::{
    Choice, Ending, Message, Part, Photo, Progress, Questions, Rework, Shell, Step, TicketPage,
};
use crate::routing;
use crate::settings::{self, Windows};
use crate::tickets::links::photos_of;
use crate::tickets::{
    self, Act, Audience, Plain, Satisfaction, Stage, Status, Ticket, TicketPhoto, merging, requests,
};
use crate::words::Look;

/// Fills the page with what its resident may know.
pub(super) fn fill(
    tx: &mut Tx,
    keys: &Keys,
    ticket: &Ticket,
    secret: &str,
    filing: &(String, String),
) -> Result<TicketPage> {
    let actor = Actor::resident(ticket.community_id);
    let community = places::community(tx, ticket.community_id)?;
    // A merged report follows its main one, but keeps its own words, photos and number.
    let leading = merging::leading(tx, ticket)?;
    let lead = routing::party(tx, ticket.community_id, leading.lead_id)?;
    let place = places::find(tx, ticket.community_id, ticket.place_id)?;
    let history = tickets::history(tx, &actor, ticket)?;
    let path = format!("/t/{secret}");
    let open = leading.status.clock_runs();
    let steps = ticket.stand().steps_for(Role::Resident);
    let offers = |step: tickets::Step| steps.contains(&step);
    let photos = tickets::photos(tx, ticket)?;
    let spoken = tickets::voices::of(tx, &actor, ticket)?;
    let shot = |photo: &TicketPhoto| {
        let url = format!("{path}/photos/{}", photo.seq);
        Photo { thumb: format!("{url}?size=thumb"), url }
    };
    // What was added later stands with its message.
    let added: Vec<i32> = history.iter().filter(|event| said(event)).flat_map(photos_of).collect();
    let shots = |stage: Stage| {
        let own = photos.iter().filter(|photo| photo.stage == stage && !added.contains(&photo.seq));
        own.map(shot).collect()
    };
    let beside = |event: &tickets::Event| {
        let numbers = photos_of(event);
        photos.iter().filter(|photo| numbers.contains(&photo.seq)).map(shot).collect()
    };
    Ok(TicketPage {
        shell: Shell {
            // WeChat keeps titles in its history and shows them where the page is sent on: no place, no matter.
            title: format!("办理进度 {}", ticket.number),
            ..shell(&community, filing)
        },
        number: ticket.number.clone(),
        query_code: keys.query_code(ticket.key_version, ticket.id),
        headline: headline(&leading).to_owned(),
        held_by: if open { holder(&leading, &lead.name, &community.name) } else { String::new() },
        until: until(tx, &leading)?,
        parts: parts(tx, keys, &community, ticket)?,
        can_nudge: ticket.stand().allows(Act::Nudge, Role::Resident).is_ok(),
        promise: promise(&leading, tx.now),
        steps: plain_steps(&leading, &lead.name),
        ending: ending(ticket, &history),
        result: leading.result_text.shown(),
        photos: shots(Stage::Report),
        voices: spoken.iter().map(|voice| format!("{path}/voices/{}", voice.seq)).collect(),
        repaired: shots(Stage::After),
        questions: offers(tickets::Step::Answer).then(questions),
        answered: answered(ticket),
        rework: rework_offer(tx, ticket, offers(tickets::Step::Rework))?,
        shared: incidents::of(tx, ticket)?.is_some(),
        messages: messages(&history, beside),
        can_write: ticket.stand().allows(Act::Reply, Role::Resident).is_ok(),
        can_withdraw: offers(tickets::Step::Withdraw),
        place: place.full_name,
        danger: danger(tx, &community, &leading)?,
        matter: matter(tx, ticket)?,
        text: ticket.text.shown(),
        path,
        ..TicketPage::default()
    })
}

/// Until when it is to be done; on account, when it is looked at again.
fn until(tx: &mut Tx, ticket: &Ticket) -> Result<String> {
    Ok(match requests::account(tx, ticket)? {
        Some(account) => format!("现在办不了，已经登记在案，{} 前再看能不能办", account.until_at.long()),
        None if ticket.status.clock_runs() => {
            let (way, limit) = (tickets::reckoning(tx, ticket)?, (ticket.submitted_at, ticket.due_at));
            let caveat = way.caveat(limit.0, limit.1);
            let more = if caveat.is_empty() { caveat } else { format!("（{caveat}）") };
            match ticket.rounds > 0 && ticket.due_at <= tx.now {
                true => format!("正在重办；原定 {} 前办结，已经过了，重办不重新计时", ticket.due_at.long()),
                false => format!("最晚 {} 前办结，{}{more}", ticket.due_at.long(), way.left(limit, tx.now)),
            }
        }
        None => String::new(),
    })
}

/// The other matters of the same report, which have numbers and clocks of their own.
fn parts(tx: &mut Tx, keys: &Keys, community: &Community, ticket: &Ticket) -> Result<Vec<Part>> {
    let mut shown = Vec::new();
    for part in merging::parts(tx, ticket)? {
        let leading = merging::leading(tx, &part)?;
        let lead = routing::party(tx, leading.community_id, leading.lead_id)?;
        let steps = part.stand().steps_for(Role::Resident);
        let open = leading.status.clock_runs();
        shown.push(Part {
            path: format!("/t/{}", keys.ticket_secret(part.key_version, &community.token, part.id)),
            headline: headline(&leading).to_owned(),
            held_by: if open { holder(&leading, &lead.name, &community.name) } else { String::new() },
            until: until(tx, &leading)?,
            text: part.text.shown(),
            result: leading.result_text.shown(),
            questions: steps.contains(&tickets::Step::Answer).then(questions),
            answered: answered(&part),
            rework: rework_offer(tx, &part, steps.contains(&tickets::Step::Rework))?,
            number: part.number,
        });
    }
    Ok(shown)
}

pub(in crate::reports) fn headline(ticket: &Ticket) -> &'static str {
    match ticket.status.plain() {
        Plain::Submitted => "已经提交，等社区受理",
        Plain::Accepted => "社区已经受理",
        Plain::Working => "正在处理",
        Plain::Done if ticket.status.ended_early() => "这件事已经结束",
        Plain::Done => "已经办结",
    }
}

/// Who holds it now: the party only once it was given the ticket.
fn holder(ticket: &Ticket, lead: &str, community: &str) -> String {
    if ticket.dispatched_at.is_some() { lead.to_owned() } else { format!("{community}社区") }
}

fn promise(ticket: &Ticket, now: Time) -> String {
    let waiting = ticket.status.clock_runs() && ticket.first_contact_at.is_none();
    match (waiting, ticket.phone_masked.is_some(), now < ticket.first_contact_due) {
        (true, true, true) => format!("工作人员会在 {} 前给您打电话。", ticket.first_contact_due.long()),
        (true, true, false) => "电话联系已经超时，您可以直接打社区电话催办。".to_owned(),
        _ => String::new(),
    }
}

/// The four plain steps with their times; `lead` is whoever works on it, where that may be said.
pub(in crate::reports) fn plain_steps(ticket: &Ticket, lead: &str) -> Vec<Step> {
    let times = [Some(ticket.submitted_at), ticket.accepted_at, ticket.dispatched_at, ticket.closed_at];
    let now = ticket.status.plain();
    let ended = ticket.status.ended_early();
    Plain::ALL
        .iter()
        .zip(times)
        .map(|(plain, time)| {
            let progress = match plain {
                _ if *plain < now && (time.is_some() || !ended) => Progress::Done,
                _ if ended => Progress::Never,
                Plain::Done if now == Plain::Done => Progress::Done,
                _ if *plain == now => Progress::Now,
                _ => Progress::Ahead,
            };
            let shown = matches!(progress, Progress::Done | Progress::Now);
            Step {
                label: plain.label().to_owned(),
                time: time.filter(|_| shown).map(Time::long).unwrap_or_default(),
                progress,
                note: if shown { about(*plain, ticket, lead) } else { String::new() },
            }
        })
        .collect()
}

/// What a step means, in plain words.
fn about(plain: Plain, ticket: &Ticket, lead: &str) -> String {
    match plain {
        Plain::Submitted => "社区已经收到，时间从这时算起。".to_owned(),
        Plain::Accepted => "社区看过了，由社区负责到底。".to_owned(),
        Plain::Working if lead.is_empty() || ticket.dispatched_at.is_none() => String::new(),
        Plain::Working => format!("由{lead}办理。"),
        Plain::Done if ticket.status == Status::FollowUp => "办好了没有，请您评价。".to_owned(),
        Plain::Done => String::new(),
    }
}

fn ending(ticket: &Ticket, history: &[tickets::Event]) -> Option<Ending> {
    let last = history.iter().rev().find(|event| event.to_status == ticket.status)?;
    let (title, reason) = match ticket.status {
        Status::Refused => ("没有受理", format!("原因：{}。有疑问请打社区电话。", last.note)),
        Status::Withdrawn => ("已经撤回", "您撤回了这件事。需要时可以重新扫码反映。".to_owned()),
        Status::Merged => {
            ("已经和同样的事合在一起办", "邻居也反映了这件事，进度看下面，办好一起告诉您。".to_owned())
        }
        _ => return None,
    };
    Some(Ending { title: title.to_owned(), reason, ..Ending::default() })
}

fn questions() -> Questions {
    let grade = |each: &Satisfaction| Choice {
        word: each.word().to_owned(),
        label: each.label().to_owned(),
        checked: false,
    };
    Questions {
        invitation: "三个问题分开回答，照实说就好。".to_owned(),
        grades: Satisfaction::ALL.iter().map(grade).collect(),
        ..Questions::default()
    }
}

fn answered(ticket: &Ticket) -> Vec<String> {
    let yes = |what: &str, answer: Option<bool>| {
        answer.map(|yes| format!("{what}：{}", if yes { "是" } else { "否" }))
    };
    let comment = Some(&ticket.answer_comment).filter(|comment| !comment.is_empty());
    [
        yes("联系过", ticket.contacted),
        yes("解决了", ticket.solved),
        ticket.satisfied.map(|grade| format!("满意吗：{}", grade.label())),
        comment.map(|comment| format!("您说：{comment}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn rework_offer(tx: &mut Tx, ticket: &Ticket, offered: bool) -> Result<Option<Rework>> {
    let Some(closed_at) = ticket.closed_at.filter(|_| offered) else { return Ok(None) };
    let windows: Windows = settings::at(tx, ticket.community_id, tx.now)?;
    let until = closed_at.plus_minutes(i64::from(windows.rework_days) * 1440);
    let rule = format!("办结后 {} 天内（{} 前）可以要求重办。", windows.rework_days, until.long());
    Ok((tx.now < until).then_some(Rework { rule, reason: String::new() }))
}

/// Whether an event is something that was said: the result, the answers and the end of it have places of their own.
fn said(event: &tickets::Event) -> bool {
    let elsewhere = [
        tickets::Step::Close.word(),
        tickets::Step::PassOn.word(),
        tickets::Step::Answer.word(),
        tickets::Step::Refuse.word(),
        Act::Split.word(),
        // When it came, where it was held first.
        Act::Submit.word(),
    ];
    event.audience == Audience::Resident && !event.note.is_empty() && !elsewhere.contains(&event.act.as_str())
}

fn messages(history: &[tickets::Event], photos: impl Fn(&tickets::Event) -> Vec<Photo>) -> Vec<Message> {
    let message = |event: &tickets::Event| Message {
        who: event.role.label().to_owned(),
        time: event.at.long(),
        text: event.note.shown(),
        photos: photos(event),
        mine: event.role == Role::Resident,
    };
    history.iter().filter(|event| said(event)).map(message).collect()
}

/// What to do first, as long as it is not done: the hint of its category, else those of its tile.
fn danger(tx: &mut Tx, community: &Community, ticket: &Ticket) -> Result<Danger> {
    if !ticket.status.clock_runs() || ticket.safe_at.is_some() {
        return Ok(Danger::default());
    }
    let hint = match &ticket.category {
        Some(code) => routing::category(tx, code)?.danger_hint.unwrap_or_default(),
        None => {
            let tiles = routing::tiles(&routing::categories(tx)?);
            let own = tiles.into_iter().find(|tile| tile.code == ticket.level1);
            own.map(|tile| tile.danger_hints.join("；")).unwrap_or_default()
        }
    };
    Ok(if hint.is_empty() {
        Danger::default()
    } else {
        Danger { hint, sure: ticket.category.is_some(), alarms: alarms(community, Look::default()) }
    })
}

fn matter(tx: &mut Tx, ticket: &Ticket) -> Result<String> {
    match &ticket.category {
        Some(code) => {
            routing::category(tx, code).map(|category| format!("{}：{}", category.level1, category.level2))
        }
        None => {
            let tiles = routing::tiles(&routing::categories(tx)?);
            Ok(tiles
                .into_iter()
                .find(|tile| tile.code == ticket.level1)
                .map(|tile| tile.name)
                .unwrap_or_default())
        }
    }
}

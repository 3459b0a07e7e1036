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
use crate::reports::answers;
use crate::reports::door::board::{Danger, alarms};
use crate::reports::door::shell;
use crate::reports::view::{Ending, Message, Part, Photo, Progress, Rework, Shell, Step, TicketPage};
use crate::routing;
use crate::tickets::links::photos_of;
use crate::tickets::{
    self, Act, Audience, Outcome, Plain, Stage, Status, Ticket, TicketPhoto, merging, requests, steps,
};
use crate::words::{Lang, Look, Saying};

/// Fills the page with what its resident may know.
pub(super) fn fill(
    tx: &mut Tx,
    keys: &Keys,
    (ticket, secret): (&Ticket, &str),
    look: Look,
    filing: &(String, String),
) -> Result<TicketPage> {
    let (actor, lang) = (Actor::resident(ticket.community_id), look.lang);
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
    let shot = |photo: &TicketPhoto| shot(&path, photo);
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
            title: lang.t("ticket-title").with("number", &ticket.number).to_string(),
            look,
            ..shell(&community, filing)
        },
        number: ticket.number.clone(),
        query_code: keys.query_code(ticket.key_version, ticket.id),
        headline: lang.sentence(headline(&leading)),
        held_by: if open { holder(&leading, &lead.name, (&community.name, lang)) } else { String::new() },
        until: until(tx, &leading, lang)?,
        parts: parts(tx, keys, &community, (ticket, lang))?,
        can_nudge: ticket.stand().allows(Act::Nudge, Role::Resident).is_ok(),
        promise: promise(&leading, tx.now, lang),
        steps: plain_steps(&leading, &lead.name, lang),
        ending: ending(ticket, &history, lang),
        result: result(&leading, lang),
        photos: shots(Stage::Report),
        voices: spoken.iter().map(|voice| format!("{path}/voices/{}", voice.seq)).collect(),
        repaired: shots(Stage::After),
        questions: offers(tickets::Step::Answer).then(|| answers::questions(lang)),
        answered: answered(ticket, lang),
        rework: if offers(tickets::Step::Rework) { rework(tx, ticket, lang)? } else { None },
        shared: incidents::of(tx, ticket)?.is_some(),
        messages: messages(&history, lang, beside),
        can_write: ticket.stand().allows(Act::Reply, Role::Resident).is_ok(),
        can_withdraw: offers(tickets::Step::Withdraw),
        place: place.full_name,
        danger: danger(tx, &community, &leading, look)?,
        matter: matter(tx, ticket, lang)?,
        text: ticket.text.shown(),
        path,
        ..TicketPage::default()
    })
}

fn shot(path: &str, photo: &TicketPhoto) -> Photo {
    let url = format!("{path}/photos/{}", photo.seq);
    Photo { thumb: format!("{url}?size=thumb"), url }
}

/// Until when it is to be done; on account, when it is looked at again.
fn until(tx: &mut Tx, ticket: &Ticket, lang: Lang) -> Result<String> {
    let by = |key: &'static str, time: Time| lang.t(key).with("until", lang.moment(time));
    if let Some(account) = requests::account(tx, ticket)? {
        return Ok(by("ticket-account", account.until_at).to_string());
    }
    if !ticket.status.clock_runs() {
        return Ok(String::new());
    }
    if ticket.rounds > 0 && ticket.due_at <= tx.now {
        return Ok(by("ticket-again", ticket.due_at).to_string());
    }
    let (way, limit) = (tickets::reckoning(tx, ticket)?, (ticket.submitted_at, ticket.due_at));
    let left = lang.sentence(&way.left(limit, tx.now));
    let caveat = way.caveat(limit.0, limit.1);
    Ok(match caveat.is_empty() {
        true => by("ticket-due", ticket.due_at).with("left", left),
        false => {
            by("ticket-due-caveat", ticket.due_at).with("left", left).with("caveat", lang.sentence(&caveat))
        }
    }
    .to_string())
}

/// What was done, in the words of those who did it; where it was passed on, the beginning is the program's.
fn result(ticket: &Ticket, lang: Lang) -> String {
    let words = ticket.result_text.shown();
    if ticket.result == Some(Outcome::PassedOn) { lang.sentence(&words) } else { words }
}

/// The other matters of the same report, which have numbers and clocks of their own.
fn parts(
    tx: &mut Tx,
    keys: &Keys,
    community: &Community,
    (ticket, lang): (&Ticket, Lang),
) -> Result<Vec<Part>> {
    let mut shown = Vec::new();
    for part in merging::parts(tx, ticket)? {
        let leading = merging::leading(tx, &part)?;
        let lead = routing::party(tx, leading.community_id, leading.lead_id)?;
        let steps = part.stand().steps_for(Role::Resident);
        let open = leading.status.clock_runs();
        shown.push(Part {
            path: format!("/t/{}", keys.ticket_secret(part.key_version, &community.token, part.id)),
            headline: lang.sentence(headline(&leading)),
            held_by: if open { holder(&leading, &lead.name, (&community.name, lang)) } else { String::new() },
            until: until(tx, &leading, lang)?,
            text: part.text.shown(),
            result: result(&leading, lang),
            questions: steps.contains(&tickets::Step::Answer).then(|| answers::questions(lang)),
            answered: answered(&part, lang),
            rework: if steps.contains(&tickets::Step::Rework) { rework(tx, &part, lang)? } else { None },
            number: part.number,
        });
    }
    Ok(shown)
}

/// Where things stand, in Chinese: found in every language by its words.
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
fn holder(ticket: &Ticket, lead: &str, (community, lang): (&str, Lang)) -> String {
    match ticket.dispatched_at {
        Some(_) => lead.to_owned(),
        None => lang.t("ticket-community").with("name", community).to_string(),
    }
}

fn promise(ticket: &Ticket, now: Time, lang: Lang) -> String {
    // On account nobody is late.
    let (waiting, due) =
        (ticket.open_due_at.is_some() && ticket.first_contact_at.is_none(), ticket.first_contact_due);
    match (waiting && ticket.phone_masked.is_some(), now < due) {
        (true, true) => lang.t("ticket-promise").with("until", lang.moment(due)).to_string(),
        (true, false) => lang.t("ticket-promise-late").to_string(),
        (false, _) => String::new(),
    }
}

/// The four plain steps with their times; `lead` is whoever works on it, where that may be said.
pub(in crate::reports) fn plain_steps(ticket: &Ticket, lead: &str, lang: Lang) -> Vec<Step> {
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
                label: lang.sentence(plain.label()),
                time: time.filter(|_| shown).map(|time| lang.moment(time)).unwrap_or_default(),
                progress,
                note: if shown { about(*plain, ticket, (lead, lang)) } else { String::new() },
            }
        })
        .collect()
}

/// What a step means, in plain words.
fn about(plain: Plain, ticket: &Ticket, (lead, lang): (&str, Lang)) -> String {
    match plain {
        Plain::Submitted => lang.t("ticket-about-submitted").to_string(),
        Plain::Accepted => lang.t("ticket-about-accepted").to_string(),
        Plain::Working if lead.is_empty() || ticket.dispatched_at.is_none() => String::new(),
        Plain::Working => lang.t("ticket-about-working").with("who", lead).to_string(),
        Plain::Done if ticket.status.awaits_answer() => lang.t("ticket-about-answer").to_string(),
        Plain::Done => String::new(),
    }
}

fn ending(ticket: &Ticket, history: &[tickets::Event], lang: Lang) -> Option<Ending> {
    let last = history.iter().rev().find(|event| event.to_status == ticket.status)?;
    let (title, reason, next) = match ticket.status {
        Status::Refused => ("ticket-refused", last.note.shown(), "ticket-refused-next"),
        Status::Withdrawn => ("ticket-withdrawn", String::new(), "ticket-withdrawn-next"),
        Status::Merged => ("ticket-merged", String::new(), "ticket-merged-next"),
        _ => return None,
    };
    Some(Ending { title: lang.t(title).to_string(), reason, next: lang.t(next).to_string() })
}

fn answered(ticket: &Ticket, lang: Lang) -> Vec<String> {
    let chosen = (ticket.contacted, ticket.solved, ticket.satisfied);
    answers::answered(lang, chosen, &ticket.answer_comment.shown())
}

/// The way back to work, as long as the window is open.
fn rework(tx: &mut Tx, ticket: &Ticket, lang: Lang) -> Result<Option<Rework>> {
    let Some(closed_at) = ticket.closed_at else { return Ok(None) };
    let windows = steps::windows(tx, ticket)?;
    let until = windows.rework_until(closed_at);
    let days = usize::try_from(windows.rework_days).unwrap_or_default();
    let rule = lang.t("ticket-rework-rule").num("days", days).with("until", lang.moment(until));
    Ok((tx.now < until).then(|| Rework { rule: rule.to_string(), reason: String::new() }))
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

fn messages(
    history: &[tickets::Event],
    lang: Lang,
    photos: impl Fn(&tickets::Event) -> Vec<Photo>,
) -> Vec<Message> {
    let message = |event: &tickets::Event| {
        let (mine, published) = (event.role == Role::Resident, event.act == Act::Publish.word());
        let (text, count) = (event.note.shown(), photos_of(event).len());
        Message {
            who: lang.sentence(event.role.label()),
            time: lang.moment(event.at),
            // What the program wrote is said in the language of the page, what people wrote stays as it is.
            text: match () {
                () if published => lang.sentence(&text),
                () if mine && text == photos_alone(Lang::Hans, count).to_string() => {
                    photos_alone(lang, count).to_string()
                }
                () => text,
            },
            photos: photos(event),
            mine,
            chinese: !mine && !published,
        }
    };
    history.iter().filter(|event| said(event)).map(message).collect()
}

/// What stands for the words of a message that has photos alone.
pub(super) fn photos_alone(lang: Lang, count: usize) -> Saying<'static> {
    lang.t("ticket-photos-added").num("count", count)
}

/// What to do first, as long as it is not done: the hint of its category, else those of its tile.
pub(in crate::reports) fn danger(
    tx: &mut Tx,
    community: &Community,
    ticket: &Ticket,
    look: Look,
) -> Result<Danger> {
    if !ticket.status.clock_runs() || ticket.safe_at.is_some() {
        return Ok(Danger::default());
    }
    let hints = match &ticket.category {
        Some(code) => routing::category(tx, code)?.danger().into_iter().collect(),
        None => tile(tx, ticket)?.map(|tile| tile.danger_hints).unwrap_or_default(),
    };
    Ok(warned(community, &hints, (ticket.category.is_some(), look)))
}

/// The same for what waits for a person: the hints of its tile.
pub(in crate::reports) fn danger_of_tile(
    tx: &mut Tx,
    community: &Community,
    level1: &str,
    look: Look,
) -> Result<Danger> {
    let tiles = routing::tiles(&routing::categories(tx)?);
    let hints = tiles.into_iter().find(|tile| tile.code == level1).map(|tile| tile.danger_hints);
    Ok(warned(community, &hints.unwrap_or_default(), (false, look)))
}

fn warned(community: &Community, hints: &[String], (sure, look): (bool, Look)) -> Danger {
    let said: Vec<String> = hints.iter().map(|hint| look.lang.sentence(hint)).collect();
    match said.is_empty() {
        true => Danger::default(),
        false => Danger {
            hint: said.join(&look.lang.t("frame-and").to_string()),
            sure,
            alarms: alarms(community, look),
        },
    }
}

fn tile(tx: &mut Tx, ticket: &Ticket) -> Result<Option<routing::Tile>> {
    let tiles = routing::tiles(&routing::categories(tx)?);
    Ok(tiles.into_iter().find(|tile| tile.code == ticket.level1))
}

fn matter(tx: &mut Tx, ticket: &Ticket, lang: Lang) -> Result<String> {
    Ok(match &ticket.category {
        Some(code) => {
            let category = routing::category(tx, code)?;
            let saying = lang.t("ticket-matter").with("tile", lang.sentence(&category.level1));
            saying.with("matter", lang.sentence(&category.level2)).to_string()
        }
        None => tile(tx, ticket)?.map(|tile| lang.sentence(&tile.name)).unwrap_or_default(),
    })
}

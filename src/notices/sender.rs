//! The postman: claims what is due with a lease, sends it outside every transaction, records what came of it.
//!
//! At least once, always with the same id: whoever dies between sending and recording has sent it again by somebody else
//! when the lease is over. Claiming moves a robot's next free moment in the same transaction, so that two programs, or two
//! channels that lead to one robot, together send no faster than one. What waits for one channel of a robot leaves as one
//! message.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use actix_web::web::Data;
use rand::RngExt;
use serde_json::json;
use tokio::sync::Semaphore;

use super::channels::{Channel, Kind};
use super::drafts::Draft;
use super::messages::{self, Item, Letter, Refusal};
use super::post::{Post, Taken};
use super::store::sending::{self as store, Due};
use super::texts::{self, Text, Words};
use super::told::{self, Topic};
use super::{Contact, contact_of, outbox};
use crate::db::{Db, Id, Time, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::places;
use crate::routing::Urgency;
use crate::settings::{self, QuietHours};
use crate::web::log_fault;

/// Seconds for which a claim holds: longer than any target is waited for.
const LEASE_SECONDS: i64 = 20;
/// Minutes after which a message is given up.
const PATIENCE_MINUTES: i64 = 24 * 60;
/// Channels taken in one claim, and messages of one channel.
const CHANNELS: i64 = 8;
const PARCELS: usize = 8;
/// Messages under way at once.
const UNDER_WAY: usize = 128;
/// Notices in one message at most.
const ITEMS: usize = 50;
/// How soon the program looks for work again: after it found some, and when it found none.
const BUSY: Duration = Duration::from_millis(100);
const IDLE: Duration = Duration::from_secs(1);

/// One message under way.
struct Parcel {
    channel: Channel,
    /// What names the robot at its other end.
    robot: Option<String>,
    /// Names the message: the same each time it is sent again.
    id: Id,
    to: Contact,
    attempts: i32,
    items: Vec<Held>,
    texts: Arc<Vec<Text>>,
}

/// One notice in it.
struct Held {
    id: Id,
    about: About,
    topic: Topic,
    level1: String,
    words: Words,
    /// 特急 is sent in quiet hours too.
    critical: bool,
    at: Time,
}

/// What a notice is about.
enum About {
    Ticket(Id),
    Draft(Draft),
}

/// Tells what happened, for as long as the program runs.
pub async fn tell(db: Data<Db>) {
    loop {
        let told = tell_all(&db).await.unwrap_or_else(|err| {
            log_fault(&err);
            0
        });
        rt::time::sleep(if told > 0 { BUSY } else { IDLE }).await;
    }
}

/// Asks before it writes, so that an idle program costs a look-up a second.
async fn tell_all(db: &Db) -> Result<usize> {
    if !db.read(outbox::waiting).await? {
        return Ok(0);
    }
    let mut told = db.write(outbox::clear).await?;
    loop {
        match db.write(outbox::tell).await? {
            0 => return Ok(told),
            more => told += more,
        }
    }
}

/// Sends what is due, for as long as the program runs. A slow target keeps nobody else waiting.
pub async fn run(db: Data<Db>, keys: Data<Keys>, post: Data<Post>) {
    let room = Arc::new(Semaphore::new(UNDER_WAY));
    loop {
        let taken = match room.available_permits() < CHANNELS as usize * PARCELS {
            true => Ok(Vec::new()),
            false => claim_some(&db, &keys, &post).await,
        };
        let parcels = taken.unwrap_or_else(|err| {
            log_fault(&err);
            Vec::new()
        });
        let pause = if parcels.is_empty() { IDLE } else { BUSY };
        for parcel in parcels {
            let Ok(permit) = room.clone().acquire_owned().await else { return };
            let (db, keys, post) = (db.clone(), keys.clone(), post.clone());
            rt::spawn(async move {
                deliver(&db, &keys, &post, parcel).await;
                drop(permit);
            });
        }
        rt::time::sleep(pause).await;
    }
}

async fn claim_some(db: &Db, keys: &Data<Keys>, post: &Data<Post>) -> Result<Vec<Parcel>> {
    if !db.read(store::any).await? {
        return Ok(Vec::new());
    }
    let (keys, base_url) = (keys.clone(), post.base_url.clone());
    db.write(move |tx| claim(tx, &keys, &base_url)).await
}

/// Takes messages to send, with all that they say.
fn claim(tx: &mut Tx, keys: &Keys, base_url: &str) -> Result<Vec<Parcel>> {
    let mut parcels = Vec::new();
    let channels = store::claim(tx, CHANNELS)?;
    let mut ready: Vec<(Option<String>, Channel)> =
        channels.into_iter().map(|channel| (channel.robot(keys), channel)).collect();
    // Always in one order, so that two programs wait for each other and never for both.
    ready.sort_by(|one, other| one.0.cmp(&other.0));
    for (robot, channel) in ready {
        let free = after_millis(tx.now, channel.kind.gap_millis());
        let busy = match &robot {
            Some(robot) => store::robot_turn(tx, robot, free)?,
            None => None,
        };
        if let Some(until) = busy {
            store::rest(tx, channel.community_id, channel.id, until)?;
            continue;
        }
        let texts = Arc::new(texts::list(tx, channel.community_id)?);
        let due = store::due(tx, &channel)?;
        for group in groups(channel.kind, due) {
            let Some(first) = group.first() else { continue };
            let (id, staff_id) = (first.parcel_id.unwrap_or(first.id), first.staff_id);
            let ids: Vec<Id> = group.iter().map(|due| due.id).collect();
            store::take(tx, &channel, &ids, (id, seconds(tx.now, LEASE_SECONDS)))?;
            let attempts = group.iter().map(|due| due.attempts).max().unwrap_or(0) + 1;
            let items = group.iter().map(|due| held(tx, &channel, due, base_url)).collect::<Result<_>>()?;
            let to = match staff_id {
                Some(staff) => contact_of(tx, keys, staff)?,
                None => Contact::default(),
            };
            let (channel, robot, texts) = (channel.clone(), robot.clone(), texts.clone());
            parcels.push(Parcel { channel, robot, id, to, attempts, items, texts });
        }
        // Of two channels that share a robot, whoever spoke stands behind whoever waited.
        store::rest(tx, channel.community_id, channel.id, after_millis(free, 1))?;
    }
    Ok(parcels)
}

/// Which of what is due goes into one message: all of a robot, each person's own, each of a webhook alone. What was
/// together once stays together, so that its id means the same.
fn groups(kind: Kind, due: Vec<Due>) -> Vec<Vec<Due>> {
    let most = if kind.robot() { 1 } else { PARCELS };
    let mut groups: Vec<Vec<Due>> = Vec::new();
    for each in due {
        let together = |first: &Due| {
            kind != Kind::Webhook && first.parcel_id == each.parcel_id && first.staff_id == each.staff_id
        };
        let fits = |group: &Vec<Due>| group.len() < ITEMS && group.first().is_some_and(together);
        match groups.iter().position(fits) {
            Some(place) => groups[place].push(each),
            None if groups.len() < most => groups.push(vec![each]),
            None => {}
        }
    }
    groups
}

fn held(tx: &mut Tx, channel: &Channel, due: &Due, base_url: &str) -> Result<Held> {
    let (Some(ticket_id), Some(seq)) = (due.ticket_id, due.seq) else {
        return held_draft(tx, channel, due, base_url);
    };
    let about = store::about(tx, channel.community_id, (ticket_id, seq))?;
    let (number, place, level1, category, due_at, urgency, (act, at)) = about;
    let category = category.unwrap_or_else(|| "还没有细分类".to_owned());
    let link = format!("{base_url}/console/tickets/{ticket_id}");
    let step = told::step(&act, due.topic);
    let words = Words::new([&number, &place, &category], due_at, step, link);
    let critical = urgency == Urgency::Critical;
    let about = About::Ticket(ticket_id);
    Ok(Held { id: due.id, about, topic: due.topic, level1, words, critical, at })
}

/// A report has no place and no deadline: community, kind and what to do stand where a ticket has them.
fn held_draft(tx: &mut Tx, channel: &Channel, due: &Due, base_url: &str) -> Result<Held> {
    let draft = Draft::of_message(due.draft.as_deref().unwrap_or_default(), due.made_at);
    let words = Words {
        number: draft.label.clone(),
        place: places::community(tx, channel.community_id)?.name,
        category: "一楼一码报表".to_owned(),
        deadline: "核对后签发".to_owned(),
        step: due.topic.label().to_owned(),
        link: format!("{base_url}{}", draft.link),
    };
    let (level1, at) = (String::new(), due.made_at);
    Ok(Held { id: due.id, about: About::Draft(draft), topic: due.topic, level1, words, critical: false, at })
}

/// Sends one message and records what came of it. A fault of ours leaves it to the lease.
async fn deliver(db: &Db, keys: &Keys, post: &Post, parcel: Parcel) {
    let taken = send(keys, post, &parcel).await;
    if let Err(refusal) = &taken {
        tracing::warn!(channel = parcel.channel.kind.word(), why = refusal.words, "a message was not taken");
    }
    if let Err(err) = db.write(move |tx| record(tx, &parcel, taken)).await {
        log_fault(&err);
    }
}

async fn send(keys: &Keys, post: &Post, parcel: &Parcel) -> Taken {
    let kind = parcel.channel.kind;
    let missing = match kind {
        Kind::Mail => parcel.to.mail.is_empty(),
        Kind::Sms => parcel.to.phone.is_empty(),
        _ => false,
    };
    if missing {
        return Err(Refusal::because("本人没有登记邮箱或手机"));
    }
    let target =
        parcel.channel.target(keys).map_err(|_| Refusal::because("打不开这个渠道的密钥，请重新填写"))?;
    post.send(kind, &target, &letter(parcel, &post.base_url), &parcel.to.mail).await
}

fn letter(parcel: &Parcel, base_url: &str) -> Letter {
    let said = |held: &Held| {
        let template = texts::chosen(&parcel.texts, held.topic, &held.level1);
        // Checked when it was saved; should it fail all the same, the shipped one says what matters.
        let text =
            texts::render(template, &held.words).or_else(|_| texts::render(texts::SHIPPED, &held.words));
        Item { words: held.words.clone(), text: text.unwrap_or_else(|_| held.words.number.clone()) }
    };
    let items: Vec<Item> = parcel.items.iter().map(said).collect();
    let (title, text) = messages::compose(parcel.channel.kind, &items, base_url);
    let event = parcel.items.first().map(|held| {
        let ticket_id = match &held.about {
            About::Ticket(id) => id,
            About::Draft(draft) => {
                let data = json!({
                    "kind": draft.kind, "period": draft.period, "label": draft.label, "community": held.words.place,
                    "link": held.words.link,
                });
                return json!({ "type": "report.draft", "timestamp": held.at, "data": data });
            }
        };
        let data = json!({
            "ticket_id": ticket_id, "number": held.words.number, "place": held.words.place,
            "category": held.words.category, "deadline": held.words.deadline, "step": held.words.step,
            "link": held.words.link,
        });
        json!({ "type": format!("ticket.{}", held.topic.word()), "timestamp": held.at, "data": data })
    });
    let id = format!("msg_{}", parcel.id.0.simple());
    Letter { id, title, text, phone: parcel.to.phone.clone(), event: event.unwrap_or_default() }
}

fn record(tx: &mut Tx, parcel: &Parcel, taken: Taken) -> Result<()> {
    let community_id = parcel.channel.community_id;
    let ids = parcel.items.iter().map(|held| held.id).collect();
    let refusal = match taken {
        Ok(answer) => return store::sent(tx, community_id, ids, &answer),
        Err(refusal) => refusal,
    };
    let wait = refusal
        .rest_seconds
        .unwrap_or_else(|| backoff_seconds(parcel.attempts, rand::rng().random_range(0.5..1.0)));
    let mut again = seconds(tx.now, wait);
    if refusal.rest_seconds.is_some() {
        store::rest(tx, community_id, parcel.channel.id, again)?;
        if let Some(robot) = &parcel.robot {
            store::robot_rest(tx, robot, again)?;
        }
    }
    if parcel.channel.kind.rests() && !parcel.items.iter().any(|held| held.critical) {
        let quiet: QuietHours = settings::at(tx, community_id, tx.now)?;
        again = quiet.after(again);
    }
    let limit = tx.now.plus_minutes(-PATIENCE_MINUTES);
    store::not_sent(tx, community_id, ids, (again, limit), &refusal.words)
}

/// Seconds until the next attempt: half a minute, doubled each time, at most an hour; `dice` (0.5 to 1) keeps many from
/// coming back at once.
fn backoff_seconds(attempts: i32, dice: f64) -> i64 {
    let doubled = 30_i64 << (attempts - 1).clamp(0, 7);
    (doubled.min(3600) as f64 * dice) as i64
}

fn seconds(at: Time, seconds: i64) -> Time {
    after_millis(at, seconds * 1000)
}

fn after_millis(at: Time, millis: i64) -> Time {
    Time(at.0 + chrono::TimeDelta::milliseconds(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(parcel_id: Option<Id>, staff_id: Option<Id>) -> Due {
        Due {
            id: Id::new(),
            ticket_id: Some(Id::new()),
            seq: Some(1),
            topic: Topic::New,
            staff_id,
            parcel_id,
            attempts: 0,
            draft: None,
            made_at: Time::from_micros(0),
        }
    }

    fn sizes(kind: Kind, due: Vec<Due>) -> Vec<usize> {
        groups(kind, due).iter().map(Vec::len).collect()
    }

    #[test]
    fn what_waits_for_a_robot_leaves_together_and_what_was_together_stays_so() {
        let three = || (0..3).map(|_| due(None, None)).collect::<Vec<_>>();
        assert_eq!(sizes(Kind::Wecom, three()), [3]);
        assert_eq!(sizes(Kind::Webhook, three()), [1, 1, 1]);
        let parcel = Some(Id::new());
        let mixed = vec![due(parcel, None), due(None, None), due(parcel, None)];
        assert_eq!(sizes(Kind::Feishu, mixed), [2], "the earlier message first, and nothing new in it");
        assert_eq!(sizes(Kind::Dingtalk, (0..60).map(|_| due(None, None)).collect()), [ITEMS]);
    }

    #[test]
    fn each_person_gets_a_message_of_their_own() {
        let (one, two) = (Some(Id::new()), Some(Id::new()));
        assert_eq!(sizes(Kind::Mail, vec![due(None, one), due(None, two), due(None, one)]), [2, 1]);
        let many = (0..20).map(|_| due(None, Some(Id::new()))).collect();
        assert_eq!(sizes(Kind::Sms, many).len(), PARCELS);
    }

    #[test]
    fn attempts_come_further_and_further_apart_up_to_an_hour() {
        let waits: Vec<i64> = (1..10).map(|attempt| backoff_seconds(attempt, 1.0)).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(backoff_seconds(1, 0.5), 15);
        assert!(backoff_seconds(i32::MAX, 1.0) <= 3600);
    }
}

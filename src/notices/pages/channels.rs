//! The channels of a community as a page: what each sends where, with a button to try it out.
//!
//! Addresses and secrets are never shown again; a secret that was made here is shown this once.

use std::borrow::Cow;

use actix_web::web::{Data, Path};
use askama::Template;

use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::notices::channels::{self, Channel, Kind, NewChannel, Target};
use crate::notices::post::Post;
use crate::notices::told::Topic;
use crate::routing;
use crate::web::{html, see_other};

const PATH: &str = "/console/channels";

#[derive(Template)]
#[template(path = "notices/pages/channels.html")]
struct ChannelsPage {
    chrome: Chrome,
    lines: Vec<Line>,
    adds: Vec<Add>,
    robots: Vec<(&'static str, &'static str)>,
    methods: Vec<(&'static str, &'static str)>,
    parties: Vec<(String, String)>,
    mails: bool,
    /// A secret that was just made.
    secret: String,
    tried: Option<Tried>,
    sent: Sent,
}

/// A channel and its form.
struct Line {
    channel: Channel,
    topics: String,
    party: String,
    party_id: String,
    form: Sent,
    ticks: Vec<Tick>,
}

/// The form of a new channel.
struct Add {
    kind: &'static str,
    title: &'static str,
    form: Sent,
    ticks: Vec<Tick>,
}

/// A topic to choose.
struct Tick {
    word: &'static str,
    label: &'static str,
    on: bool,
}

/// What came of trying a channel out.
struct Tried {
    id: Id,
    went: bool,
    words: Words,
}

type Words = Cow<'static, str>;

fn ticks(form: &Sent, kind: Kind, chosen: &[Topic]) -> Vec<Tick> {
    let on = |topic: Topic| match form.is_some() {
        true => !form.text(&format!("topic-{}", topic.word())).is_empty(),
        false => chosen.contains(&topic),
    };
    let sent = Topic::ALL.iter().filter(|topic| kind.may_send(**topic));
    sent.map(|topic| Tick { word: topic.word(), label: topic.label(), on: on(*topic) }).collect()
}

/// The name of the form in which a kind is added.
fn form_of(kind: &str) -> &'static str {
    match Kind::parse(kind) {
        Some(Kind::Webhook) => "add-webhook",
        Some(Kind::Mail) => "add-mail",
        Some(Kind::Sms) => "add-sms",
        _ => "add-robot",
    }
}

/// `GET /console/channels`.
pub async fn list(visit: Visit, post: Data<Post>) -> Answer {
    show(visit, post, Sent::default(), Extra::default()).await
}

#[derive(Default)]
struct Extra {
    secret: String,
    tried: Option<Tried>,
}

async fn show(visit: Visit, post: Data<Post>, sent: Sent, extra: Extra) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    html(status, &visit.db.read(move |tx| fill(tx, &at, (&post, sent), extra)).await?)
}

fn fill(tx: &mut Tx, visit: &Visit, (post, sent): (&Post, Sent), extra: Extra) -> Result<ChannelsPage> {
    let community = visit.session.actor.community_id;
    let parties = routing::parties(tx, community)?;
    let name =
        |id: Option<Id>| parties.iter().find(|party| Some(party.id) == id).map(|party| party.name.clone());
    let line = |channel: Channel| {
        let (form, chosen) = (sent.form(channel.id), channel.topics());
        Line {
            topics: chosen.iter().map(|topic| topic.label()).collect::<Vec<_>>().join("、"),
            party: name(channel.party_id).unwrap_or_default(),
            party_id: channel.party_id.map(|id| id.to_string()).unwrap_or_default(),
            ticks: ticks(&form, channel.kind, &chosen),
            form,
            channel,
        }
    };
    let add = |(kind, title): (Kind, &'static str)| {
        let form = sent.form(form_of(kind.word()));
        Add { kind: kind.word(), title, ticks: ticks(&form, kind, &kind.default_topics()), form }
    };
    let kinds = [
        (Kind::Wecom, "加一个群机器人"),
        (Kind::Mail, "开通邮件"),
        (Kind::Sms, "加一个短信网关"),
        (Kind::Webhook, "加一个通用回调"),
    ];
    let mut choices = vec![(String::new(), "全社区的事".to_owned())];
    choices.extend(parties.iter().map(|party| (party.id.to_string(), format!("只发给{}的事", party.name))));
    Ok(ChannelsPage {
        chrome: visit.chrome(tx, "通知渠道", PATH)?,
        lines: channels::list(tx, community)?.into_iter().map(line).collect(),
        adds: kinds.into_iter().map(add).collect(),
        robots: Kind::ALL
            .iter()
            .filter(|kind| kind.robot())
            .map(|kind| (kind.word(), kind.label()))
            .collect(),
        methods: vec![("POST", "POST"), ("GET", "GET")],
        parties: choices,
        mails: post.mails(),
        secret: extra.secret,
        tried: extra.tried,
        sent,
    })
}

/// `POST /console/channels`: adds one.
pub async fn add(visit: Visit, post: Data<Post>, fields: Fields) -> Answer {
    let fields = fields.into_inner();
    let kind = fields.iter().find(|(name, _)| name == "kind").map_or("", |(_, value)| value);
    let sent = Sent::new(form_of(kind), fields);
    let (new, at, way) = (read(&sent), visit.clone(), post.clone());
    let made =
        visit.db.write(move |tx| channels::add(tx, (&at.keys, &way.named), &at.session.actor, new?)).await;
    match made {
        Ok((_, None)) => Ok(see_other(PATH)),
        Ok((_, Some(secret))) => show(visit, post, Sent::default(), Extra { secret, tried: None }).await,
        Err(err) => show(visit, post, sent.refused(err)?.without_secret(), Extra::default()).await,
    }
}

/// `POST /console/channels/{id}`: changes one.
pub async fn change(visit: Visit, post: Data<Post>, id: Path<Id>, fields: Fields) -> Answer {
    let sent = Sent::new(id.to_string(), fields.into_inner());
    let (new, at, way) = (read(&sent), visit.clone(), post.clone());
    let done = visit
        .db
        .write(move |tx| channels::change(tx, (&at.keys, &way.named), &at.session.actor, *id, new?))
        .await;
    match done {
        Ok(_) => Ok(see_other(PATH)),
        Err(err) => show(visit, post, sent.refused(err)?.without_secret(), Extra::default()).await,
    }
}

fn read(sent: &Sent) -> Result<NewChannel> {
    let ticked = |topic: &&Topic| !sent.text(&format!("topic-{}", topic.word())).is_empty();
    let topics: Vec<String> = Topic::ALL.iter().filter(ticked).map(|topic| topic.word().to_owned()).collect();
    let text = |name: &str| sent.text(name).to_owned();
    Ok(NewChannel {
        kind: text("kind"),
        name: text("name"),
        topics: Some(topics),
        party_id: sent.id("party_id")?,
        url: text("url"),
        secret: text("secret"),
        method: text("method"),
        headers: text("headers"),
        body: text("body"),
        expect: text("expect"),
    })
}

/// `POST /console/channels/{id}/disable`: takes one out of use.
pub async fn disable(visit: Visit, id: Path<Id>) -> Answer {
    let actor = visit.session.actor.clone();
    visit.db.write(move |tx| channels::disable(tx, &actor, *id)).await?;
    Ok(see_other(PATH))
}

/// `POST /console/channels/{id}/enable`: brings one back.
pub async fn enable(visit: Visit, id: Path<Id>) -> Answer {
    let actor = visit.session.actor.clone();
    visit.db.write(move |tx| channels::enable(tx, &actor, *id)).await?;
    Ok(see_other(PATH))
}

/// `POST /console/channels/{id}/test`: sends a made-up message at once and shows what came of it.
pub async fn test(visit: Visit, post: Data<Post>, id: Path<Id>) -> Answer {
    let (went, words) = match try_out(&visit, &post, *id).await {
        Ok(Ok(words)) => (true, words),
        Ok(Err(words)) | Err(Error::Conflict(words)) => (false, words),
        Err(err) => return Err(err.into()),
    };
    show(
        visit,
        post,
        Sent::default(),
        Extra { secret: String::new(), tried: Some(Tried { id: *id, went, words }) },
    )
    .await
}

/// Sends a made-up message by a channel; the outer error is ours, the inner what the other end said. Mail and short
/// messages go to whoever tries. Takes the robot's turn, so that trying does not break its limit.
pub(in crate::notices) async fn try_out(
    visit: &Visit,
    post: &Post,
    id: Id,
) -> Result<std::result::Result<Words, Words>> {
    let at = visit.clone();
    let ready = move |tx: &mut Tx| {
        let channel = channels::turn(tx, &at.keys, at.session.actor.community_id, id)?;
        let target: Target = channel.target(&at.keys)?;
        let own = crate::notices::contact(tx, &at.keys, &at.session.actor)?;
        let lacks = match channel.kind {
            Kind::Mail => own.mail.is_empty(),
            Kind::Sms => own.phone.is_empty(),
            _ => false,
        };
        // Refused, the turn is not taken either.
        if lacks {
            return Err(Error::conflict("测试消息发给您自己：请先在「提醒」页登记您的邮箱和手机"));
        }
        Ok((channel, target, own))
    };
    let (channel, target, own) = visit.db.write(ready).await?;
    let taken = post.send(channel.kind, &target, &post.sample(&own.phone), &own.mail).await;
    Ok(taken.map(Cow::Owned).map_err(|refusal| refusal.words.into()))
}

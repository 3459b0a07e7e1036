//! The page of one report: its holder follows it, adds, answers, asks again. Everything under `/t`.
//!
//! Whoever has the address is its resident. A merged report shows the progress of the one it went into, never that
//! one's words, number or people.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::door::shell;
use super::pages::{Desk, nowhere, send_photo};
use super::view::{
    Choice, Ending, FieldProblem, Gone, GonePage, LookupPage, Message, Part, Photo, Progress, Questions,
    Rework, Shell, Step, TicketPage,
};
use crate::alike::incidents;
use crate::db::{Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask;
use crate::people::{Actor, Role};
use crate::photos::Size;
use crate::places::{self, Community};
use crate::routing;
use crate::settings::{self, Windows};
use crate::tickets::steps::{FollowUp, Seen};
use crate::tickets::{
    self, Act, Audience, Note, Plain, Satisfaction, Stage, Status, Ticket, acts, merging, requests, steps,
    urging,
};
use crate::web::{self, PageError, client_address, see_other};

/// Look-ups that one address may make in a minute, and tries that one number gets in a quarter of an hour.
const LOOKUPS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
const TRIES_PER_NUMBER: NonZeroU32 = NonZeroU32::new(5).expect("not zero");

/// Who looked up how often.
pub struct Lookups {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_number: DefaultKeyedRateLimiter<String>,
}

impl Default for Lookups {
    fn default() -> Lookups {
        let slow = Quota::with_period(Duration::from_secs(180)).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
        Lookups {
            by_address: RateLimiter::keyed(Quota::per_minute(LOOKUPS_PER_MINUTE)),
            by_number: RateLimiter::keyed(slow.allow_burst(TRIES_PER_NUMBER)),
        }
    }
}

/// `GET /t`: the form for number and query code.
pub async fn lookup(desk: Data<Desk>) -> Result<HttpResponse, PageError> {
    web::html(StatusCode::OK, &lookup_page(&desk, &Asked::default(), String::new()))
}

/// What the look-up form sends.
#[derive(Default, serde::Deserialize)]
pub struct Asked {
    #[serde(default)]
    number: String,
    #[serde(default)]
    query_code: String,
}

/// `POST /t`: to the page of the report that number and query code name together.
pub async fn look_up(
    req: HttpRequest,
    desk: Data<Desk>,
    lookups: Data<Lookups>,
    asked: Form<Asked>,
) -> Result<HttpResponse, PageError> {
    let (number, code) = (asked.number.clone(), asked.query_code.clone());
    let slow = lookups.by_address.check_key(&client_address(&req, &desk.config)).is_err()
        || lookups.by_number.check_key(&number.trim().to_uppercase()).is_err();
    if slow {
        let sentence = "查得太频繁了，请过几分钟再试；着急可以打社区电话问";
        return web::html(StatusCode::TOO_MANY_REQUESTS, &lookup_page(&desk, &asked, sentence.to_owned()));
    }
    let keys = desk.keys.clone();
    match desk.db.read(move |tx| tickets::look_up(tx, &keys, &number, &code)).await {
        Ok(secret) => Ok(see_other(&format!("/t/{secret}"))),
        Err(err @ Error::Invalid(_)) => {
            web::html(StatusCode::UNPROCESSABLE_ENTITY, &lookup_page(&desk, &asked, err.to_string()))
        }
        Err(err) => Err(err.into()),
    }
}

fn lookup_page(desk: &Desk, asked: &Asked, error: String) -> LookupPage {
    LookupPage {
        shell: Shell { title: "查进度".to_owned(), ..nowhere(&desk.config) },
        number: asked.number.clone(),
        query_code: asked.query_code.clone(),
        error,
    }
}

/// What the address of a report says beside its secret.
#[derive(Default, serde::Deserialize)]
pub struct View {
    received: Option<String>,
    large: Option<String>,
    done: Option<String>,
}

/// `GET /t/{secret}`.
pub async fn show(
    desk: Data<Desk>,
    secret: Path<String>,
    view: Query<View>,
) -> Result<HttpResponse, PageError> {
    match whole(&desk, &secret).await? {
        Some(report) => {
            let done = view.done.as_deref().map(|word| format!("?done={word}")).unwrap_or_default();
            Ok(see_other(&format!("/t/{report}{done}")))
        }
        None => page(&desk, &secret, &view, None).await,
    }
}

/// The secret of the report whose part `secret` opens: a report of several matters has one page.
async fn whole(desk: &Desk, secret: &str) -> Result<Option<String>> {
    let (keys, wanted) = (desk.keys.clone(), secret.to_owned());
    let found = desk.db.read(move |tx| {
        let part = match tickets::find_by_secret(tx, &keys, &wanted) {
            Err(Error::NotFound) => return Ok(None),
            found => found?,
        };
        let Some(origin) = part.origin_id else { return Ok(None) };
        let origin = tickets::find_own(tx, part.community_id, origin)?;
        let community = places::community(tx, part.community_id)?;
        Ok(Some(keys.ticket_secret(origin.key_version, &community.token, origin.id)))
    });
    found.await
}

/// The page, perhaps after something was refused: then with its sentence and what was typed.
async fn page(
    desk: &Desk,
    secret: &str,
    view: &View,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageError> {
    let (keys, filing) = (desk.keys.clone(), (desk.config.icp.clone(), desk.config.police.clone()));
    let (wanted, large) = (secret.to_owned(), view.large.is_some());
    let filled = desk.db.read(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &wanted)?;
        fill(tx, &keys, &ticket, &wanted, &filing)
    });
    let mut page = match filled.await {
        Ok(page) => page,
        Err(Error::NotFound) => return gone(desk),
        Err(err) => return Err(err.into()),
    };
    page.received = view.received.is_some();
    page.shell.large = large;
    page.shell.size_url = format!("/t/{secret}{}", if large { "" } else { "?large=1" });
    page.done = view.done.as_deref().map(done).unwrap_or_default().to_owned();
    let status = match refused {
        Some(refused) => refused.show(&mut page),
        None => StatusCode::OK,
    };
    web::html(status, &page)
}

fn gone(desk: &Desk) -> Result<HttpResponse, PageError> {
    let kind = Gone::UnknownTicket;
    let shell = Shell { title: kind.title().to_owned(), ..nowhere(&desk.config) };
    let page = GonePage { shell, kind, place: String::new(), way_on_url: "/t".to_owned() };
    web::html(StatusCode::NOT_FOUND, &page)
}

/// What was done, as a word in the address; other words say nothing.
fn done(word: &str) -> &'static str {
    match word {
        "answer" => "谢谢，您的评价已经记下。",
        "rework" => "已经交回去重办，有进展会写在这里。",
        "message" => "您的话已经发给工作人员。",
        "withdrawal" => "已经撤回。",
        "nudge" => "已经替您催了，工作人员看得到。",
        _ => "",
    }
}

/// Something that a resident asked for and did not get.
struct Refused {
    err: Error,
    /// Beside which field the sentence stands when the error names none of this page.
    field: &'static str,
    typed: Typed,
}

/// What they had typed.
#[derive(Default)]
struct Typed {
    message: String,
    reason: String,
    answer: Answer,
}

impl Refused {
    fn show(self, page: &mut TicketPage) -> StatusCode {
        web::log_fault(&self.err);
        page.errors = match &self.err {
            Error::Invalid(problems) => problems
                .iter()
                .map(|problem| match problem.field {
                    "note" => {
                        FieldProblem { field: self.field.to_owned(), message: problem.message.to_string() }
                    }
                    _ => FieldProblem::from(problem),
                })
                .collect(),
            err => vec![FieldProblem { field: self.field.to_owned(), message: err.to_string() }],
        };
        page.draft = self.typed.message;
        if let Some(rework) = &mut page.rework {
            rework.reason = self.typed.reason;
        }
        if let Some(questions) = &mut page.questions {
            questions.contacted = self.typed.answer.contacted;
            questions.solved = self.typed.answer.solved;
            questions.comment = self.typed.answer.comment;
            for grade in &mut questions.grades {
                grade.checked = grade.word == self.typed.answer.satisfied;
            }
        }
        web::status(&self.err)
    }
}

/// The three answers, as the form sends them.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Answer {
    #[serde(default)]
    contacted: String,
    #[serde(default)]
    solved: String,
    #[serde(default)]
    satisfied: String,
    #[serde(default)]
    comment: String,
}

impl Answer {
    fn read(&self) -> Result<FollowUp> {
        let yes = |field: &'static str, value: &str, ask: &'static str| match value {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Error::invalid(field, ask)),
        };
        Ok(FollowUp::Answered {
            contacted: yes("contacted", &self.contacted, "请选：工作人员联系过您吗")?,
            solved: yes("solved", &self.solved, "请选：事情解决了吗")?,
            satisfied: Satisfaction::parse(&self.satisfied)
                .ok_or_else(|| Error::invalid("satisfied", "请选：您满意吗"))?,
            comment: self.comment.trim().to_owned(),
        })
    }
}

/// `POST /t/{secret}/answer`: the three questions.
pub async fn answer(
    desk: Data<Desk>,
    secret: Path<String>,
    form: Form<Answer>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    let follow_up = form.read();
    let done = act(&desk, &secret, move |tx, actor, ticket| {
        steps::answer(tx, actor, Seen { id: ticket.id, version: ticket.version }, follow_up?)
    });
    let refused = |err| Refused { err, field: "answer", typed: Typed { answer: form, ..Typed::default() } };
    finish(&desk, &secret, "answer", done.await.map_err(refused)).await
}

/// A form with one text and perhaps a tick.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Words {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    confirm: String,
}

/// `POST /t/{secret}/rework`: not solved, once more.
pub async fn rework(
    desk: Data<Desk>,
    secret: Path<String>,
    form: Form<Words>,
) -> Result<HttpResponse, PageError> {
    let reason = form.into_inner().reason;
    let note = Note::parse("rework_reason", &reason, "请写一下哪里还没有办好，我们好对症处理");
    let done = act(&desk, &secret, move |tx, actor, ticket| {
        steps::rework(tx, actor, Seen { id: ticket.id, version: ticket.version }, &note?)
    });
    let refused = |err| Refused { err, field: "rework_reason", typed: Typed { reason, ..Typed::default() } };
    finish(&desk, &secret, "rework", done.await.map_err(refused)).await
}

/// `POST /t/{secret}/message`: something to add.
pub async fn message(
    desk: Data<Desk>,
    secret: Path<String>,
    form: Form<Words>,
) -> Result<HttpResponse, PageError> {
    let message = form.into_inner().text;
    let note = Note::parse("message", &message, "请先写点内容再发送");
    let done = act(&desk, &secret, move |tx, actor, ticket| acts::reply(tx, actor, ticket.id, &note?));
    let refused = |err| Refused { err, field: "message", typed: Typed { message, ..Typed::default() } };
    finish(&desk, &secret, "message", done.await.map_err(refused)).await
}

/// `POST /t/{secret}/withdrawal`: taken back before it was accepted.
pub async fn withdraw(
    desk: Data<Desk>,
    secret: Path<String>,
    form: Form<Words>,
) -> Result<HttpResponse, PageError> {
    let sure = !form.confirm.is_empty();
    let done = act(&desk, &secret, move |tx, actor, ticket| match sure {
        true => steps::withdraw(tx, actor, Seen { id: ticket.id, version: ticket.version }),
        false => Err(Error::invalid("confirm", "请先勾选“我确认撤回”")),
    });
    let refused = |err| Refused { err, field: "confirm", typed: Typed::default() };
    finish(&desk, &secret, "withdrawal", done.await.map_err(refused)).await
}

/// `POST /t/{secret}/nudge`: how does it go? Once a day.
pub async fn nudge(desk: Data<Desk>, secret: Path<String>) -> Result<HttpResponse, PageError> {
    let done = act(&desk, &secret, |tx, actor, ticket| urging::nudge(tx, actor, ticket.id));
    let refused = |err| Refused { err, field: "nudge", typed: Typed::default() };
    finish(&desk, &secret, "nudge", done.await.map_err(refused)).await
}

/// Does something as the resident of the report.
async fn act(
    desk: &Desk,
    secret: &str,
    verb: impl FnOnce(&mut Tx, &Actor, &Ticket) -> Result<Ticket> + Send + 'static,
) -> Result<Ticket> {
    let (keys, secret) = (desk.keys.clone(), secret.to_owned());
    let done = desk.db.write(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &secret)?;
        verb(tx, &Actor::resident(ticket.community_id), &ticket)
    });
    done.await
}

async fn finish(
    desk: &Desk,
    secret: &str,
    word: &str,
    done: std::result::Result<Ticket, Refused>,
) -> Result<HttpResponse, PageError> {
    match done {
        Ok(_) => Ok(see_other(&format!("/t/{secret}?done={word}"))),
        Err(refused) => page(desk, secret, &View::default(), Some(refused)).await,
    }
}

/// What the address of a photo says.
#[derive(serde::Deserialize)]
pub struct PhotoView {
    size: Option<String>,
}

/// `GET /t/{secret}/photos/{seq}`.
pub async fn photo(
    desk: Data<Desk>,
    path: Path<(String, i32)>,
    view: Query<PhotoView>,
) -> Result<HttpResponse, PageError> {
    let (keys, (secret, seq)) = (desk.keys.clone(), path.into_inner());
    let found = desk.db.read(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &secret)?;
        // Photos of the work in between are for staff.
        tickets::photo(tx, &ticket, seq).and_then(|photo| match photo.stage {
            Stage::Work => Err(Error::NotFound),
            Stage::Report | Stage::After => Ok(photo),
        })
    });
    let size = if view.size.as_deref() == Some("thumb") { Size::Thumb } else { Size::Full };
    send_photo(&desk.photos, &found.await?.photo, size).await
}

/// Fills the page with what its resident may know.
fn fill(
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
    let shots = |stage: Stage| {
        let own = photos.iter().filter(move |photo| photo.stage == stage);
        own.map(|photo| {
            let url = format!("{path}/photos/{}", photo.seq);
            Photo { thumb: format!("{url}?size=thumb"), url }
        })
        .collect()
    };
    Ok(TicketPage {
        shell: Shell {
            title: format!("{} · {}", ticket.number, place.full_name),
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
        steps: plain_steps(&leading),
        ending: ending(ticket, &history),
        result: leading.result_text.clone(),
        photos: shots(Stage::Report),
        repaired: shots(Stage::After),
        questions: offers(tickets::Step::Answer).then(questions),
        answered: answered(ticket),
        rework: rework_offer(tx, ticket, offers(tickets::Step::Rework))?,
        shared: incidents::of(tx, ticket)?.is_some(),
        messages: messages(&history),
        can_write: ticket.stand().allows(Act::Reply, Role::Resident).is_ok(),
        can_withdraw: offers(tickets::Step::Withdraw),
        place: place.full_name,
        matter: matter(tx, ticket)?,
        text: mask::text(&ticket.text),
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
            format!("最晚 {} 前办结，{}{more}", ticket.due_at.long(), way.left(limit, tx.now))
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
            text: mask::text(&part.text),
            result: mask::text(&leading.result_text),
            questions: steps.contains(&tickets::Step::Answer).then(questions),
            answered: answered(&part),
            rework: rework_offer(tx, &part, steps.contains(&tickets::Step::Rework))?,
            number: part.number,
        });
    }
    Ok(shown)
}

fn headline(ticket: &Ticket) -> &'static str {
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

/// The four plain steps with their times.
fn plain_steps(ticket: &Ticket) -> Vec<Step> {
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
                note: String::new(),
            }
        })
        .collect()
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
        comment.map(|comment| format!("您说：{}", mask::text(comment))),
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

fn messages(history: &[tickets::Event]) -> Vec<Message> {
    let said = |event: &&tickets::Event| {
        // The result, the answers and the end of it have places of their own.
        let elsewhere = [
            tickets::Step::Close.word(),
            tickets::Step::PassOn.word(),
            tickets::Step::Answer.word(),
            tickets::Step::Refuse.word(),
            Act::Split.word(),
        ];
        event.audience == Audience::Resident
            && !event.note.is_empty()
            && !elsewhere.contains(&event.act.as_str())
    };
    let message = |event: &tickets::Event| Message {
        who: event.role.label().to_owned(),
        time: event.at.long(),
        text: mask::text(&event.note),
        mine: event.role == Role::Resident,
    };
    history.iter().filter(said).map(message).collect()
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

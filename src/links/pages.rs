//! `GET` and `POST /o/{secret}`: the matter, taking it, and what is handed in.
//!
//! A GET changes nothing: messengers look at links before people do. Nothing of the body is read before the address is
//! known to be the caller's.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};

use super::Wrong;
use super::view::{MatterPage, OfferPage, Said, ShutPage, shut};
use crate::config::Config;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::keys::{self, Keys};
use crate::photos::{Photo, Size};
use crate::places::{self, Community};
use crate::reports::door::shell;
use crate::reports::kept;
use crate::reports::pages::{Desk, nowhere, send_photo};
use crate::reports::view::{FieldProblem, Photo as Shot, Shell};
use crate::routing;
use crate::tickets::outside::{self, Bearer, Found, Handed, Way};
use crate::tickets::{self, Act, Event, Stage, Ticket, TicketPhoto, links, requests};
use crate::web::form::{self, File, Form};
use crate::web::{self, PageError, client_address, cookie, cookie_name, html, see_other};

/// How many photos may be handed in at once.
pub const PHOTO_LIMIT: usize = 6;
/// The cookie of the browser that took a link: random, stored only as a keyed hash bound to that link.
const BROWSER: &str = "louma_outside";
/// Seconds that it is kept: longer than any link lives.
const KEPT: i64 = 180 * 24 * 3600;

type Answer = std::result::Result<HttpResponse, PageError>;

/// What the address says beside its secret.
#[derive(Default, serde::Deserialize)]
pub struct View {
    #[serde(default)]
    done: String,
    #[serde(default)]
    size: String,
}

/// `GET /o/{secret}`.
pub async fn show(
    req: HttpRequest,
    desk: Data<Desk>,
    wrong: Data<Wrong>,
    secret: Path<String>,
    view: Query<View>,
) -> Answer {
    let call = Call { browser: browser(&req, &desk.config), req, desk, wrong, secret: secret.into_inner() };
    call.page(Turn { done: done(&view.done), ..Turn::default() }).await
}

/// `POST /o/{secret}/taking`: 「我来办理」, which binds the link to this browser.
pub async fn take(req: HttpRequest, desk: Data<Desk>, wrong: Data<Wrong>, secret: Path<String>) -> Answer {
    let browser = browser(&req, &desk.config).unwrap_or_else(keys::token);
    let call = Call { browser: Some(browser.clone()), req, desk, wrong, secret: secret.into_inner() };
    let (keys, bearer) = (call.desk.keys.clone(), Bearer { token: call.secret.clone(), browser });
    let cookie = cookie(&call.desk.config, BROWSER, bearer.browser.clone(), KEPT);
    match call.desk.db.write(move |tx| outside::open(tx, &keys, &bearer)).await {
        Ok(_) => {
            let mut answer = see_other(&format!("/o/{}?done=taking", call.secret));
            answer.add_cookie(&cookie).map_err(|err| Error::internal(anyhow::anyhow!("{err}")))?;
            Ok(answer)
        }
        Err(err) => call.page(Turn::refused(err)).await,
    }
}

/// `POST /o/{secret}`: a word, photos, or that it is done.
pub async fn hand_in(
    req: HttpRequest,
    desk: Data<Desk>,
    wrong: Data<Wrong>,
    secret: Path<String>,
    parts: Multipart,
) -> Answer {
    let call = Call { browser: browser(&req, &desk.config), req, desk, wrong, secret: secret.into_inner() };
    let Some(found) = call.found().await?.filter(|found| found.way == Way::Own) else {
        return call.page(Turn::default()).await;
    };
    let mut form = form::read(&call.req, parts).await?;
    let (photos, problem) = call.take_in(&mut form).await;
    let (text, word) = (form.text("text").to_owned(), form.text("what").to_owned());
    let handed = if word == "done" { Handed::Done } else { Handed::Word };
    let result = match problem {
        Some(err) => Err(err),
        None => call.write(handed, text.clone(), photos.clone()).await,
    };
    match result {
        Ok(_) => Ok(see_other(&format!("/o/{}?done={word}", call.secret))),
        Err(err) => {
            let keys = photos.iter().map(|photo| photo.key.clone()).collect();
            kept::wait(&call.desk, found.ticket.community_id, keys).await?;
            call.page(Turn { draft: text, photos, ..Turn::refused(err) }).await
        }
    }
}

/// `GET /o/{secret}/photos/{seq}`: of the report, or their own; for the browser that holds the link.
pub async fn photo(
    req: HttpRequest,
    desk: Data<Desk>,
    wrong: Data<Wrong>,
    path: Path<(String, i32)>,
    view: Query<View>,
) -> Answer {
    let (secret, seq) = path.into_inner();
    let call = Call { browser: browser(&req, &desk.config), req, desk, wrong, secret };
    let (keys, token, browser) = call.asking();
    let found = call.desk.db.read(move |tx| {
        let found = outside::enter(tx, &keys, &token, browser.as_deref())?;
        if found.way != Way::Own {
            return Err(Error::NotFound);
        }
        let photos = outside::visible_photos(tx, &found)?;
        photos.into_iter().find(|photo| photo.seq == seq).ok_or(Error::NotFound)
    });
    let size = if view.size == "thumb" { Size::Thumb } else { Size::Full };
    send_photo(&call.desk.photos, &found.await?.photo, size).await
}

/// What was done, as a word in the address; other words say nothing.
fn done(word: &str) -> &'static str {
    match word {
        "taking" => "好的，这件事由您办理。收藏这个页面，随时可以回来。",
        "word" => "已经发给社区，有回话会写在这里。",
        "done" => "收到，社区会去核实。谢谢您！",
        _ => "",
    }
}

fn browser(req: &HttpRequest, config: &Config) -> Option<String> {
    let cookie = req.cookie(&cookie_name(config, BROWSER))?;
    Some(cookie.value().to_owned()).filter(|value| (20..=64).contains(&value.len()))
}

/// What the page says beside what there is.
#[derive(Default)]
struct Turn {
    done: &'static str,
    err: Option<Error>,
    draft: String,
    photos: Vec<Photo>,
}

impl Turn {
    fn refused(err: Error) -> Turn {
        Turn { err: Some(err), ..Turn::default() }
    }
}

/// Somebody who calls an address.
struct Call {
    req: HttpRequest,
    desk: Data<Desk>,
    wrong: Data<Wrong>,
    secret: String,
    browser: Option<String>,
}

/// What is behind an address, ready to show.
enum Shown {
    Matter(Box<MatterPage>),
    Offer(OfferPage),
    Shut(ShutPage, StatusCode),
}

impl Call {
    fn asking(&self) -> (Data<Keys>, String, Option<String>) {
        (self.desk.keys.clone(), self.secret.clone(), self.browser.clone())
    }

    async fn found(&self) -> Result<Option<Found>> {
        let (keys, token, browser) = self.asking();
        match self.desk.db.read(move |tx| outside::enter(tx, &keys, &token, browser.as_deref())).await {
            Err(Error::NotFound) => Ok(None),
            found => found.map(Some),
        }
    }

    async fn write(&self, handed: Handed, text: String, photos: Vec<Photo>) -> Result<Ticket> {
        let (keys, token, browser) = self.asking();
        let bearer = Bearer { token, browser: browser.ok_or(Error::NotFound)? };
        let hand_in = move |tx: &mut Tx| outside::hand_in(tx, &keys, &bearer, handed, (&text, &photos));
        self.desk.db.write(hand_in).await
    }

    async fn page(&self, turn: Turn) -> Answer {
        let (keys, token, browser) = self.asking();
        let filing = (self.desk.config.icp.clone(), self.desk.config.police.clone());
        let read = move |tx: &mut Tx| {
            let found = outside::enter(tx, &keys, &token, browser.as_deref())?;
            fill(tx, &found, &token, &filing)
        };
        match self.desk.db.read(read).await {
            Ok(Shown::Matter(page)) => self.matter(*page, turn),
            Ok(Shown::Offer(page)) => html(StatusCode::OK, &page),
            Ok(Shown::Shut(page, status)) => html(status, &ShutPage { draft: turn.draft, ..page }),
            Err(Error::NotFound) => self.unknown().await,
            Err(err) => Err(err.into()),
        }
    }

    /// The page, perhaps with what was refused and everything that was typed.
    fn matter(&self, mut page: MatterPage, turn: Turn) -> Answer {
        page.done = turn.done;
        let Some(err) = turn.err else { return html(StatusCode::OK, &page) };
        web::log_fault(&err);
        page.errors = match &err {
            Error::Invalid(problems) => problems.iter().map(FieldProblem::from).collect(),
            err => vec![FieldProblem { field: "text".to_owned(), message: err.to_string() }],
        };
        page.draft = turn.draft;
        page.kept = turn.photos.iter().map(|photo| self.hold(photo)).collect();
        html(web::status(&err), &page)
    }

    /// No such link. The community is named where the beginning of the address still says which it was.
    async fn unknown(&self) -> Answer {
        if self.wrong.too_many(client_address(&self.req, &self.desk.config)) {
            return Err(Error::TooMany.into());
        }
        let start = self.secret.get(..4).unwrap_or_default().to_owned();
        let community = self.desk.db.read(move |tx| places::community_by_token(tx, &start)).await?;
        let filing = (self.desk.config.icp.clone(), self.desk.config.police.clone());
        let around = community.map_or_else(|| nowhere(&self.desk), |found| around(&found, &filing));
        let page = ShutPage {
            shell: Shell { title: "没有找到这个链接".to_owned(), ..around },
            title: "没有找到这个链接",
            sentence: "可能是网址没有复制完整。请回到收到链接的消息里再点一次；还是不行，请打社区电话。"
                .to_owned(),
            draft: String::new(),
        };
        html(StatusCode::NOT_FOUND, &page)
    }

    /// Takes in the photos of a form: those of an earlier try and those just chosen. What is usable is kept even where
    /// another one is not.
    async fn take_in(&self, form: &mut Form) -> (Vec<Photo>, Option<Error>) {
        let dropped: Vec<&str> = form.all("removed").collect();
        let kept = form.all("kept").filter(|held| !dropped.contains(held));
        let mut photos: Vec<Photo> = kept.filter_map(|held| self.held(held)).collect();
        let mut problem = None;
        for file in std::mem::take(&mut form.files) {
            if photos.len() >= PHOTO_LIMIT {
                problem = Some(Error::invalid("photo", format!("一次最多 {PHOTO_LIMIT} 张照片")));
                break;
            }
            match self.take_one(file).await {
                Ok(photo) => photos.push(photo),
                Err(err) => problem = Some(err),
            }
        }
        (photos, problem)
    }

    async fn take_one(&self, file: File) -> Result<Photo> {
        let too_large = || Error::invalid("photo", "有一张照片超过 10 MB，请换一张小一点的");
        let path = file.content.as_ref().ok_or_else(too_large)?.to_path_buf();
        let taken = self.desk.photos.take_in(path).await;
        taken.map_err(|err| match err {
            Error::Invalid(_) => Error::invalid("photo", err.to_string()),
            err => err,
        })
    }

    /// A photo as a hidden field carries it, signed for this link.
    fn hold(&self, photo: &Photo) -> String {
        let line = photo.line();
        let stamp = self.desk.keys.stamp("outside", &format!("{}/{line}", self.secret));
        format!("{line}.{stamp}")
    }

    fn held(&self, held: &str) -> Option<Photo> {
        let (line, stamp) = held.rsplit_once('.')?;
        let signed = self.desk.keys.stamped("outside", &format!("{}/{line}", self.secret), stamp);
        signed.then(|| Photo::from_line(line))?
    }
}

/// What surrounds the pages: the community's own phone alone.
fn around(community: &Community, filing: &(String, String)) -> Shell {
    let mut around = shell(community, filing);
    around.phones.retain(|phone| phone.label == "社区");
    around
}

fn fill(tx: &mut Tx, found: &Found, token: &str, filing: &(String, String)) -> Result<Shown> {
    let community = places::community(tx, found.ticket.community_id)?;
    let shell =
        Shell { title: format!("{}请您办理一件事", community.name), ..around(&community, filing) };
    let status = match found.way {
        Way::Own | Way::Untaken => StatusCode::OK,
        Way::Elsewhere => StatusCode::FORBIDDEN,
        Way::Closed | Way::Revoked | Way::Expired => StatusCode::GONE,
    };
    if status != StatusCode::OK {
        let (title, sentence) = shut(found.way, &found.link.maker);
        return Ok(Shown::Shut(ShutPage { shell, title, sentence, draft: String::new() }, status));
    }
    let place = places::find(tx, found.ticket.community_id, found.ticket.place_id)?.full_name;
    let offer = OfferPage {
        shell,
        path: format!("/o/{token}"),
        name: found.link.name.clone(),
        place,
        matter: matter(tx, &found.ticket)?,
        until: until(tx, &found.ticket)?,
        expires: found.link.expires_at.long(),
    };
    if found.way == Way::Untaken {
        return Ok(Shown::Offer(offer));
    }
    whole(tx, found, offer).map(Box::new).map(Shown::Matter)
}

/// The page of whoever holds the link.
fn whole(tx: &mut Tx, found: &Found, offer: OfferPage) -> Result<MatterPage> {
    let photos = outside::visible_photos(tx, found)?;
    let talk = links::talk(tx, &found.ticket, &found.link)?;
    let shots = |fits: &dyn Fn(&TicketPhoto) -> bool| {
        let shot = |photo: &TicketPhoto| {
            let url = format!("{}/photos/{}", offer.path, photo.seq);
            Shot { thumb: format!("{url}?size=thumb"), url }
        };
        photos.iter().filter(|photo| fits(photo)).map(shot).collect::<Vec<Shot>>()
    };
    let said = |event: &Event| {
        let numbers = links::photos_of(event);
        said(event, shots(&|photo| numbers.contains(&photo.seq)))
    };
    Ok(MatterPage {
        photos: shots(&|photo| photo.stage == Stage::Report),
        talk: talk.iter().map(said).collect(),
        text: found.link.text.shown(),
        reported: found.link.done_at.is_some(),
        shell: offer.shell,
        path: offer.path,
        name: offer.name,
        place: offer.place,
        matter: offer.matter,
        until: offer.until,
        expires: offer.expires,
        ..MatterPage::default()
    })
}

fn said(event: &Event, photos: Vec<Shot>) -> Said {
    let mine = event.role == crate::people::Role::Outsider;
    let (what, text) = match Act::parse(&event.act) {
        Some(Act::Report) => ("报完成", event.note.shown()),
        Some(Act::SendBack) => ("还没有办好", event.note.shown()),
        Some(Act::Check) => ("核实通过", "核实过了，谢谢！".to_owned()),
        _ => ("留言", event.note.shown()),
    };
    let who = if mine { "您" } else { "社区" };
    Said { who, what, time: event.at.long(), text, photos, mine }
}

/// The category in plain words.
fn matter(tx: &mut Tx, ticket: &Ticket) -> Result<String> {
    let categories = routing::categories(tx)?;
    let own = ticket.category.as_ref().and_then(|code| categories.iter().find(|each| each.code == *code));
    let tile = categories.iter().find(|each| each.level1_code() == ticket.level1);
    let tile = tile.map(|each| each.level1.clone());
    Ok(own.map(|each| format!("{}：{}", each.level1, each.level2)).or(tile).unwrap_or_default())
}

/// Until when it is to be done, in words.
fn until(tx: &mut Tx, ticket: &Ticket) -> Result<String> {
    Ok(match requests::account(tx, ticket)? {
        Some(_) => "暂时没有期限，社区另行通知".to_owned(),
        None => {
            let limit = (ticket.submitted_at, ticket.due_at);
            let left = tickets::reckoning(tx, ticket)?.left(limit, tx.now);
            format!("{} 前办好，{left}", ticket.due_at.long())
        }
    })
}

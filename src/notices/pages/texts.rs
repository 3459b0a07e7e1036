//! What messages say, as a page: a template for each topic, looked at while it is written.

use actix_web::web::{Data, Query};
use askama::Template;

use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::notices::post::Post;
use crate::notices::texts::{self, NAMES, Text};
use crate::notices::told::{self, Topic};
use crate::routing;
use crate::web::{html, see_other};

const PATH: &str = "/console/channels/texts";

/// Which text is written.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
pub struct Chosen {
    topic: String,
    level1: String,
}

impl Chosen {
    fn topic(&self) -> Topic {
        Topic::parse(&self.topic).unwrap_or(Topic::New)
    }
}

#[derive(Template)]
#[template(path = "notices/pages/texts.html")]
struct TextsPage {
    chrome: Chrome,
    topics: Vec<(&'static str, &'static str)>,
    groups: Vec<(String, String)>,
    topic: Topic,
    level1: String,
    /// What holds for this topic and group now.
    text: String,
    /// Whether it is the community's own for exactly this.
    own: bool,
    texts: Vec<(Text, String)>,
    names: Vec<(&'static str, &'static str)>,
    /// What `step` may say under this topic.
    steps: Vec<&'static str>,
    preview: Preview,
    sent: Sent,
}

/// A message as it would be read; also the whole answer while somebody writes.
#[derive(Template)]
#[template(path = "notices/pages/preview.html")]
struct Preview {
    said: String,
    problem: String,
}

impl Preview {
    fn of(template: &str, topic: Topic, base_url: &str) -> Result<Preview> {
        match texts::preview(template, topic, base_url) {
            Ok(said) => Ok(Preview { said, problem: String::new() }),
            Err(err @ Error::Invalid(_)) => Ok(Preview { said: String::new(), problem: err.to_string() }),
            Err(err) => Err(err),
        }
    }
}

/// `GET /console/channels/texts`.
pub async fn page(visit: Visit, post: Data<Post>, chosen: Query<Chosen>) -> Answer {
    show(visit, &post, Sent::default(), chosen.into_inner()).await
}

async fn show(visit: Visit, post: &Post, sent: Sent, chosen: Chosen) -> Answer {
    let (status, at, base_url) = (sent.status(), visit.clone(), post.base_url.clone());
    html(status, &visit.db.read(move |tx| fill(tx, &at, (sent, chosen), &base_url)).await?)
}

fn fill(tx: &mut Tx, visit: &Visit, (sent, chosen): (Sent, Chosen), base_url: &str) -> Result<TextsPage> {
    let (own, topic) = (texts::list(tx, visit.session.actor.community_id)?, chosen.topic());
    let mut groups = vec![(String::new(), "所有分类".to_owned())];
    for category in routing::categories(tx)? {
        if groups.last().is_none_or(|(code, _)| code != category.level1_code()) {
            groups.push((category.level1_code().to_owned(), category.level1));
        }
    }
    let level1 = groups.iter().find(|(code, _)| *code == chosen.level1).map(|each| each.0.clone());
    let level1 = level1.unwrap_or_default();
    let text = texts::chosen(&own, topic, &level1).to_owned();
    let written = sent.shown("text", &text);
    let label = |code: &str| groups.iter().find(|(each, _)| each == code).map(|each| each.1.clone());
    Ok(TextsPage {
        chrome: visit.chrome(tx, "通知模板", "/console/channels")?,
        topics: Topic::ALL.iter().map(|topic| (topic.word(), topic.label())).collect(),
        own: own.iter().any(|each| each.topic == topic && each.level1 == level1),
        preview: Preview::of(&written, topic, base_url)?,
        texts: own.into_iter().map(|text| (text.clone(), label(&text.level1).unwrap_or_default())).collect(),
        names: NAMES.to_vec(),
        steps: told::steps(topic),
        groups,
        topic,
        level1,
        text,
        sent,
    })
}

/// `POST /console/channels/texts`: writes one, or takes it back where it is empty.
pub async fn set(visit: Visit, post: Data<Post>, fields: Fields) -> Answer {
    let sent = Sent::new("text", fields.into_inner());
    let chosen = Chosen { topic: sent.text("topic").to_owned(), level1: sent.text("level1").to_owned() };
    let (asked, wanted, actor) = (sent.clone(), chosen.clone(), visit.session.actor.clone());
    let take = move |tx: &mut Tx| {
        let topic =
            Topic::parse(&wanted.topic).ok_or_else(|| Error::invalid("topic", "请选择哪件事的模板"))?;
        let text = if asked.text("back").is_empty() { asked.text("text") } else { "" };
        if text.is_empty() && asked.text("back").is_empty() {
            return Err(Error::invalid("text", "请写上要说的话；要用系统自带的，请按“用回系统自带的”"));
        }
        texts::set(tx, &actor, topic, &wanted.level1, text)
    };
    match visit.db.write(take).await {
        Ok(()) => Ok(see_other(&format!("{PATH}?topic={}&level1={}", chosen.topic().word(), chosen.level1))),
        Err(err) => show(visit, &post, sent.refused(err)?, chosen).await,
    }
}

/// `POST /console/channels/texts/preview`: how it would read, or what is wrong with it.
pub async fn preview(post: Data<Post>, fields: Fields) -> Answer {
    let sent = Sent::new("text", fields.into_inner());
    let topic = Topic::parse(sent.text("topic")).unwrap_or(Topic::New);
    html(actix_web::http::StatusCode::OK, &Preview::of(sent.text("text"), topic, &post.base_url)?)
}

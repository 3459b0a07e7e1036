//! What the hotline's names are here, as a page: what the program proposes, each with a form to correct it.

use actix_web::web::Query;
use askama::Template;

use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::hotline::names::{self, Kind, Listed, Maker, Meant, PAGE};
use crate::places;
use crate::routing;
use crate::web::{html, see_other};

const PATH: &str = "/console/hotline/names";

#[derive(Template)]
#[template(path = "hotline/names.html")]
struct NamesPage {
    chrome: Chrome,
    kind: Kind,
    made_by: Option<Maker>,
    listed: Vec<Listed>,
    next: Option<String>,
    choices: Vec<(String, String)>,
    counts: Vec<(Maker, i64)>,
    total: i64,
    after: String,
    sent: Sent,
}

impl NamesPage {
    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }

    /// The value of the choice that a name has now.
    fn chosen(&self, listed: &Listed) -> String {
        let category = listed.name.category.clone();
        listed.name.place_id.map(|place| place.to_string()).or(category).unwrap_or_default()
    }

    fn is(&self, maker: &Maker) -> bool {
        self.made_by == Some(*maker)
    }
}

/// Which names.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    kind: String,
    made_by: String,
    after: String,
}

/// `GET /console/hotline/names`.
pub async fn page(visit: Visit, asked: Query<Asked>) -> Answer {
    show(visit, asked.into_inner(), Sent::default()).await
}

async fn show(visit: Visit, asked: Asked, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    html(status, &visit.db.read(move |tx| fill(tx, &at, asked, sent)).await?)
}

fn fill(tx: &mut Tx, visit: &Visit, asked: Asked, sent: Sent) -> Result<NamesPage> {
    let community = visit.session.actor.community_id;
    let kind = Kind::parse(&asked.kind).unwrap_or(Kind::Place);
    let made_by = Maker::parse(&asked.made_by);
    let after = Some(asked.after.as_str()).filter(|after| !after.is_empty());
    let listed = names::list(tx, community, kind, made_by, after)?;
    let full = listed.len() == PAGE as usize;
    let counts = names::made_by(tx, community, kind)?;
    let count = |maker: &Maker| (*maker, counts.get(maker).copied().unwrap_or_default());
    Ok(NamesPage {
        chrome: visit.chrome(tx, "12345 名称对应", "/console/hotline")?,
        next: listed.last().filter(|_| full).map(|last| last.name.name.clone()),
        listed,
        choices: if kind == Kind::Place { place_choices(tx, community)? } else { matter_choices(tx)? },
        total: counts.values().sum(),
        counts: Maker::ALL.iter().map(count).collect(),
        after: asked.after,
        kind,
        made_by,
        sent,
    })
}

fn place_choices(tx: &mut Tx, community: Id) -> Result<Vec<(String, String)>> {
    let none = std::iter::once((String::new(), "（不对应本社区的地点）".to_owned()));
    let all = places::list(tx, community)?.into_iter();
    Ok(none.chain(all.map(|place| (place.id.to_string(), place.full_name))).collect())
}

fn matter_choices(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let mut choices = vec![(String::new(), "（不对应我们的分类）".to_owned())];
    for each in routing::categories(tx)? {
        let level1 = each.level1_code().to_owned();
        if choices.iter().all(|(code, _)| *code != level1) {
            choices.push((level1, each.level1.clone()));
        }
        choices.push((each.code.clone(), format!("{}：{}", each.level1, each.level2)));
    }
    Ok(choices)
}

/// `POST /console/hotline/names`: somebody says what a name is.
pub async fn decide(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("name", fields.into_inner());
    let asked = Asked {
        kind: sent.text("kind").to_owned(),
        made_by: sent.text("made_by").to_owned(),
        after: sent.text("after").to_owned(),
    };
    let (meant, actor) = (read(&sent), visit.session.actor.clone());
    match visit.db.write(move |tx| names::decide(tx, &actor, meant?)).await {
        Ok(name) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("kind", name.kind.word());
            query.append_pair("made_by", &asked.made_by).append_pair("after", &asked.after);
            Ok(see_other(&format!("{PATH}?{}", query.finish())))
        }
        Err(err) => show(visit, asked, sent.refused(err)?).await,
    }
}

fn read(sent: &Sent) -> Result<Meant> {
    let wrong = || Error::invalid("target", "页面不完整，请刷新后再试");
    let kind = Kind::parse(sent.text("kind")).ok_or_else(wrong)?;
    let target = sent.text("target");
    Ok(Meant {
        kind,
        name: sent.raw("name").to_owned(),
        place_id: if kind == Kind::Place { sent.id("target")? } else { None },
        category: (kind == Kind::Matter && !target.is_empty()).then(|| target.to_owned()),
    })
}

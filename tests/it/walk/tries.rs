//! What is tried on a walk: every ask of the desk and all that others do, with forms filled in by the dice.

use chrono::Days;
use louma::db::{Id, Time, Tx};
use louma::error::{Error, Result};
use louma::keys::Keys;
use louma::people::{Actor, Role};
use louma::photos::{Photo, PhotoKey};
use louma::tickets::acts::Contact;
use louma::tickets::asks::{self, Ask, handing::Cause};
use louma::tickets::exclusions;
use louma::tickets::links::Invitation;
use louma::tickets::outside::{self, Bearer, Handed};
use louma::tickets::steps::{self, FollowUp, Office, Seen};
use louma::tickets::{
    self, Act, Level, Note, Outcome, Reason, Satisfaction, Stage, Step, Ticket, Verdict, acts, links,
    requests, urging,
};
use louma::web::form::Form;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// How it is tried.
pub type Run = fn(&Try, &Keys, &mut Tx, Id) -> Result<Ticket>;

fn run<A: Ask>(each: &Try, keys: &Keys, tx: &mut Tx, id: Id) -> Result<Ticket> {
    A::read(&each.form, each.photos.clone())?.run(tx, keys, &each.actor, id)
}

macro_rules! asks {
    ($($name:ident)*) => { &[$((<asks::$name as Ask>::NOUN, run::<asks::$name> as Run)),*] };
}

/// Everything that staff may ask for: a noun under `/console/tickets/{id}/` that is missing here fails the walk.
pub const ASKS: &[(&str, Run)] = asks![
    Acceptance Refusal Merger Dispatch Transfer Return Closure Answer Rework Archiving
    Contacted Categorization Remark Message Pictures Proposal
    Taking Unmerger Split Support Unsupport Extension Suspension Resumption Passing Urge Safety
    Follow Unfollow
];

/// What leads nowhere new: tried more seldom, so that walks get far.
const DULL: &[&str] = &[
    "contacts",
    "notes",
    "messages",
    "photos",
    "exclusions",
    "reveals",
    "addition",
    "nudge",
    "urges",
    "following",
    "unfollowing",
    "parts",
    "extensions",
];
/// What ends a ticket or its work: tried most seldom.
const ENDS: &[&str] = &["merger", "refusal", "withdrawal", "passing", "closure"];

/// What needs much to have happened before: tried whenever it may be.
const EAGER: &[&str] = &["request", "resumption", "dispatch", "taking", "return", "transfer", "rework"];

/// How seldom something is tried: once in so many times that the dice fall on it.
fn seldom(noun: &str) -> u32 {
    match noun {
        noun if ENDS.contains(&noun) => 36,
        noun if DULL.contains(&noun) => 15,
        noun if EAGER.contains(&noun) => 1,
        _ => 3,
    }
}

/// What a noun is called in the tables of steps and acts.
const MEANS: &[(&str, &str)] = &[
    ("acceptance", "accept"),
    ("refusal", "refuse"),
    ("withdrawal", "withdraw"),
    ("merger", "merge"),
    ("unmerger", "unmerge"),
    ("dispatch", "dispatch"),
    ("taking", "take"),
    ("transfer", "transfer"),
    ("return", "return"),
    ("resumption", "resume"),
    ("passing", "pass_on"),
    ("closure", "close"),
    ("answer", "answer"),
    ("opinion", "answer"),
    ("rework", "rework"),
    ("archiving", "archive"),
    ("contacts", "contact"),
    ("safety", "make_safe"),
    ("category", "categorize"),
    ("supports", "support"),
    ("unsupports", "unsupport"),
    ("extensions", "ask_extension"),
    ("suspensions", "ask_suspension"),
    ("request", "decline"),
    ("urges", "urge"),
    ("nudge", "nudge"),
    ("parts", "split"),
    ("notes", "note"),
    ("messages", "message"),
    ("addition", "reply"),
    ("photos", "photo"),
    ("reveals", "reveal"),
    ("links", "invite"),
    ("revocations", "revoke"),
    ("outside-replies", "outside_reply"),
    ("outside-checks", "outside_check"),
    ("outside-returns", "outside_return"),
    ("exclusions", "propose"),
    ("decision", "decide"),
];

/// Whether the tables let somebody do this to a ticket as it stands.
fn possible(of: &Ticket, actor: &Actor, noun: &str) -> bool {
    let Some((_, word)) = MEANS.iter().find(|means| means.0 == noun) else { return true };
    let (stand, role) = (of.stand(), of.role(actor));
    let step = Step::ALL.iter().find(|step| step.word() == *word);
    let act = Act::ALL.iter().find(|act| act.word() == *word);
    step.is_some_and(|step| stand.after(*step, role).is_ok())
        || act.is_some_and(|act| stand.allows(*act, role).is_ok())
}

/// What is tried, drawn before the transaction.
pub struct Try {
    pub actor: Actor,
    pub at: Time,
    pub noun: &'static str,
    run: Run,
    form: Form,
    photos: Vec<Photo>,
    verdict: Verdict,
    yes: [bool; 2],
}

/// What another room does beside a ticket: it takes no step.
pub const BESIDE: &[&str] = &["distinction", "neighbours/{neighbour}/reveals", "neighbours/confirmations"];

/// What nobody asks for by a form of the desk.
pub const OTHERS: &[(&str, Run)] = &[
    ("withdrawal", |each, _, tx, id| steps::withdraw(tx, &each.actor, each.seen(id)?)),
    ("opinion", |each, _, tx, id| {
        let follow_up = FollowUp::Answered {
            contacted: each.yes[0],
            solved: each.yes[1],
            satisfied: each.form.choice("satisfied", Satisfaction::parse, "")?,
            comment: each.form.text("comment").to_owned(),
        };
        steps::answer(tx, &each.actor, each.seen(id)?, follow_up)
    }),
    ("addition", |each, _, tx, id| acts::reply(tx, &each.actor, id, &each.note("text")?, &[])),
    ("reveals", |each, keys, tx, id| {
        acts::reveal(tx, keys, &each.actor, id, &each.note("why")?)?;
        tickets::find(tx, &each.actor, id)
    }),
    ("decision", |each, _, tx, id| {
        let ticket = tickets::find(tx, &each.actor, id)?;
        let open = exclusions::of(tx, &ticket)?.pop().ok_or(Error::NotFound)?;
        exclusions::decide(tx, &each.actor, open.id, each.verdict)
    }),
    ("request", |each, _, tx, id| {
        let ticket = tickets::find(tx, &each.actor, id)?;
        let open = requests::of(tx, &ticket)?.pop().ok_or(Error::NotFound)?;
        requests::decide(tx, &each.actor, open.id, each.verdict, &each.note("reason")?)
    }),
    ("nudge", |each, _, tx, id| urging::nudge(tx, &each.actor, id)),
    // Made, taken and reported done in one go: the address is known to nobody afterwards.
    ("links", |each, keys, tx, id| {
        let invitation =
            Invitation { party: None, name: "供电公司".to_owned(), text: String::new(), days: 14 };
        let made = links::invite(tx, keys, &each.actor, id, invitation)?;
        let bearer = Bearer { token: made.token, browser: "a browser of the walk".to_owned() };
        outside::open(tx, keys, &bearer)?;
        outside::hand_in(tx, keys, &bearer, Handed::Done, ("已接好", &each.photos))
    }),
    ("revocations", |each, _, tx, id| {
        let link = link(each, tx, id)?;
        links::revoke(tx, &each.actor, id, link)
    }),
    ("outside-checks", |each, _, tx, id| {
        let link = link(each, tx, id)?;
        links::check(tx, &each.actor, id, link)
    }),
    ("outside-replies", |each, _, tx, id| {
        let link = link(each, tx, id)?;
        links::respond(tx, &each.actor, id, link, &each.note("note")?)
    }),
    ("outside-returns", |each, _, tx, id| {
        let link = link(each, tx, id)?;
        links::send_back(tx, &each.actor, id, link, &each.note("note")?)
    }),
];

/// The latest link of a ticket that the actor may know of.
fn link(each: &Try, tx: &mut Tx, id: Id) -> Result<Id> {
    let ticket = tickets::find(tx, &each.actor, id)?;
    let latest = links::of(tx, &ticket)?.into_iter().next();
    latest.map(|link| link.id).ok_or(Error::NotFound)
}

impl Try {
    /// Tries it.
    pub fn run(&self, keys: &Keys, tx: &mut Tx, id: Id) -> Result<Ticket> {
        (self.run)(self, keys, tx, id)
    }

    fn seen(&self, id: Id) -> Result<Seen> {
        let version = self.form.choice("version", |text| text.parse().ok(), "")?;
        Ok(Seen { id, version })
    }

    fn note(&self, field: &'static str) -> Result<Note> {
        Note::parse(field, self.form.text(field), "请写点什么")
    }
}

/// What somebody tries next, on one of the tickets. Those who may do most come most often; time goes by.
pub fn draw(
    rng: &mut StdRng,
    now: &mut Time,
    (actors, parties): (&[Actor], &[Id]),
    tickets: &[&Ticket],
) -> (Id, Try) {
    let minutes = match rng.random_range(0..10) {
        0..6 => rng.random_range(0..120),
        6..9 => rng.random_range(60..1440),
        _ => rng.random_range(1440..6 * 1440),
    };
    *now = now.plus_minutes(minutes);
    let often = [Role::CommunityLead, Role::CommunityWorker, Role::Handler, Role::GridWorker, Role::Resident];
    // Three times of four something that the tables do not rule out at once, so that walks get far.
    let sensible = rng.random_range(0..4) > 0;
    let mut draws = 0;
    let (of, actor, noun, run) = loop {
        draws += 1;
        let actor = match rng.random_range(0..10) {
            0..9 => {
                let role = *often.choose(rng).unwrap();
                actors.iter().find(|actor| actor.role == role).unwrap()
            }
            _ => actors.choose(rng).unwrap(),
        };
        let number = rng.random_range(0..ASKS.len() + OTHERS.len());
        let (noun, run) = ASKS.get(number).copied().unwrap_or_else(|| OTHERS[number - ASKS.len()]);
        let of = *tickets.choose(rng).unwrap();
        let seldom = rng.random_range(0..seldom(noun)) > 0;
        if !seldom && (!sensible || draws > 100 || possible(of, actor, noun)) {
            break (of, actor, noun, run);
        }
    };
    let photo = PhotoKey::of(&rng.random::<[u8; 8]>());
    let each = Try {
        actor: actor.clone(),
        at: *now,
        noun,
        run,
        form: form(rng, *now, (of, tickets), parties),
        photos: vec![Photo { key: photo, width: 640, height: 480, bytes: 1000, likeness: None }],
        verdict: if rng.random_range(0..4) > 0 { Verdict::Approve } else { Verdict::Refuse },
        yes: [rng.random(), rng.random()],
    };
    (of.id, each)
}

/// Fills in whatever a form may ask for: mostly something right, sometimes nothing, sometimes an old version.
fn form(rng: &mut StdRng, now: Time, (of, all): (&Ticket, &[&Ticket]), parties: &[Id]) -> Form {
    let pick = |rng: &mut StdRng, words: &[&str]| (*words.choose(rng).unwrap()).to_owned();
    macro_rules! word {
        ($name:ident) => {
            $name::ALL.choose(rng).unwrap().word().to_owned()
        };
    }
    let stale = i32::from(rng.random_range(0..20) == 0);
    let until = now.day() + Days::new(rng.random_range(1..40));
    let until = until.to_string();
    let category = format!("{:02}{:02}", rng.random_range(1..=12), rng.random_range(1..=6));
    let fields = [
        ("version", (of.version - stale).to_string()),
        ("reason", if rng.random() { word!(Reason) } else { "情况已核实".to_owned() }),
        ("text", pick(rng, &["已换新灯泡", "已换新灯泡", "已到现场", ""])),
        ("note", pick(rng, &["和居民说好了", "演练"])),
        ("comment", pick(rng, &["", "修得快"])),
        ("why", pick(rng, &["没有人接", ""])),
        ("party_id", parties.choose(rng).unwrap().to_string()),
        ("main", all.choose(rng).unwrap().number.clone()),
        ("category", category),
        ("kind", {
            use louma::routing::Kind;
            word!(Kind)
        }),
        ("result", word!(Outcome)),
        ("level", word!(Level)),
        ("cause", word!(Cause)),
        ("contact", word!(Contact)),
        ("stage", word!(Stage)),
        ("satisfied", word!(Satisfaction)),
        ("reached", pick(rng, &["yes", "no"])),
        ("contacted", pick(rng, &["yes", "no"])),
        ("solved", pick(rng, &["yes", "no"])),
        ("until", until),
        ("basis", "物业合同".to_owned()),
        ("plan", "列入明年计划".to_owned()),
        ("task", "请到现场".to_owned()),
        ("office", word!(Office)),
        ("to", "区城管委".to_owned()),
        ("number", "12345-01".to_owned()),
    ];
    let mut form = Form::default();
    for (field, value) in fields {
        form.set(field, value);
    }
    form
}

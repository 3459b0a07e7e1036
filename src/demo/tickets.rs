//! Two years of tickets, each taken through its life by the verbs, until now.

use std::collections::HashMap;

use image::{ImageEncoder, Rgb, RgbImage};
use rand::RngExt;
use rand::rngs::StdRng;

use super::community::World;
use super::{TICKETS, back_then};
use crate::codes::registry::IssuedCode;
use crate::db::{Db, Id, Time, Tx, now};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::{Actor, Role};
use crate::photos::{Photo, Photos};
use crate::places::Place;
use crate::reports::scans::{Scan, Scans};
use crate::routing::{self, Category};
use crate::tickets::acts::{self, Contact};
use crate::tickets::exclusions;
use crate::tickets::steps::{self, Closure, FollowUp, Seen};
use crate::tickets::{
    self, Channel, Level, Note, Outcome, Person, Phone, Reason, Satisfaction, Submission, Ticket, Verdict,
    handing, merging, timers,
};

/// The life of one ticket, drawn before it is lived.
struct Plan {
    at: Time,
    door: usize,
    category: Category,
    text: String,
    channel: Channel,
    phone: String,
    photos: bool,
    dice: [f64; 12],
}

/// Generated photos: coloured fields with a dark shape, cleaned like any other.
pub(super) fn shots(photos: &Photos, rng: &mut StdRng) -> Result<Vec<Photo>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut made = Vec::new();
    for _ in 0..12 {
        let picture = draw(rng);
        let mut png = Vec::new();
        image::codecs::png::PngEncoder::new(&mut png)
            .write_image(&picture, picture.width(), picture.height(), image::ExtendedColorType::Rgb8)
            .map_err(Error::internal)?;
        made.push(runtime.block_on(photos.take_in(png))?);
    }
    Ok(made)
}

fn draw(rng: &mut StdRng) -> RgbImage {
    let base: [u8; 3] = std::array::from_fn(|_| rng.random_range(90..200));
    let (left, top, side) = (rng.random_range(60..400), rng.random_range(60..300), rng.random_range(80..200));
    RgbImage::from_fn(800, 600, |x, y| {
        let inside = x.abs_diff(left + side / 2) < side / 2 && y.abs_diff(top + side / 2) < side / 2;
        let shade = if inside { 60 } else { (y / 12) as u8 };
        Rgb(base.map(|colour| colour.saturating_sub(shade)))
    })
}

/// Makes all tickets, in the order of their submission, a hundred in a transaction.
pub(super) fn fill(db: &Db, keys: &Keys, world: &World, shots: &[Photo], rng: &mut StdRng) -> Result<()> {
    let categories = db.read_now(routing::categories)?;
    let plans = plans(world, &categories, rng)?;
    scans(db, world, &plans, rng)?;
    let scenes = std::sync::Arc::new((
        keys.clone(),
        Scene {
            community: world.community.clone(),
            doors: world.doors.clone(),
            parties: world.parties.iter().map(|party| (party.id, party.kind)).collect(),
            worker: world.worker.clone(),
            lead: world.lead.clone(),
            handler: world.handler.clone(),
            shots: shots.to_vec(),
        },
    ));
    let mut done = 0;
    let mut plans = plans.into_iter().peekable();
    while plans.peek().is_some() {
        let batch: Vec<Plan> = plans.by_ref().take(100).collect();
        done += batch.len();
        let scenes = scenes.clone();
        db.write_now(move |tx| {
            for plan in &batch {
                live(tx, &scenes.0, &scenes.1, plan)?;
            }
            Ok(())
        })?;
        eprint!("\r   {done}/{TICKETS}");
    }
    eprintln!();
    Ok(())
}

/// Everybody who reported by scanning had scanned, and so had others who then did not report.
fn scans(db: &Db, world: &World, plans: &[Plan], rng: &mut StdRng) -> Result<()> {
    let waiting = Scans::default();
    for plan in plans.iter().filter(|plan| plan.channel == Channel::Scan) {
        for _ in 0..rng.random_range(1..5) {
            waiting.note(Scan {
                community_id: world.community.id,
                code: world.doors[plan.door].1.code.clone(),
                day: plan.at.day(),
                device_hash: (0..32).map(|_| rng.random()).collect(),
            });
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(waiting.flush(db));
    Ok(())
}

struct Scene {
    community: crate::places::Community,
    doors: Vec<(Place, IssuedCode)>,
    parties: HashMap<Id, crate::routing::PartyKind>,
    worker: Actor,
    lead: Actor,
    handler: Actor,
    shots: Vec<Photo>,
}

fn plans(world: &World, categories: &[Category], rng: &mut StdRng) -> Result<Vec<Plan>> {
    let texts = texts()?;
    let span = (now().0 - world.began.0).num_minutes() - 1;
    let mut plans: Vec<Plan> = (0..TICKETS)
        .map(|number| {
            // The last days and hours have more than their share, so that every queue holds something.
            let back = match number {
                _ if number % 100 == 1 => rng.random_range(1..180),
                _ if number % 20 == 0 => rng.random_range(1..6 * 1440),
                _ => rng.random_range(1..span),
            };
            let (code, text) = &texts[rng.random_range(0..texts.len())];
            let category = categories.iter().find(|each| each.code == *code).unwrap_or(&categories[0]);
            let channel = match rng.random_range(0..100) {
                ..62 => Channel::Scan,
                62..80 => Channel::Phone,
                80..90 => Channel::WalkIn,
                90..95 => Channel::Visit,
                _ => Channel::Patrol,
            };
            Plan {
                at: Time(now().0 - chrono::TimeDelta::minutes(back)),
                door: rng.random_range(0..world.doors.len()),
                category: category.clone(),
                text: text.clone(),
                channel,
                phone: format!("100{:08}", rng.random_range(0..99_999_999)),
                photos: rng.random_range(0..25) == 0,
                dice: std::array::from_fn(|_| rng.random()),
            }
        })
        .collect();
    plans.sort_by_key(|plan| plan.at);
    Ok(plans)
}

fn texts() -> Result<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(include_str!("../../defaults/demo_reports.csv").as_bytes());
    reader.deserialize().collect::<Result<_, _>>().map_err(Error::internal)
}

/// Takes one ticket through its life; steps that would lie in the future are not taken.
fn live(tx: &mut Tx, keys: &Keys, scene: &Scene, plan: &Plan) -> Result<()> {
    let mut story = Story { at: plan.at, end: tx.now, dice: plan.dice.iter() };
    let resident = Actor::resident(scene.community.id);
    let taker = if plan.channel == Channel::Scan { &resident } else { &scene.worker };
    let submission = submission(scene, plan)?;
    let ticket = back_then(tx, plan.at, |tx| tickets::submit(tx, keys, taker, &scene.community, submission))?;
    let id = ticket.id;
    match story.roll() {
        ..0.015 if plan.channel == Channel::Scan => {
            return story.step(tx, 30, (&resident, id), steps::withdraw).map(drop);
        }
        0.015..0.035 => {
            let why =
                Note::parse("reason", "这件事属于住户之间的合同约定，社区不能处理，可以找律师咨询", "")?;
            return story
                .step(tx, 200, (&scene.worker, id), |tx, who, seen| steps::refuse(tx, who, seen, &why))
                .map(drop);
        }
        0.035..0.05 => {
            let same = earlier_here(tx, scene, &ticket)?;
            if let Some(main) = same {
                return story
                    .step(tx, 200, (&scene.worker, id), |tx, who, seen| merging::merge(tx, who, seen, &main))
                    .map(drop);
            }
        }
        _ => {}
    }
    if accept(tx, scene, plan, &mut story, id)? {
        work(tx, scene, plan, &mut story, id)?;
    }
    // What came due since the last step rang at its time, not all at once when the service starts.
    let end = story.end;
    ring(tx, (scene.community.id, id), end)
}

/// Lets the timers of a ticket ring until `until`, each at its moment.
fn ring(tx: &mut Tx, ticket: (Id, Id), until: Time) -> Result<()> {
    while let Some(at) = timers::rings_at(tx, ticket.0, ticket.1)?.filter(|at| *at < until) {
        back_then(tx, at, |tx| timers::fire_one(tx, ticket))?;
    }
    Ok(())
}

fn accept(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story, id: Id) -> Result<bool> {
    let worker = &scene.worker;
    let wait = 5 + (story.roll() * 240.0) as i64;
    let kind = plan.category.default_kind;
    let done = story.step(tx, wait, (worker, id), |tx, worker, seen| {
        steps::accept(tx, worker, seen)?;
        let reached = if plan.dice[0] < 0.15 { Contact::NoPhone } else { Contact::Reached };
        acts::contact(tx, worker, id, reached, "已了解情况")?;
        acts::categorize(tx, worker, id, &plan.category.code, kind)
    })?;
    if done.is_some() && plan.dice[1] < 0.012 {
        exclude(tx, scene, story, id)?;
    }
    Ok(done.is_some())
}

fn exclude(tx: &mut Tx, scene: &Scene, story: &mut Story, id: Id) -> Result<()> {
    let why = Note::parse("note", "演练时提交的，内容是测试", "")?;
    story.do_if(tx, 60, |tx| exclusions::propose(tx, &scene.worker, id, Reason::E1, &why))?;
    story.do_if(tx, 300, |tx| {
        let ticket = tickets::find(tx, &scene.lead, id)?;
        match exclusions::of(tx, &ticket)?.pop() {
            Some(open) => exclusions::decide(tx, &scene.lead, open.id, Verdict::Approve),
            None => Ok(ticket),
        }
    })?;
    Ok(())
}

/// Dispatch, perhaps a return, closing, follow-up, perhaps once more.
fn work(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story, id: Id) -> Result<()> {
    let worker = &scene.worker;
    let wait = if story.roll() < 0.12 { 1500 } else { 20 };
    let sent = story.step(tx, wait, (worker, id), |tx, who, seen| handing::dispatch(tx, who, seen, None))?;
    let Some(ticket) = sent else { return Ok(()) };
    let property = scene.parties.get(&ticket.lead_id) == Some(&crate::routing::PartyKind::Property);
    if property && story.roll() < 0.05 {
        let why = Note::parse("reason", "这里是产权单位的设备，我们没有权限维修", "")?;
        let back = story
            .step(tx, 300, (&scene.handler, id), |tx, who, seen| handing::return_(tx, who, seen, &why))?;
        let again =
            story.step(tx, 60, (worker, id), |tx, who, seen| handing::dispatch(tx, who, seen, None))?;
        if back.is_none() || again.is_none() {
            return Ok(());
        }
    }
    let closer = if property { &scene.handler } else { worker };
    let limit = f64::from(plan.category.deadline_minutes);
    let took = (limit * (0.08 + story.roll() * 1.02)) as i64;
    let mut rounds = 0;
    loop {
        let closure = closure(scene, plan, rounds)?;
        let closed = story.step(tx, took / (rounds + 1), (closer, id), |tx, who, seen| {
            steps::close(tx, who, seen, closure)
        })?;
        if closed.is_none() || !follow_up(tx, scene, story, id, rounds)? {
            return Ok(());
        }
        rounds += 1;
    }
}

/// The resident answers, a worker calls, or nobody does; says whether it must be done again.
fn follow_up(tx: &mut Tx, scene: &Scene, story: &mut Story, id: Id, rounds: i64) -> Result<bool> {
    let resident = Actor::resident(scene.community.id);
    let worker = &scene.worker;
    let kind = story.roll();
    let good = story.roll();
    if kind > 0.82 {
        // Nobody answers: its timer archives it after the window.
        return Ok(false);
    }
    if kind > 0.74 {
        let why = Note::parse("note", "打了两次没有人接", "")?;
        story.step(tx, 900, (worker, id), |tx, who, seen| {
            steps::answer(tx, who, seen, FollowUp::Unreached(why))
        })?;
        return Ok(false);
    }
    let unhappy = good < 0.08 && rounds == 0;
    if unhappy && story.roll() < 0.6 {
        let why = Note::parse("reason", "修了两天又坏了", "")?;
        let again =
            story.step(tx, 1200, (&resident, id), |tx, who, seen| steps::rework(tx, who, seen, &why))?;
        return Ok(again.is_some());
    }
    let satisfied = match good {
        ..0.08 => Satisfaction::Unsatisfied,
        0.08..0.25 => Satisfaction::Mostly,
        _ => Satisfaction::Satisfied,
    };
    let who = if kind < 0.45 { &resident } else { worker };
    let answer = FollowUp::Answered {
        contacted: good > 0.03,
        solved: good > 0.1,
        satisfied,
        comment: if good > 0.9 { "修得很快，谢谢".to_owned() } else { String::new() },
    };
    story.step(tx, 600, (who, id), |tx, who, seen| steps::answer(tx, who, seen, answer))?;
    Ok(false)
}

fn closure(scene: &Scene, plan: &Plan, rounds: i64) -> Result<Closure> {
    let hard = plan.category.deadline_minutes > 15_000 && plan.dice[2] < 0.4;
    let (result, text) = match (hard, plan.category.default_kind) {
        (true, _) => (Outcome::NotYet, "需要专项资金，已列入社区下半年计划，有进展再告诉您"),
        (_, routing::Kind::Inquiry) => (Outcome::Explained, "已把办理流程和需要的材料告诉您"),
        (_, routing::Kind::Suggestion) => (Outcome::Explained, "建议已经收下，会在议事会上讨论"),
        _ if rounds > 0 => (Outcome::Solved, "已换新件重新处理，请您再看看"),
        _ => (Outcome::Solved, "已派人到现场处理好，请您看看"),
    };
    let level = match plan.dice[3] {
        ..0.25 => Level::Door,
        0.25..0.8 => Level::Community,
        0.8..0.93 => Level::Street,
        _ => Level::Department,
    };
    let photos = match (plan.photos, scene.shots.as_slice()) {
        (true, [_, .., last]) => vec![last.clone()],
        _ => Vec::new(),
    };
    Ok(Closure { result, text: Note::parse("text", text, "")?, level, photos })
}

fn submission(scene: &Scene, plan: &Plan) -> Result<Submission> {
    let (place, code) = &scene.doors[plan.door];
    let scanned = plan.channel == Channel::Scan;
    let shot = (plan.dice[4] * 11.0) as usize;
    Ok(Submission {
        id: Id::new(),
        channel: plan.channel,
        code: scanned.then(|| code.code.to_string()),
        place: place.clone(),
        spot_note: String::new(),
        level1: plan.category.level1_code().to_owned(),
        category: None,
        kind: None,
        text: Note::parse("text", &plan.text, "")?,
        hazard: plan.category.danger_hint.is_some() && plan.dice[5] < 0.5,
        reach: None,
        person: Person {
            name: None,
            phone: if plan.dice[6] < 0.7 { phone(&plan.phone) } else { None },
            device_hash: None,
            share_phone: plan.dice[7] < 0.3,
            publish: plan.dice[8] < 0.3,
        },
        photos: if plan.photos { scene.shots.get(shot).cloned().into_iter().collect() } else { Vec::new() },
        notice_version: "2026-11".to_owned(),
        called_at: (!scanned).then(|| plan.at.plus_minutes(-5)),
    })
}

fn phone(digits: &str) -> Option<Phone> {
    Phone::parse("phone", digits).ok().flatten()
}

/// The number of an earlier ticket at the same place that still goes on, to merge into.
fn earlier_here(tx: &mut Tx, scene: &Scene, ticket: &Ticket) -> Result<Option<String>> {
    let page = tickets::list::page(tx, &scene.worker, tickets::list::Queue::InProgress, None)?;
    let near =
        page.rows.into_iter().find(|row| row.id != ticket.id && row.submitted_at < ticket.submitted_at);
    Ok(near.map(|row| row.number))
}

fn seen(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Seen> {
    let ticket = match actor.role {
        Role::Timer | Role::Resident => tickets::find_own(tx, actor.community_id, id)?,
        _ => tickets::find(tx, actor, id)?,
    };
    Ok(Seen { id, version: ticket.version })
}

/// The clock of one ticket's life and the dice that were thrown for it.
struct Story<'a> {
    at: Time,
    end: Time,
    dice: std::slice::Iter<'a, f64>,
}

impl Story<'_> {
    /// The next throw, 0 to 1; the middle when all are thrown.
    fn roll(&mut self) -> f64 {
        self.dice.next().copied().unwrap_or(0.5)
    }

    /// As [`Story::do_if`], for a step of `actor` with the ticket as it is then.
    fn step(
        &mut self,
        tx: &mut Tx,
        minutes: i64,
        (actor, id): (&Actor, Id),
        work: impl FnOnce(&mut Tx, &Actor, Seen) -> Result<Ticket>,
    ) -> Result<Option<Ticket>> {
        let at = self.at.plus_minutes(minutes);
        self.do_if(tx, minutes, |tx| {
            ring(tx, (actor.community_id, id), at)?;
            let seen = seen(tx, actor, id)?;
            work(tx, actor, seen)
        })
    }

    /// Does something `minutes` later, unless that is in the future.
    fn do_if(
        &mut self,
        tx: &mut Tx,
        minutes: i64,
        work: impl FnOnce(&mut Tx) -> Result<Ticket>,
    ) -> Result<Option<Ticket>> {
        let at = self.at.plus_minutes(minutes);
        if at >= self.end {
            return Ok(None);
        }
        self.at = at;
        back_then(tx, at, work).map(Some)
    }
}

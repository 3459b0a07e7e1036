//! The tickets of the demonstration, each taken through its life by the verbs, until now.
//!
//! Here stands the ordinary life: accepted, dispatched, closed, answered, now and then returned or done again. What a
//! life may tell beyond that is next door: [`tales`], [`together`], [`outside`].

use std::sync::Arc;

use rand::RngExt;
use rand::rngs::StdRng;

use super::community::World;
use super::plans::{self, Plan, Tale};
use super::story::{Scene, Story, Told, note, so_far};
use super::{back_then, outside, tales, together};
use crate::db::{Db, Id, Tx};
use crate::error::Result;
use crate::people::Actor;
use crate::reports::scans::{Scan, Scans};
use crate::routing;
use crate::tickets::acts::{self, Contact};
use crate::tickets::exclusions;
use crate::tickets::steps::{self, Closure, FollowUp};
use crate::tickets::{
    self, Channel, Level, Outcome, Person, Phone, Reason, Satisfaction, Submission, Ticket, Verdict, handing,
    merging,
};

/// Makes all tickets, in the order of their submission, a hundred in a transaction.
pub(super) fn fill(db: &Db, scene: Scene, rng: &mut StdRng) -> Result<()> {
    let categories = db.read_now(routing::categories)?;
    let plans = plans::plans(&scene.world, &categories, rng)?;
    scans(db, &scene.world, &plans, rng)?;
    let (all, mut done) = (plans.len(), 0);
    let scene = Arc::new(scene);
    let mut plans = plans.into_iter().peekable();
    while plans.peek().is_some() {
        let batch: Vec<Plan> = plans.by_ref().take(100).collect();
        done += batch.len();
        let scene = scene.clone();
        db.write_now(move |tx| batch.iter().try_for_each(|plan| live(tx, &scene, plan)))?;
        eprint!("\r   {done}/{all}");
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

/// Takes one ticket through its life; what would lie in the future does not happen.
fn live(tx: &mut Tx, scene: &Scene, plan: &Plan) -> Result<()> {
    if let Tale::Outage(course) = plan.tale {
        return together::outage(tx, scene, plan, course);
    }
    let ticket = begin(tx, scene, plan)?;
    let mut story = Story::of(tx, &ticket, plan);
    let told = match plan.tale {
        Tale::Outside(reach) => outside::told(tx, scene, plan, (&mut story, reach)),
        Tale::Twin => together::twin(tx, scene, plan, &mut story),
        Tale::Ordinary | Tale::Prompt => ordinary(tx, scene, plan, &mut story, &ticket),
        _ => tales::told(tx, scene, plan, &mut story),
    };
    so_far(told)?;
    story.close(tx)
}

/// The report itself.
pub(super) fn begin(tx: &mut Tx, scene: &Scene, plan: &Plan) -> Result<Ticket> {
    let resident = scene.resident();
    let taker = if plan.channel == Channel::Scan { &resident } else { &scene.world.worker };
    let submission = submission(scene, plan)?;
    back_then(tx, plan.at, |tx| tickets::submit(tx, &scene.keys, taker, &scene.world.community, submission))
}

fn ordinary(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story, ticket: &Ticket) -> Told<()> {
    let worker = &scene.world.worker;
    let fate = if plan.tale == Tale::Prompt { 0.5 } else { story.roll() };
    match fate {
        ..0.015 if plan.channel == Channel::Scan => {
            story.step(tx, 30, &scene.resident(), steps::withdraw)?;
            return Ok(());
        }
        0.015..0.035 => {
            let why = note("这件事属于住户之间的合同约定，社区不能处理，可以找律师咨询")?;
            story.step(tx, 200, worker, |tx, who, seen| steps::refuse(tx, who, seen, &why))?;
            return Ok(());
        }
        0.035..0.05 => {
            if let Some(main) = earlier_here(tx, worker, ticket)? {
                story.step(tx, 200, worker, |tx, who, seen| merging::merge(tx, who, seen, &main))?;
                return Ok(());
            }
        }
        _ => {}
    }
    accept(tx, scene, plan, story)?;
    work(tx, scene, plan, story)
}

/// The number of an earlier ticket of the same building and matter that still goes on, to merge into.
fn earlier_here(tx: &mut Tx, worker: &Actor, ticket: &Ticket) -> Result<Option<String>> {
    let page = tickets::list::page(tx, worker, tickets::list::Queue::InProgress, None)?;
    let house = |place: &str| place.split("号楼").next().unwrap_or_default().to_owned();
    let place = crate::places::find(tx, ticket.community_id, ticket.place_id)?.full_name;
    let near = page.rows.into_iter().find(|row| {
        let earlier = row.id != ticket.id && row.submitted_at < ticket.submitted_at;
        earlier && row.level1 == ticket.level1 && house(&row.place) == house(&place)
    });
    Ok(near.map(|row| row.number))
}

/// Accepted, called, and put into its category, by the community worker.
pub(super) fn accept(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    let wait = match plan.tale {
        Tale::Ordinary => 5 + (story.roll() * 240.0) as i64,
        _ => 5 + (story.roll() * 30.0) as i64,
    };
    let (id, kind) = (story.id, plan.category.default_kind);
    story.step(tx, wait, &scene.world.worker, |tx, worker, seen| {
        steps::accept(tx, worker, seen)?;
        let reached = if plan.dice[0] < 0.15 { Contact::NoPhone } else { Contact::Reached };
        acts::contact(tx, worker, id, reached, "已了解情况")?;
        acts::categorize(tx, worker, id, &plan.category.code, kind)
    })?;
    if tickets::find_own(tx, scene.world.community.id, id)?.stand().endangers {
        let words = note("现场已拉警戒线、放警示牌，派人看守到修好")?;
        story.act(tx, 50, |tx| acts::make_safe(tx, &scene.world.worker, id, &words))?;
    }
    if plan.tale == Tale::Ordinary && plan.dice[1] < 0.012 {
        exclude(tx, scene, story)?;
    }
    Ok(())
}

fn exclude(tx: &mut Tx, scene: &Scene, story: &mut Story) -> Told<()> {
    let (id, lead) = (story.id, &scene.world.lead);
    let why = note("演练时提交的，内容是测试")?;
    story.act(tx, 60, |tx| exclusions::propose(tx, &scene.world.worker, id, Reason::E1, &why))?;
    story.act(tx, 300, |tx| {
        let ticket = tickets::find(tx, lead, id)?;
        match exclusions::of(tx, &ticket)?.pop() {
            Some(open) => exclusions::decide(tx, lead, open.id, Verdict::Approve),
            None => Ok(ticket),
        }
    })?;
    Ok(())
}

/// Given to the lead that routing found.
pub(super) fn dispatch(tx: &mut Tx, scene: &Scene, story: &mut Story, minutes: i64) -> Told<Ticket> {
    story.step(tx, minutes, &scene.world.worker, |tx, who, seen| handing::dispatch(tx, who, seen, None))
}

/// Dispatch, perhaps a return, and what comes after.
fn work(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    let late = plan.tale == Tale::Ordinary && story.roll() < 0.12;
    let ticket = dispatch(tx, scene, story, if late { 1500 } else { 20 })?;
    let property = scene.world.property == Some(ticket.lead_id);
    if property && plan.tale == Tale::Ordinary && story.roll() < 0.05 {
        let why = note("不属于本单位职责：这里是产权单位的设备，我们没有权限维修")?;
        let handler = &scene.world.handler;
        story.step(tx, 300, handler, |tx, who, seen| handing::return_(tx, who, seen, &why))?;
        dispatch(tx, scene, story, 60)?;
    }
    finish(tx, scene, plan, story)
}

/// Who closes a ticket that is with a party: its handler, where it has one.
pub(super) fn closer(scene: &Scene, lead: Id) -> &Actor {
    let world = &scene.world;
    [&world.handler, &world.officer]
        .into_iter()
        .find(|each| each.party_id == Some(lead))
        .unwrap_or(&world.worker)
}

/// Closed in time or a little late, answered, perhaps done once more.
pub(super) fn finish(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    let limit = f64::from(plan.category.deadline_minutes);
    let share = if plan.tale == Tale::Ordinary { 0.08 + story.roll() * 1.02 } else { 0.2 };
    let mut rounds = 0;
    loop {
        close(tx, scene, plan, (story, (limit * share) as i64 / (rounds + 1), rounds))?;
        if plan.tale == Tale::Prompt {
            return pleased(tx, scene, story, 600);
        }
        if !follow_up(tx, scene, story, rounds)? {
            return Ok(());
        }
        rounds += 1;
    }
}

/// Closed, `minutes` later.
pub(super) fn close(
    tx: &mut Tx,
    scene: &Scene,
    plan: &Plan,
    (story, minutes, rounds): (&mut Story, i64, i64),
) -> Told<Ticket> {
    let closure = closure(scene, plan, rounds)?;
    let lead = tickets::find_own(tx, scene.world.community.id, story.id)?.lead_id;
    story.step(tx, minutes, closer(scene, lead), |tx, who, seen| steps::close(tx, who, seen, closure))
}

/// The resident says that it is done, and thanks.
pub(super) fn pleased(tx: &mut Tx, scene: &Scene, story: &mut Story, minutes: i64) -> Told<()> {
    let answer = FollowUp::Answered {
        contacted: true,
        solved: true,
        satisfied: Satisfaction::Satisfied,
        comment: "解决了，谢谢".to_owned(),
    };
    story.step(tx, minutes, &scene.resident(), |tx, who, seen| steps::answer(tx, who, seen, answer))?;
    Ok(())
}

/// The resident answers, a worker calls, or nobody does; says whether it must be done again.
fn follow_up(tx: &mut Tx, scene: &Scene, story: &mut Story, rounds: i64) -> Told<bool> {
    let resident = scene.resident();
    let worker = &scene.world.worker;
    let kind = story.roll();
    let good = story.roll();
    if kind > 0.82 {
        // Nobody answers: its timer archives it after the window.
        return Ok(false);
    }
    if kind > 0.74 {
        let why = note("打了两次没有人接")?;
        story
            .step(tx, 900, worker, |tx, who, seen| steps::answer(tx, who, seen, FollowUp::Unreached(why)))?;
        return Ok(false);
    }
    if good < 0.08 && rounds == 0 && story.roll() < 0.6 {
        let why = note("修了两天又坏了")?;
        story.step(tx, 1200, &resident, |tx, who, seen| steps::rework(tx, who, seen, &why))?;
        return Ok(true);
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
    story.step(tx, 600, who, |tx, who, seen| steps::answer(tx, who, seen, answer))?;
    Ok(false)
}

pub(super) fn closure(scene: &Scene, plan: &Plan, rounds: i64) -> Result<Closure> {
    let hard = plan.tale == Tale::Ordinary && plan.category.deadline_minutes > 15_000 && plan.dice[2] < 0.4;
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
    Ok(Closure { result, text: note(text)?, level, photos })
}

fn submission(scene: &Scene, plan: &Plan) -> Result<Submission> {
    let (place, code) = &scene.world.doors[plan.door];
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
        text: note(&plan.text)?,
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
        notice_version: "2026-11-2".to_owned(),
        called_at: (!scanned).then(|| plan.at.plus_minutes(-5)),
    })
}

fn phone(digits: &str) -> Option<Phone> {
    Phone::parse("phone", digits).ok().flatten()
}

//! One matter told by several: an outage with its message, its closing and the one whose own is not solved; and the same
//! person who reports twice.

use super::lives::{accept, begin, close, dispatch, pleased};
use super::plans::{Course, Plan, Tale};
use super::story::{Halt, Scene, Story, Told, note, so_far};
use crate::alike::incidents;
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::neighbours::{self, Join, Joined, Neighbour, Whom};
use crate::places::Place;
use crate::tickets::held::Doubt;
use crate::tickets::{self, Level, Outcome, Satisfaction, merging, steps};

/// Minutes after the first report at which the neighbours' come.
const NEIGHBOURS: [i64; 3] = [0, 6, 17];

/// 停水 or 停电, told by three from one building, up to the point that `course` names.
pub(super) fn outage(tx: &mut Tx, scene: &Scene, plan: &Plan, course: Course) -> Result<()> {
    let doors = neighbours(scene, plan.door);
    let plans: Vec<Plan> = NEIGHBOURS
        .iter()
        .zip(doors)
        .enumerate()
        .map(|(place, (minutes, door))| Plan {
            at: plan.at.plus_minutes(*minutes),
            door,
            phone: format!("{}{place}", &plan.phone[..plan.phone.len() - 1]),
            tale: Tale::Prompt,
            ..plan.clone()
        })
        .collect();
    let mut stories = Vec::new();
    for plan in &plans {
        let ticket = begin(tx, scene, plan)?;
        let mut story = Story::of(tx, &ticket, plan);
        so_far(accept(tx, scene, plan, &mut story))?;
        stories.push(story);
    }
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    if let Some((last, earlier)) = stories.split_last_mut() {
        so_far(joined(tx, scene, (&ids, course), last))?;
        if course == Course::Closed {
            for story in earlier.iter_mut() {
                story.wait_for(last);
            }
            so_far(answered(tx, scene, &plans, (earlier, last)))?;
        }
    }
    stories.into_iter().try_for_each(|story| story.close(tx))
}

/// Doors of the building of one, that one first.
fn neighbours(scene: &Scene, door: usize) -> Vec<usize> {
    let doors = &scene.world.doors;
    let building = |(place, _): &(Place, _)| place.building_id;
    // A spot has no neighbours: the first house has.
    let door = if building(&doors[door]).is_some() { door } else { 0 };
    let same = |other: &usize| *other != door && building(&doors[*other]) == building(&doors[door]);
    std::iter::once(door).chain((0..doors.len()).filter(same)).collect()
}

/// Confirmed as one incident, with one message and one closing for all.
fn joined(tx: &mut Tx, scene: &Scene, (ids, course): (&[Id], Course), story: &mut Story) -> Told<()> {
    if course == Course::Proposed {
        return Ok(());
    }
    let worker = &scene.world.worker;
    let neighbour = story.act(tx, 3, |tx| met_too(tx, scene, ids[0], Vec::new()))?;
    if neighbour.is_some() {
        story.act(tx, 1, |tx| met_too(tx, scene, ids[0], vec![Doubt::Door]))?;
        let why = note("打电话问过，是本楼住户")?;
        story.act(tx, 2, |tx| neighbours::confirm(tx, worker, ids[0], &Whom::All, &why))?;
    }
    let incident = story.act(tx, 8, |tx| incidents::confirm(tx, worker, ids))?;
    let words = note("已联系抢修，正在查找原因，预计两小时内恢复，恢复后再告诉您")?;
    story.act(tx, 10, |tx| incidents::tell(tx, worker, incident.id, &words))?;
    if course == Course::Confirmed {
        return Ok(());
    }
    let closure = steps::Closure {
        result: Outcome::Solved,
        text: note("楼前阀门已更换，现已恢复供水，请各家打开水龙头放一分钟")?,
        level: Level::Department,
        photos: Vec::new(),
    };
    story.act(tx, 150, |tx| incidents::close(tx, worker, incident.id, &closure))?;
    story.act(tx, 25, |tx| neighbour.map_or(Ok(()), |neighbour| answer_too(tx, &neighbour)))
}

/// Somebody at the door of a report pressed 我也遇到了, one of many at that moment where there are doubts.
fn met_too(tx: &mut Tx, scene: &Scene, id: Id, doubts: Vec<Doubt>) -> Result<Option<Neighbour>> {
    let community = &scene.world.community;
    let ticket = tickets::find_own(tx, community.id, id)?;
    let Some((place, code)) = scene.world.doors.iter().find(|(place, _)| place.id == ticket.place_id) else {
        return Ok(None);
    };
    let join = Join {
        ticket_id: id,
        code: code.code.to_string(),
        device_hash: scene.keys.device_hash(&format!("neighbour of {}, {}", ticket.number, doubts.len())),
        phone: None,
        text: String::new(),
        photos: Vec::new(),
        voice: None,
        notice_version: ticket.notice_version.clone(),
        doubts,
    };
    Ok(match neighbours::join(tx, &scene.keys, (community, place), join)? {
        Joined::Neighbour(neighbour, _) => Some(*neighbour),
        Joined::Reporter => None,
    })
}

/// Once it is done they say for themselves that it is not, at their end.
fn answer_too(tx: &mut Tx, neighbour: &Neighbour) -> Result<()> {
    let answer = neighbours::Answer {
        contacted: false,
        solved: false,
        satisfied: Satisfaction::Unsatisfied,
        comment: "水来了，水压还是小".to_owned(),
    };
    neighbours::answer(tx, neighbour, &answer)
}

/// Two are content; the third still has no water, and is done on its own.
fn answered(
    tx: &mut Tx,
    scene: &Scene,
    plans: &[Plan],
    (content, last): (&mut [Story], &mut Story),
) -> Told<()> {
    for story in content {
        pleased(tx, scene, story, 90)?;
    }
    let mine = note("别家都来水了，我家还是没有水")?;
    last.step(tx, 45, &scene.resident(), |tx, who, seen| steps::rework(tx, who, seen, &mine))?;
    let plan = plans.last().ok_or(Halt::Present)?;
    close(tx, scene, plan, (last, 120, 1))?;
    pleased(tx, scene, last, 200)
}

/// The same person tells the same again two hours later; the first goes on.
pub(super) fn twin(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    accept(tx, scene, plan, story)?;
    let second = Plan { at: plan.at.plus_minutes(120), tale: Tale::Prompt, ..plan.clone() };
    let ticket = begin(tx, scene, &second)?;
    let mut other = Story::of(tx, &ticket, &second);
    so_far(accept(tx, scene, &second, &mut other))?;
    // The latest still waits for somebody to say that it is one matter.
    if plan.at.plus_minutes(3 * 1440) < tx.now {
        let main = tickets::find_own(tx, ticket.community_id, story.id)?.number;
        let worker = &scene.world.worker;
        so_far(other.step(tx, 20, worker, |tx, who, seen| merging::merge(tx, who, seen, &main)))?;
        if plan.dice[9] < 0.5 {
            let why = note("第二次说的是二层的消火栓，不是一层的")?;
            so_far(other.step(tx, 90, worker, |tx, who, seen| merging::unmerge(tx, who, seen, &why)))?;
            so_far(alone(tx, scene, &second, &mut other))?;
        }
    }
    other.close(tx)?;
    dispatch(tx, scene, story, 150)?;
    close(tx, scene, plan, (story, 600, 0))?;
    pleased(tx, scene, story, 500)
}

/// What was merged by mistake goes its own way.
fn alone(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    dispatch(tx, scene, story, 20)?;
    close(tx, scene, plan, (story, 500, 0))?;
    pleased(tx, scene, story, 400)
}

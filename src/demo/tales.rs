//! Lives beyond the ordinary: 挂账, 延期, two returns, 转派, 协办, 重办 twice, 督办, 催单, 拆分, 转出, colleagues reminded.

use super::lives::{accept, close, closer, dispatch, finish, pleased};
use super::plans::{Account, Answer, Decided, Plan, Tale};
use super::story::{Scene, Story, Told, note};
use crate::db::{Id, Tx};
use crate::people::Actor;
use crate::routing::Kind;
use crate::tickets::merging::{self, Part};
use crate::tickets::requests::{self, Case, Wish};
use crate::tickets::steps::{self, FollowUp, Office, Passing};
use crate::tickets::{self, Satisfaction, Stage, Verdict, acts, followers, handing, mentions, urging};

const DAY: i64 = 1440;

/// Tells one of them, from its acceptance on.
pub(super) fn told(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    accept(tx, scene, plan, story)?;
    match plan.tale {
        Tale::OnAccount(account) => on_account(tx, scene, plan, (story, account)),
        Tale::MoreTime(answer) => more_time(tx, scene, plan, (story, answer)),
        Tale::Bounced(decided) => bounced(tx, scene, plan, (story, decided)),
        Tale::HandedOn => handed_on(tx, scene, plan, story),
        Tale::Helped => helped(tx, scene, plan, story),
        Tale::TwiceAgain => twice_again(tx, scene, plan, story),
        Tale::Urged | Tale::Pressed => pressed(tx, scene, plan, story),
        Tale::Split => split(tx, scene, plan, story),
        Tale::PassedOn => passed_on(tx, scene, story),
        Tale::Reminded => reminded(tx, scene, plan, story),
        Tale::Ordinary | Tale::Prompt | Tale::Outside(_) | Tale::Outage(_) | Tale::Twin => Ok(()),
    }
}

/// Somebody asks for time; whoever has the ticket.
fn ask(
    tx: &mut Tx,
    (story, minutes): (&mut Story, i64),
    who: &Actor,
    wish: Wish,
    (case, days): ([&str; 3], i64),
) -> Told<()> {
    let [reason, basis, plan] = case;
    let (id, reason) = (story.id, note(reason)?);
    let until = story.after(minutes).plus_minutes(days * DAY);
    let case = Case { reason, basis: basis.to_owned(), plan: plan.to_owned(), until };
    story.act(tx, minutes, |tx| requests::ask(tx, who, id, wish, case))?;
    Ok(())
}

/// The community lead decides what was asked for.
fn decide(
    tx: &mut Tx,
    scene: &Scene,
    (story, minutes): (&mut Story, i64),
    verdict: Verdict,
    words: &str,
) -> Told<()> {
    let (id, lead, words) = (story.id, &scene.world.lead, note(words)?);
    story.act(tx, minutes, |tx| {
        let ticket = tickets::find(tx, lead, id)?;
        match requests::of(tx, &ticket)?.pop() {
            Some(asked) => requests::decide(tx, lead, asked.id, verdict, &words),
            None => Ok(ticket),
        }
    })?;
    Ok(())
}

fn on_account(tx: &mut Tx, scene: &Scene, plan: &Plan, (story, account): (&mut Story, Account)) -> Told<()> {
    let ticket = dispatch(tx, scene, story, 120)?;
    let case = [
        "要整体改造，眼下没有资金，也没有施工条件",
        "动用维修资金须业主表决，表决和预算都还没有完成",
        "先做临时处理；表决通过后列入下半年工程，按月把进展告诉居民",
    ];
    // The one that stands longest is past the day on which it is to be looked at again.
    ask(tx, (story, DAY), closer(scene, ticket.lead_id), Wish::Suspension, (case, 110))?;
    if account == Account::Asked {
        return Ok(());
    }
    decide(tx, scene, (story, 1300), Verdict::Approve, "同意挂账。情况已当面向居民说明，每月回访一次")?;
    if account == Account::Standing {
        let (id, words) = (story.id, note("临时处理已经做完；表决正在进行，有结果马上告诉您")?);
        story.act(tx, 20 * DAY, |tx| acts::message(tx, &scene.world.worker, id, &words))?;
        return Ok(());
    }
    let ready = note("资金已经批下来，施工队下周进场")?;
    let rested = (25.0 + story.roll() * 40.0) as i64;
    story.step(tx, rested * DAY, &scene.world.worker, |tx, who, seen| {
        requests::resume(tx, who, seen, &ready)
    })?;
    finish(tx, scene, plan, story)
}

fn more_time(tx: &mut Tx, scene: &Scene, plan: &Plan, (story, answer): (&mut Story, Answer)) -> Told<()> {
    let ticket = dispatch(tx, scene, story, 60)?;
    let who = closer(scene, ticket.lead_id);
    story.step(tx, 200, who, handing::accept_lead)?;
    let case = ["配件要从厂家发货，路上还要五天，到货当天就换", "", ""];
    let left = (ticket.due_at.0 - story.after(0).0).num_days() + 6;
    ask(tx, (story, DAY), who, Wish::Extension, (case, left))?;
    match answer {
        Answer::Waiting => return Ok(()),
        Answer::Granted => {
            decide(tx, scene, (story, 400), Verdict::Approve, "同意延期，到货后先通知居民再上门")?;
        }
        Answer::Refused => {
            decide(tx, scene, (story, 400), Verdict::Refuse, "这件事不用等配件，请按原期限办")?;
        }
    }
    finish(tx, scene, plan, story)
}

fn bounced(tx: &mut Tx, scene: &Scene, plan: &Plan, (story, decided): (&mut Story, Decided)) -> Told<()> {
    let world = &scene.world;
    let ticket = dispatch(tx, scene, story, 30)?;
    let no = note("不属于本单位职责：刷了又贴，要执法部门处罚，物业没有处罚权")?;
    story
        .step(tx, 240, closer(scene, ticket.lead_id), |tx, who, seen| handing::return_(tx, who, seen, &no))?;
    let office = world.officer.party_id;
    story.step(tx, 50, &world.worker, |tx, who, seen| handing::dispatch(tx, who, seen, office))?;
    let nor = note("地点不在管辖范围：楼门里面归物业日常保洁，执法可以配合取证")?;
    story.step(tx, 600, &world.officer, |tx, who, seen| handing::return_(tx, who, seen, &nor))?;
    if decided == Decided::NotYet {
        return Ok(());
    }
    story
        .step(tx, 180, &world.lead, |tx, who, seen| handing::dispatch(tx, who, seen, Some(ticket.lead_id)))?;
    help(tx, scene, (story, 10), office, "到场取证，按规定处理张贴人")?;
    finish(tx, scene, plan, story)
}

/// Another party is asked to help.
fn help(
    tx: &mut Tx,
    scene: &Scene,
    (story, minutes): (&mut Story, i64),
    party: Option<Id>,
    task: &str,
) -> Told<()> {
    let (id, task) = (story.id, note(task)?);
    let Some(party) = party else { return Ok(()) };
    story.act(tx, minutes, |tx| handing::support(tx, &scene.world.worker, id, party, &task))?;
    Ok(())
}

fn helped(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    let world = &scene.world;
    dispatch(tx, scene, story, 40)?;
    help(tx, scene, (story, 25), world.property, "派保安在门口值守，清走留下的垃圾")?;
    let (id, words) = (story.id, note("已加派一班保安，傍晚五点到八点在门口")?);
    story.act(tx, 200, |tx| mentions::note(tx, &world.handler, id, &words, &[]))?;
    let shots = scene.shots.get(..1).unwrap_or_default();
    story.act(tx, 30, |tx| acts::add_photos(tx, &world.handler, id, Stage::Work, shots))?;
    if let Some(party) = world.property.filter(|_| plan.dice[9] < 0.4) {
        story.act(tx, 400, |tx| handing::unsupport(tx, &world.worker, id, party))?;
    }
    finish(tx, scene, plan, story)
}

fn handed_on(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    let world = &scene.world;
    let ticket = dispatch(tx, scene, story, 40)?;
    let Some(office) = world.officer.party_id else { return Ok(()) };
    let taken = plan.dice[9] < 0.4;
    let why = note("单车企业由街道统一联系清运，改由街道城管办主办")?;
    let decider = if taken { &world.lead } else { &world.worker };
    if taken {
        story.step(tx, 90, closer(scene, ticket.lead_id), handing::accept_lead)?;
    }
    story.step(tx, 300, decider, |tx, who, seen| handing::transfer(tx, who, seen, office, &why))?;
    finish(tx, scene, plan, story)
}

fn twice_again(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    dispatch(tx, scene, story, 30)?;
    let resident = scene.resident();
    close(tx, scene, plan, (story, 700, 0))?;
    for (wait, words) in [(600, "当天好了，第二天又响得和原来一样"), (900, "换的件不合适，门关不严了")]
    {
        let why = note(words)?;
        story.step(tx, wait, &resident, |tx, who, seen| steps::rework(tx, who, seen, &why))?;
        close(tx, scene, plan, (story, 1100, 1))?;
    }
    if story.roll() < 0.6 {
        return pleased(tx, scene, story, 500);
    }
    let answer = FollowUp::Answered {
        contacted: true,
        solved: false,
        satisfied: Satisfaction::Unsatisfied,
        comment: "修了三次才勉强能用".to_owned(),
    };
    story.step(tx, 500, &resident, |tx, who, seen| steps::answer(tx, who, seen, answer))?;
    Ok(())
}

fn pressed(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    let world = &scene.world;
    dispatch(tx, scene, story, 60)?;
    let (id, resident) = (story.id, scene.resident());
    if plan.tale == Tale::Pressed {
        story.act(tx, 800, |tx| urging::nudge(tx, &resident, id))?;
        let more = note("今天还是黑的，老人昨晚差点踩空")?;
        story.act(tx, 5, |tx| acts::reply(tx, &resident, id, &more, &[]))?;
    }
    let (leader, words) = match plan.tale {
        Tale::Urged => (&world.lead, "连续三天没有清运，今天必须清完，清完拍照"),
        _ => (&world.street, "居民已经催过，请今天内上门，办完回电话"),
    };
    let (until, words) = (story.after(60 + DAY), note(words)?);
    story.act(tx, 60, |tx| urging::urge(tx, leader, id, until, &words))?;
    finish(tx, scene, plan, story)
}

fn split(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    let (id, worker) = (story.id, &scene.world.worker);
    let part =
        Part {
            text: note("五层的扶手松了，一扶就晃")?, category: "0105".to_owned(), kind: Kind::Help
        };
    let made = story.act(tx, 20, |tx| merging::split(tx, &scene.keys, worker, id, part))?;
    let mut other = Story::of(tx, &made, plan);
    other.wait_for(story);
    let told = part_done(tx, scene, plan, &mut other);
    super::story::so_far(told)?;
    other.close(tx)?;
    dispatch(tx, scene, story, 15)?;
    finish(tx, scene, plan, story)
}

fn part_done(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    story.step(tx, 5, &scene.world.worker, steps::accept)?;
    dispatch(tx, scene, story, 20)?;
    close(tx, scene, plan, (story, 2000, 0))?;
    pleased(tx, scene, story, 700)
}

fn passed_on(tx: &mut Tx, scene: &Scene, story: &mut Story) -> Told<()> {
    let passing = Passing {
        to: note("房屋租赁管理部门")?,
        number: note(&format!("演示{}", story.after(90).day().format("%Y%m%d")))?,
        reason: note("短租要由主管部门查处，社区已把情况和照片一起转去")?,
        office: Office::Department,
    };
    story.step(tx, 90, &scene.world.worker, |tx, who, seen| steps::pass_on(tx, who, seen, &passing))?;
    Ok(())
}

fn reminded(tx: &mut Tx, scene: &Scene, plan: &Plan, story: &mut Story) -> Told<()> {
    let world = &scene.world;
    let (id, lead) = (story.id, &world.lead);
    let words = note(&format!("敲门没有应，已联系家属；@{} 请一起上门看看", lead.name))?;
    story.act(tx, 12, |tx| mentions::note(tx, &world.worker, id, &words, &[]))?;
    for who in [lead, &world.street, &world.worker] {
        story.act(tx, 3, |tx| followers::follow(tx, who, id))?;
    }
    let why = note("老人两天没有下楼，打电话给反映人核实")?;
    story.act(tx, 20, |tx| acts::reveal(tx, &scene.keys, &world.worker, id, &why))?;
    let words = note("和网格员上门，老人在家，身体没有大碍，约好每天上午去看一次")?;
    story.act(tx, 60, |tx| mentions::note(tx, lead, id, &words, &[]))?;
    if plan.dice[10] < 0.5 {
        dispatch(tx, scene, story, 10)?;
    }
    close(tx, scene, plan, (story, 240, 0))?;
    pleased(tx, scene, story, 600)
}

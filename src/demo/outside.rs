//! Links to people outside: sent, taken, asked, answered, reported done and waiting to be checked, checked and closed.

use super::lives::{accept, close, dispatch, pleased};
use super::plans::{Plan, Reach};
use super::story::{Scene, Story, Told, note};
use crate::db::Tx;
use crate::tickets::links::{self, Invitation};
use crate::tickets::outside::{self, Bearer, Handed};

/// Tells of a link up to the point that `reach` names.
pub(super) fn told(tx: &mut Tx, scene: &Scene, plan: &Plan, (story, reach): (&mut Story, Reach)) -> Told<()> {
    accept(tx, scene, plan, story)?;
    dispatch(tx, scene, story, 15)?;
    let (id, worker, keys) = (story.id, &scene.world.worker, &scene.keys);
    let invitation =
        Invitation {
            party: None, name: "抢修班（外部单位）".to_owned(), text: String::new(), days: 14
        };
    if reach == Reach::Checked && plan.dice[9] < 0.4 {
        // Sent to the wrong people first.
        let wrong = Invitation { name: "值班室".to_owned(), ..invitation.clone() };
        let wrong = story.act(tx, 5, |tx| links::invite(tx, keys, worker, id, wrong))?.link.id;
        story.act(tx, 10, |tx| links::revoke(tx, worker, id, wrong))?;
    }
    let made = story.act(tx, 20, |tx| links::invite(tx, keys, worker, id, invitation))?;
    if reach == Reach::Sent {
        return Ok(());
    }
    let bearer = Bearer { token: made.token, browser: format!("demo-{id}") };
    story.act(tx, 25, |tx| outside::open(tx, keys, &bearer))?;
    if reach == Reach::Taken {
        return Ok(());
    }
    let hand_in =
        |tx: &mut Tx, handed, words: &str| outside::hand_in(tx, keys, &bearer, handed, (words, &[]));
    story.act(tx, 40, |tx| hand_in(tx, Handed::Word, "门禁要卡才能进，请问找谁开门？"))?;
    if reach == Reach::Asked {
        return Ok(());
    }
    let words = note("到单元门口打社区电话，网格员下来开门")?;
    story.act(tx, 15, |tx| links::respond(tx, worker, id, made.link.id, &words))?;
    if reach == Reach::Answered {
        return Ok(());
    }
    story.act(tx, 90, |tx| hand_in(tx, Handed::Done, "已查到故障点，换了损坏的部件，试过正常"))?;
    if reach == Reach::Reported {
        return Ok(());
    }
    if plan.dice[10] < 0.4 {
        let words = note("居民说还有一路没有电，请再看一下")?;
        story.act(tx, 40, |tx| links::send_back(tx, worker, id, made.link.id, &words))?;
        story.act(tx, 70, |tx| hand_in(tx, Handed::Done, "另一路的空开也换了，全部恢复"))?;
    }
    story.act(tx, 60, |tx| links::check(tx, worker, id, made.link.id))?;
    close(tx, scene, plan, (story, 10, 0))?;
    pleased(tx, scene, story, 300)
}

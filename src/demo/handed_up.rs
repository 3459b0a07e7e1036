//! What the demonstration hands up: the reports of its last months, one of them issued again after a test report was taken
//! out of the counts, and a workbook with everything in it that somebody asks for.

use diesel::prelude::*;

use super::back_then;
use super::community::World;
use super::story::note;
use crate::clock::{Period, PeriodKind};
use crate::db::{Db, Id, Tx};
use crate::error::Result;
use crate::schema::tickets;
use crate::stats::{issued, unmasked};
use crate::tickets::{Reason, Status, Verdict, exclusions};

/// Issues them within the last hours, as its lead; the last month and assessment month wait.
pub(super) fn issue(db: &Db, world: &World) -> Result<()> {
    let world = world.clone();
    db.write_now(move |tx| {
        let last = Period::of(PeriodKind::Month, tx.now).previous();
        let (before, earlier) = (last.previous(), last.previous().previous());
        let assessed = Period::of(PeriodKind::AssessmentMonth, tx.now).previous().previous();
        let at = |hours: i64| tx.now.plus_minutes(-hours * 60);
        let [first, taken_out, again, then] = [at(5), at(4), at(3), at(2)];
        back_then(tx, first, |tx| {
            issued::issue(tx, &world.lead, earlier, "")?;
            issued::issue(tx, &world.lead, assessed, "")
        })?;
        back_then(tx, taken_out, |tx| take_out(tx, &world, earlier))?;
        back_then(tx, again, |tx| issued::issue(tx, &world.lead, earlier, "一件测试诉求误计入，已审批剔除"))?;
        back_then(tx, then, |tx| issued::issue(tx, &world.lead, before, ""))?;
        let reason = note("街道要逐件回访上月的诉求，需要电话；交街道接诉即办专班")?;
        unmasked::ask(tx, &world.worker, last, &reason).map(drop)
    })
}

/// One plain ticket of the period was a test.
fn take_out(tx: &mut Tx, world: &World, period: Period) -> Result<()> {
    let id: Id = tickets::table
        .filter(tickets::community_id.eq(world.community.id))
        .filter(tickets::submitted_at.ge(period.from).and(tickets::submitted_at.lt(period.to)))
        .filter(tickets::status.eq(Status::Archived).and(tickets::excluded.is_null()))
        .order(tickets::submitted_at.desc())
        .select(tickets::id)
        .first(tx.conn)?;
    exclusions::propose(tx, &world.worker, id, Reason::E1, &note("验收时提交的测试")?)?;
    let waiting = exclusions::undecided(tx, &world.lead)?;
    let Some(proposed) = waiting.iter().find(|each| each.ticket_id == id) else { return Ok(()) };
    exclusions::decide(tx, &world.lead, proposed.id, Verdict::Approve).map(drop)
}

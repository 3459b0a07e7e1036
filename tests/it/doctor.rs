//! What `louma doctor` finds: rows that say other things than their events, in a database that somebody mended by hand.

use diesel::prelude::*;
use louma::db::{Id, Tx};
use louma::error::Result;
use louma::schema::{outbox, ticket_events, tickets};
use louma::tickets::proof::{self, Proof};
use louma::tickets::{Reason, Status, Ticket};

use crate::harness::TestApp;
use crate::notices::reports;

/// What somebody does to the rows of a ticket by hand.
type Harm = fn(&mut Tx, &Ticket) -> Result<()>;

async fn proved(app: &TestApp, community: Id) -> Proof {
    app.read(move |tx| proof::prove(tx, community, None)).await
}

/// Breaks something, and says what is found.
async fn said(app: &TestApp, ticket: &Ticket, harm: Harm) -> &'static str {
    let (ticket, community) = (ticket.clone(), ticket.community_id);
    let found = app
        .write(move |tx| {
            harm(tx, &ticket)?;
            proof::prove(tx, community, None)
        })
        .await;
    assert_eq!(found.wrong.len(), 1, "{found:?}");
    found.wrong[0].1
}

#[actix_web::test]
async fn a_row_that_says_other_things_than_its_events_is_named() {
    let app = TestApp::start().await;
    let made = reports(&app, 9, (Some("0101"), None)).await;
    let community = app.home().community.id;
    let found = proved(&app, community).await;
    assert_eq!((found.looked, found.wrong.len(), found.last.is_some()), (9, 0, true));
    let rest = app.read(move |tx| proof::prove(tx, community, found.last)).await;
    assert_eq!(rest, Proof::default());

    let status = |tx: &mut Tx, ticket: &Ticket| {
        let row = tickets::table.find((ticket.community_id, ticket.id));
        diesel::update(row).set(tickets::status.eq(Status::Archived)).execute(tx.conn)?;
        Ok(())
    };
    let harms: [(Harm, &str); 8] = [
        (status, "状态"),
        (
            |tx, ticket| {
                let row = tickets::table.find((ticket.community_id, ticket.id));
                let at = Some(ticket.submitted_at.plus_minutes(5));
                diesel::update(row).set(tickets::closed_at.eq(at)).execute(tx.conn)?;
                Ok(())
            },
            "办结时间",
        ),
        (
            |tx, ticket| {
                let row = tickets::table.find((ticket.community_id, ticket.id));
                diesel::update(row).set(tickets::rounds.eq(2)).execute(tx.conn)?;
                Ok(())
            },
            "重办次数",
        ),
        (
            |tx, ticket| {
                let row = tickets::table.find((ticket.community_id, ticket.id));
                diesel::update(row)
                    .set(tickets::due_at.eq(ticket.due_at.plus_minutes(1)))
                    .execute(tx.conn)?;
                Ok(())
            },
            "办理期限",
        ),
        (
            |tx, ticket| {
                let row = tickets::table.find((ticket.community_id, ticket.id));
                diesel::update(row)
                    .set(tickets::first_contact_at.eq(Some(ticket.submitted_at.plus_minutes(1))))
                    .execute(tx.conn)?;
                Ok(())
            },
            "首次联系时间",
        ),
        (
            |tx, ticket| {
                let row = tickets::table.find((ticket.community_id, ticket.id));
                diesel::update(row).set(tickets::excluded.eq(Some(Reason::E3))).execute(tx.conn)?;
                Ok(())
            },
            "剔除",
        ),
        (
            |tx, ticket| {
                let row = tickets::table.find((ticket.community_id, ticket.id));
                diesel::update(row)
                    .set(tickets::answered_at.eq(Some(ticket.submitted_at.plus_minutes(1))))
                    .execute(tx.conn)?;
                Ok(())
            },
            "回访时间",
        ),
        (
            |tx, ticket| {
                let own = outbox::community_id.eq(ticket.community_id).and(outbox::ticket_id.eq(ticket.id));
                diesel::delete(outbox::table.filter(own)).execute(tx.conn)?;
                let own = ticket_events::community_id.eq(ticket.community_id);
                let own = own.and(ticket_events::ticket_id.eq(ticket.id));
                diesel::delete(ticket_events::table.filter(own)).execute(tx.conn)?;
                Ok(())
            },
            "没有一条过程记录",
        ),
    ];
    for (number, (harm, word)) in harms.into_iter().enumerate() {
        let ticket = &made[number];
        let sentence = said(&app, ticket, harm).await;
        assert!(sentence.contains(word), "{word}: {sentence}");
        mended(&app, ticket).await;
    }
}

/// Mends the row, so that the next fault is seen alone. Events that are gone stay gone: they are taken away last.
async fn mended(app: &TestApp, ticket: &Ticket) {
    let ticket = ticket.clone();
    app.write(move |tx| {
        let row = tickets::table.find((ticket.community_id, ticket.id));
        let whole = (
            tickets::status.eq(ticket.status),
            tickets::closed_at.eq(ticket.closed_at),
            tickets::rounds.eq(ticket.rounds),
            tickets::due_at.eq(ticket.due_at),
            tickets::first_contact_at.eq(ticket.first_contact_at),
            tickets::excluded.eq(ticket.excluded),
            tickets::answered_at.eq(ticket.answered_at),
        );
        diesel::update(row).set(whole).execute(tx.conn)?;
        Ok(())
    })
    .await;
}

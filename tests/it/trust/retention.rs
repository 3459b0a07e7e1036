//! What is kept no longer goes, and nothing else: the figures before and after are the same.

use louma::clock::{Period, PeriodKind};
use louma::db::{Id, Time};
use louma::retention::{self, Rule};
use louma::stats;

use super::{SECRETS, TOLD, hides, latest, report};
use crate::harness::TestApp;

/// Moves what happened with a ticket so many days into the past and archives it.
async fn archive(app: &TestApp, id: Id, days: i64, kind: &'static str) {
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::tickets::dsl;
        let then = tx.now.plus_minutes(-days * 1440);
        let none: Option<Time> = None;
        diesel::update(dsl::tickets.filter(dsl::id.eq(id)))
            .set((
                dsl::status.eq("archived"),
                dsl::kind.eq(kind),
                dsl::submitted_at.eq(then),
                dsl::closed_at.eq(then),
                dsl::open_due_at.eq(none),
            ))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
}

fn gone(found: &[(Rule, usize)], rule: Rule) -> usize {
    found.iter().find(|(each, _)| *each == rule).unwrap().1
}

#[actix_web::test]
async fn who_reported_is_forgotten_in_time_and_every_figure_stays() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for (number, (days, kind)) in
        [(400, "help"), (300, "help"), (400, "tip_off"), (800, "tip_off"), (400, "help")]
            .into_iter()
            .enumerate()
    {
        let text = format!("{number} {TOLD}");
        let fields = [("category", "01"), ("text", text.as_str()), ("phone", "13900001111")];
        assert_eq!(app.stranger().post_files(&app.door(), &fields, &[]).await.status, 303);
        let id = latest(&app).await.id;
        archive(&app, id, days, kind).await;
        ids.push(id);
    }
    // The last once stood on account.
    let (community, account) = (app.home().community.id, ids[4]);
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::ticket_events::dsl;
        diesel::update(dsl::ticket_events.filter(dsl::ticket_id.eq(account)))
            .set(dsl::act.eq("suspend"))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    // A line of the audit log, a key and an exported file, each old and young.
    let exports = tempfile::tempdir().unwrap();
    for (name, days) in [("old.xlsx", 8), ("young.xlsx", 6)] {
        let path = exports.path().join(name);
        std::fs::write(&path, b"x").unwrap();
        let then = std::time::SystemTime::from(louma::db::now().plus_minutes(-days * 1440).0);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
    }
    let staff = app.staff(louma::people::Role::CommunityWorker);
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::{audits, report_keys};
        for days in [500, 300] {
            let row = (
                audits::community_id.eq(community),
                audits::id.eq(Id::new()),
                audits::at.eq(tx.now.plus_minutes(-days * 1440)),
                audits::staff_id.eq(staff),
                audits::actor.eq("社区工作者 01"),
                audits::act.eq("reveal"),
                audits::reason.eq("核实"),
            );
            diesel::insert_into(audits::table).values(row).execute(tx.conn)?;
        }
        let old = report_keys::table.filter(report_keys::ticket_id.eq(account));
        diesel::update(old)
            .set(report_keys::created_at.eq(tx.now.plus_minutes(-100 * 1440)))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    let figures = |app: TestApp| async move {
        let mut all = Vec::new();
        for year in [2024, 2025, 2026] {
            let report = app
                .read(move |tx| stats::report(tx, community, Period::new(PeriodKind::Year, year, 1).unwrap()))
                .await;
            let report = serde_json::to_value(&report).unwrap();
            all.push(serde_json::to_string(&report["totals"]).unwrap());
        }
        all
    };
    let before = figures(app.clone()).await;

    let would = retention::rehearse(&app.parts.db, exports.path()).await.unwrap();
    assert_eq!(gone(&would, Rule::Contact), 1, "{would:?}");
    assert_eq!(
        gone(&would, Rule::LongContact),
        1,
        "tip-offs and what stood on account stay 24 months: {would:?}"
    );
    assert!(
        gone(&would, Rule::Keys) >= 1 && gone(&would, Rule::Audits) == 1 && gone(&would, Rule::Exports) == 1,
        "{would:?}"
    );
    assert!(latest(&app).await.phone_sealed.is_some(), "a rehearsal changes nothing");
    assert!(exports.path().join("old.xlsx").exists());

    let did = retention::run(&app.parts.db, &app.parts.photos, exports.path()).await.unwrap();
    assert_eq!(did, would, "what was foretold is what was done");
    assert!(!exports.path().join("old.xlsx").exists() && exports.path().join("young.xlsx").exists());
    for (place, id) in ids.iter().copied().enumerate() {
        let ticket = app.read(move |tx| louma::tickets::find_own(tx, community, id)).await;
        let forgotten = matches!(place, 0 | 3);
        assert_eq!(ticket.phone_sealed.is_none(), forgotten, "{place}");
        assert_eq!(ticket.text.unmasked().contains(SECRETS[0]), !forgotten, "{place}");
        if forgotten {
            hides(ticket.text.unmasked(), "what is left");
        }
    }
    assert_eq!(figures(app.clone()).await, before, "not one figure moved");
    let again = retention::run(&app.parts.db, &app.parts.photos, exports.path()).await.unwrap();
    assert!(again.iter().all(|(_, count)| *count == 0), "{again:?}");
}

#[actix_web::test]
async fn what_goes_is_found_along_an_index() {
    let app = TestApp::start().await;
    report(&app, "灯坏了").await;
    if !matches!(app.parts.db.url(), louma::db::Url::Sqlite(_)) {
        return;
    }
    #[derive(diesel::QueryableByName)]
    struct Plan {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    let sql = "explain query plan select id from tickets where community_id = x'00' and closed_at < 5 \
               and status = 'archived' and (phone_sealed is not null or name_sealed is not null or device_hash is not null) \
               order by closed_at, id limit 200";
    let plan: Vec<Plan> = app
        .read(move |tx| {
            use diesel::RunQueryDsl;
            Ok(diesel::sql_query(sql).load(tx.conn)?)
        })
        .await;
    assert!(
        plan.iter().any(|line| line.detail.contains("tickets_to_forget")),
        "{:?}",
        plan.iter().map(|line| &line.detail).collect::<Vec<_>>()
    );
}

/// A neighbour of a matter: who they are, as the database knows it.
async fn neighbour(app: &TestApp, id: Id) -> louma::neighbours::Neighbour {
    use diesel::prelude::*;
    use louma::schema::neighbours::dsl;
    app.read(move |tx| {
        let row = dsl::neighbours.filter(dsl::id.eq(id)).select(louma::neighbours::Neighbour::as_select());
        Ok(row.first(tx.conn)?)
    })
    .await
}

#[actix_web::test]
async fn neighbours_are_forgotten_with_the_matter_whatever_its_end_and_go_on_counting() {
    use louma::neighbours::{self, Join, Joined};
    let app = TestApp::start().await;
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    // How it ended, of what kind, how many days ago it was closed, how many days ago they joined; whether their time is over.
    let lives: [(&str, &str, Option<i64>, i64, bool); 9] = [
        ("archived", "help", Some(400), 420, true),
        ("archived", "help", Some(300), 420, false),
        ("archived", "tip_off", Some(400), 420, false),
        ("archived", "tip_off", Some(800), 820, true),
        ("refused", "help", None, 400, true),
        ("withdrawn", "help", None, 300, false),
        ("in_progress", "help", None, 500, false),
        // Closed once and at work again.
        ("in_progress", "help", Some(500), 520, false),
        ("archived", "suspended", Some(400), 420, false),
    ];
    let mut made = Vec::new();
    for (number, (status, kind, closed, at, over)) in lives.into_iter().enumerate() {
        let text = format!("第 {number} 件");
        let fields = [("category", "01"), ("text", text.as_str())];
        assert_eq!(app.stranger().post_files(&app.door(), &fields, &[]).await.status, 303);
        let ticket = latest(&app).await.id;
        let (home, keys) = (home.clone(), keys.clone());
        let id = app
            .write(move |tx| {
                use diesel::prelude::*;
                use louma::schema::{neighbours as rows, ticket_events, tickets};
                let join = Join {
                    ticket_id: ticket,
                    code: home.units[0].1.code.to_string(),
                    device_hash: keys.device_hash(&format!("phone {number}")),
                    phone: louma::tickets::Phone::parse("phone", &format!("1390000{number:04}"))?,
                    text: TOLD.to_owned(),
                    voice: None,
                    photos: Vec::new(),
                    notice_version: "1".to_owned(),
                    doubts: Vec::new(),
                };
                let joined = neighbours::join(tx, &keys, (&home.community, &home.units[0].0), join)?;
                let Joined::Neighbour(neighbour, _) = joined else { panic!("they reported nothing") };
                let ago = |days: i64| tx.now.plus_minutes(-days * 1440);
                let real = if kind == "suspended" { "help" } else { kind };
                diesel::update(tickets::table.find((home.community.id, ticket)))
                    .set((
                        tickets::status.eq(status),
                        tickets::kind.eq(real),
                        tickets::submitted_at.eq(ago(at + 1)),
                        tickets::closed_at.eq(closed.map(ago)),
                    ))
                    .execute(tx.conn)?;
                diesel::update(rows::table.find((home.community.id, neighbour.id)))
                    .set((rows::at.eq(ago(at)), rows::comment.eq(TOLD)))
                    .execute(tx.conn)?;
                if kind == "suspended" {
                    diesel::update(ticket_events::table.filter(ticket_events::ticket_id.eq(ticket)))
                        .set(ticket_events::act.eq("suspend"))
                        .execute(tx.conn)?;
                }
                Ok(neighbour.id)
            })
            .await;
        made.push((id, ticket, over));
    }
    // Merged into what is still open, and into what was closed long ago.
    for (main, over) in [(6, false), (0, true)] {
        let (main, community) = (made[main].1, home.community.id);
        let text = format!("并入 {over}");
        let fields = [("category", "01"), ("text", text.as_str())];
        assert_eq!(app.stranger().post_files(&app.door(), &fields, &[]).await.status, 303);
        let ticket = latest(&app).await.id;
        let copy = neighbour(&app, made[4].0).await;
        let id = app
            .write(move |tx| {
                use diesel::prelude::*;
                use louma::schema::{neighbours as rows, tickets};
                diesel::update(tickets::table.find((community, ticket)))
                    .set((tickets::status.eq("merged"), tickets::main_id.eq(main)))
                    .execute(tx.conn)?;
                let id = Id::new();
                let row =
                    neighbours::Neighbour { id, ticket_id: ticket, secret_hash: id.bytes().to_vec(), ..copy };
                diesel::insert_into(rows::table).values(&row).execute(tx.conn)?;
                Ok(id)
            })
            .await;
        made.push((id, ticket, over));
    }

    let counts = {
        let (community, tickets) = (home.community.id, made.iter().map(|each| each.1).collect::<Vec<_>>());
        let app = app.clone();
        move || {
            let (app, tickets) = (app.clone(), tickets.clone());
            async move {
                let mut counts = app.read(move |tx| neighbours::counts(tx, community, &tickets)).await;
                counts.sort();
                counts
            }
        }
    };
    let before = counts().await;
    assert_eq!(before.len(), made.len());
    let exports = tempfile::tempdir().unwrap();
    let due = made.iter().filter(|each| each.2).count();
    let would = retention::rehearse(&app.parts.db, exports.path()).await.unwrap();
    assert_eq!(gone(&would, Rule::Neighbours), due, "{would:?}");
    assert!(neighbour(&app, made[0].0).await.phone_sealed.is_some(), "a rehearsal changes nothing");
    let did = retention::run(&app.parts.db, &app.parts.photos, exports.path()).await.unwrap();
    assert_eq!(gone(&did, Rule::Neighbours), due, "what was foretold is what was done");
    for (place, (id, _, over)) in made.iter().copied().enumerate() {
        let found = neighbour(&app, id).await;
        assert_eq!((found.phone_sealed.is_none(), found.phone_masked.is_none()), (over, over), "{place}");
        assert_eq!(found.phone_hash.is_none(), over, "{place}");
        assert_eq!(found.device_hash.len() < 32, over, "{place}");
        for words in [&found.text, &found.comment] {
            assert_eq!(words.contains(SECRETS[0]), !over, "{place}");
            if over {
                hides(words, "what is left");
                assert!(words.contains("二层灯不亮"), "the matter stays: {words}");
            }
        }
    }
    assert_eq!(counts().await, before, "they count as before");
    let again = retention::run(&app.parts.db, &app.parts.photos, exports.path()).await.unwrap();
    assert_eq!(gone(&again, Rule::Neighbours), 0);
}

//! Photos cost a disk: nothing is stored for whoever shows no report, and what is refused is swept away.

use std::path::Path;

use louma::jobs;
use louma::people::{Actor, Role};
use louma::settings::Flood;
use louma::tickets::privacy::{self, Correction};
use louma::uploads::{Uploads, loose};
use louma::voices::Voices;

use super::flood::app_with;
use super::{latest, report};
use crate::door::{closed, planted};
use crate::harness::{TestApp, jpeg};

/// Every file in a folder.
fn files(folder: &Path) -> usize {
    let each = |path: std::path::PathBuf| if path.is_dir() { files(&path) } else { 1 };
    std::fs::read_dir(folder).unwrap().map(|entry| each(entry.unwrap().path())).sum()
}

fn stored(app: &TestApp) -> usize {
    files(&app.parts.config.photos_dir())
}

async fn waiting(app: &TestApp) -> i64 {
    use diesel::prelude::*;
    app.read(|tx| Ok(louma::schema::loose_files::table.count().get_result(tx.conn)?)).await
}

/// As if three days had passed.
async fn swept(app: &TestApp) {
    use diesel::prelude::*;
    use louma::schema::loose_files::dsl;
    app.write(|tx| {
        let then = tx.now.plus_minutes(-60 * loose::HOURS - 10);
        diesel::update(dsl::loose_files).set(dsl::taken_at.eq(then)).execute(tx.conn)?;
        Ok(())
    })
    .await;
    let mut folders = vec![app.parts.config.photos_dir()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let then = louma::db::now().plus_minutes(-60 * loose::HOURS - 10).0.into();
            let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_times(std::fs::FileTimes::new().set_modified(then)).unwrap();
        }
    }
    let voices = Voices::open(&app.parts.config.photos_dir()).unwrap();
    let uploads = Uploads::open(&app.parts.config.uploads_dir()).unwrap();
    jobs::clear_once(&app.parts.db, (&app.parts.photos, &voices), &uploads).await.unwrap();
}

#[actix_web::test]
async fn whoever_shows_no_report_stores_no_photo() {
    let app = TestApp::start().await;
    let page = report(&app, "灯坏了").await;
    let before = stored(&app);
    let token = page.strip_prefix("/t/").unwrap().get(..4).unwrap();
    for wrong in ["/t/nonsense".to_owned(), format!("/t/{token}{}", "A".repeat(40))] {
        let (to, photo) = (format!("{wrong}/message"), jpeg(90));
        let sent = app.stranger().post_files(&to, &[("text", "看")], &[("photo", "a.jpg", &photo)]).await;
        assert_eq!(sent.status, 404, "{wrong}");
    }
    assert_eq!((stored(&app), waiting(&app).await), (before, 0));

    // Neither does a report that is over: what was typed is shown again.
    let ticket = latest(&app).await;
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::tickets::dsl;
        diesel::update(dsl::tickets.filter(dsl::id.eq(ticket.id)))
            .set((dsl::status.eq("archived"), dsl::closed_at.eq(tx.now)))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    let over = app
        .stranger()
        .post_files(&format!("{page}/message"), &[("text", "还有一句")], &[("photo", "a.jpg", &jpeg(91))])
        .await;
    assert_eq!(over.status, 409, "{}", over.body);
    assert_eq!((stored(&app), waiting(&app).await), (before, 0));
}

#[actix_web::test]
async fn a_photo_of_a_refused_message_waits_for_the_form_and_is_then_swept_away() {
    let app = TestApp::start().await;
    let page = report(&app, "灯坏了").await;
    let to = format!("{page}/message");
    let before = stored(&app);
    let long = "长".repeat(2001);
    let refused = app.stranger().post_files(&to, &[("text", &long)], &[("photo", "a.jpg", &jpeg(92))]).await;
    assert!(refused.status == 422 && refused.body.contains("最多 2000 字"), "{}", refused.body);
    assert_eq!((stored(&app), waiting(&app).await), (before + 2, 1), "full size and thumbnail wait");
    let kept = refused.body.split(r#"name="kept" value=""#).nth(1).unwrap().split('"').next().unwrap();
    // Mended, the same photo goes along and waits no more.
    let sent = app.stranger().post_files(&to, &[("text", "短一点"), ("kept", kept)], &[]).await;
    assert_eq!((sent.status, waiting(&app).await), (303, 0), "{}", sent.body);
    // Another one is never mended.
    let refused = app.stranger().post_files(&to, &[("text", &long)], &[("photo", "b.jpg", &jpeg(93))]).await;
    assert_eq!((refused.status, waiting(&app).await), (422, 1));
    swept(&app).await;
    assert_eq!((stored(&app), waiting(&app).await), (before + 2, 0));
    let shown = app.stranger().get(&page).await.body;
    assert!(shown.contains("/photos/2"), "{shown}");
}

#[actix_web::test]
async fn one_report_adds_only_so_many_photos_in_an_hour_and_loses_no_word() {
    let app = TestApp::start().await;
    let page = report(&app, "灯坏了").await;
    let to = format!("{page}/message");
    let long = "长".repeat(2001);
    let mut refused = 0;
    for round in 0..20_u8 {
        let three: Vec<Vec<u8>> = (0..3).map(|seed| jpeg(100 + 3 * round + seed)).collect();
        let files: Vec<(&str, &str, &[u8])> =
            three.iter().map(|file| ("photo", "a.jpg", &file[..])).collect();
        let answer = app.stranger().post_files(&to, &[("text", &long)], &files).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(answer.body.contains(&long), "what was typed is there");
        refused += usize::from(answer.body.contains("照片太多了"));
    }
    assert_eq!((refused, waiting(&app).await), (7, 39));
}

#[actix_web::test]
async fn who_asks_first_is_counted_like_everybody_and_the_answer_is_the_same_report() {
    let app = app_with(Flood { door: 3, ..Flood::default() }).await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    let ask = |text: String, seed: u8| {
        let app = app.clone();
        async move {
            let phone = app.stranger();
            let fields = [("category", "01"), ("text", text.as_str()), ("ask", "1")];
            phone.post_files(&app.door(), &fields, &[("photo", "a.jpg", &jpeg(seed))]).await
        }
    };
    let mut pages = Vec::new();
    for number in 0..70_u8 {
        let asked = ask(format!("灯又坏了 {number}"), number).await;
        assert_eq!(asked.status, 409, "{}", asked.body);
        pages.push(asked.body);
    }
    // Three at the door and sixty doubtful ones kept their photos; then there is an end to it.
    assert_eq!(waiting(&app).await, 63);
    let value = |page: &str, name: &str| {
        let field = page.split(&format!(r#"name="{name}" value=""#)).nth(1)?;
        field.split('"').next().map(str::to_owned)
    };
    let answer = |page: String, way: (&'static str, String)| {
        let app = app.clone();
        let (weighed, kept, text) = (value(&page, "weighed"), value(&page, "kept"), value(&page, "text"));
        async move {
            let (weighed, kept, text) = (weighed.unwrap(), kept.unwrap(), text.unwrap());
            let fields = [
                ("category", "01"),
                ("text", &text),
                ("weighed", &weighed),
                ("kept", &kept),
                (way.0, &way.1),
            ];
            app.stranger().post_files(&app.door(), &fields, &[]).await
        }
    };
    // The first was asked while there was room: it is a ticket at once, with its photo, though the door is full now.
    let another = || ("another", "yes".to_owned());
    let made = answer(pages[0].clone(), another()).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let first = latest(&app).await;
    assert_eq!(app.read(move |tx| louma::tickets::photos(tx, &first)).await.len(), 1);
    // What was asked in the flood is held, with its photo.
    assert_eq!(answer(pages[10].clone(), another()).await.status, 303);
    assert_eq!(super::flood::count(&app).await, (2, 1));
    // That it was counted is said once: the same words of another phone are a report of their own.
    let weighed = value(&pages[1], "weighed").unwrap();
    for number in 0..2 {
        let text = format!("另一件 {number}");
        let fields = [("category", "01"), ("text", text.as_str()), ("weighed", &weighed), ("another", "yes")];
        assert_eq!(app.stranger().post_files(&app.door(), &fields, &[]).await.status, 303);
    }
    assert_eq!(super::flood::count(&app).await, (3, 2));

    // Whoever joins what is done meanwhile gets everything back, and the photo still waits.
    let (id, left) = (ticket.id.to_string(), waiting(&app).await);
    closed(&app, &ticket).await;
    let late = answer(pages[2].clone(), ("join", id.clone())).await;
    assert!(late.status == 409 && late.body.contains("灯又坏了 2"), "{}", late.body);
    let fresh = [("category", "01"), ("text", "我家也是"), ("join", id.as_str())];
    let late = app.stranger().post_files(&app.door(), &fresh, &[("photo", "z.jpg", &jpeg(200))]).await;
    assert!(late.status == 409 && late.body.contains(r#"name="kept""#), "{}", late.body);
    assert_eq!(waiting(&app).await, left + 1, "that of a refused join is swept away in time");
}

#[actix_web::test]
async fn a_resident_adds_twenty_times_a_day_and_then_keeps_what_they_wrote() {
    let app = TestApp::start().await;
    let page = report(&app, "灯坏了").await;
    let to = format!("{page}/message");
    for number in 0..20 {
        let text = format!("补充 {number}");
        assert_eq!(app.stranger().post(&to, &[("text", &text)]).await.status, 303, "{number}");
    }
    let over = app.stranger().post(&to, &[("text", "第二十一次")]).await;
    assert_eq!(over.status, 422);
    for words in ["已经补充了 20 次", "010-00000001", "第二十一次"] {
        assert!(over.body.contains(words), "{words}: {}", over.body);
    }
    let id = latest(&app).await.id;
    let worker = Actor {
        role: Role::CommunityWorker,
        staff_id: Some(app.staff(Role::CommunityWorker)),
        ..Actor::resident(app.home().community.id)
    };
    let said = app.read(move |tx| {
        let ticket = louma::tickets::find(tx, &worker, id)?;
        louma::tickets::history(tx, &worker, &ticket)
    });
    assert_eq!(said.await.iter().filter(|event| event.act == "reply").count(), 20);

    // Changing one's data to and fro ends as well.
    let correct = |publish: bool| {
        let keys = app.parts.keys.clone();
        let resident = Actor::resident(app.home().community.id);
        app.parts.db.write(move |tx| {
            let wish = Correction { publish, ..Correction::default() };
            privacy::correct(tx, &keys, &resident, id, &wish)
        })
    };
    let mut done = 0;
    for number in 0..30 {
        done += usize::from(correct(number % 2 == 0).await.is_ok());
    }
    assert_eq!(done, 20);
}

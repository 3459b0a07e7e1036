//! After a report: the receipt to keep, the way back when it is lost, what is added later, what neighbours say.

use louma::people::{Actor, Role};
use louma::tickets::confirmations;
use louma::tickets::last_four::{self, LastFour, Told};
use louma::tickets::steps::{self, Closure, Seen};
use louma::tickets::{self, Level, Note, Outcome, Stage, Ticket, acts};

use crate::harness::{Answer, Client, TestApp, jpeg, send};

/// Reports something by this phone; returns the address of its page.
pub async fn report(app: &TestApp, phone: &Client, more: &[(&str, &str)]) -> String {
    phone.get(&app.door()).await;
    let mut fields = vec![("category", "01"), ("text", "二层楼道灯不亮"), ("phone", "100 1234 5678")];
    fields.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
    fields.extend(more);
    let sent = phone.post_files(&app.door(), &fields, &[("photo", "a.jpg", &jpeg(7))]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    sent.location.split('?').next().unwrap().to_owned()
}

/// The ticket behind a page.
pub async fn ticket(app: &TestApp, page: &str) -> Ticket {
    let (keys, secret) = (app.parts.keys.clone(), page.trim_start_matches("/t/").to_owned());
    app.read(move |tx| tickets::find_by_secret(tx, &keys, &secret)).await
}

/// Somebody of the staff, as the verbs know them.
pub fn staff(app: &TestApp, role: Role) -> Actor {
    Actor {
        role,
        staff_id: Some(app.staff(role)),
        name: format!("{} 01", role.label()),
        ..Actor::resident(app.home().community.id)
    }
}

/// Brings a ticket to its closing with this category.
pub async fn solve(app: &TestApp, page: &str, category: &'static str) -> Ticket {
    let (ticket, worker) = (ticket(app, page).await, staff(app, Role::CommunityWorker));
    app.write(move |tx| {
        let ticket = steps::accept(tx, &worker, Seen { id: ticket.id, version: ticket.version })?;
        let ticket = acts::categorize(tx, &worker, ticket.id, category, ticket.kind)?;
        let closure = Closure {
            result: Outcome::Solved,
            text: Note::parse("text", "王大爷家门口的灯换好了", "")?,
            level: Level::Community,
            photos: Vec::new(),
        };
        steps::close(tx, &worker, Seen { id: ticket.id, version: ticket.version }, closure)
    })
    .await
}

#[actix_web::test]
async fn the_receipt_is_a_picture_whose_code_leads_to_the_look_up_page_and_opens_nothing() {
    let app = TestApp::start().await;
    let page = report(&app, &app.stranger(), &[]).await;
    let shown = app.stranger().get(&format!("{page}?received=1")).await.body;
    assert!(shown.contains(&format!("src=\"{page}/card.png\"")) && shown.contains("长按"), "{shown}");
    assert!(shown.contains("<title>办理进度 TGY"), "the title names neither place nor matter");
    let request = app.stranger().request(reqwest::Method::GET, &format!("{page}/card.png"));
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert!(response.headers()["cache-control"].to_str().unwrap().contains("private"));
    let png = response.bytes().await.unwrap();
    let picture = image::load_from_memory(&png).unwrap().to_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let grey = |x: usize, y: usize| picture.get_pixel(x as u32, y as u32).0[0];
    let mut found = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    let (_, content) = found.detect_grids()[0].decode().unwrap();
    let number = ticket(&app, &page).await.number;
    assert_eq!(content, format!("{}/t?number={number}", app.url));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("card.png"), &png).unwrap();
    if let Some(read) = crate::posters::run("zbarimg", &["--quiet", "--raw", "card.png"], folder.path()) {
        assert_eq!(read.trim(), content);
    }
    let form = app.stranger().get(&format!("/t?number={number}")).await;
    assert!(form.status == 200 && form.body.contains(&format!("value=\"{number}\"")));
    assert!(!form.body.contains("二层楼道灯不亮"), "the number alone opens nothing");
    assert_eq!(app.stranger().get("/t/AAAAnonsense/card.png").await.status, 404);
}

#[actix_web::test]
async fn a_phone_that_scans_again_lists_what_it_reported_here_and_no_other_phone_does() {
    let app = TestApp::start().await;
    let (phone, other) = (app.stranger(), app.stranger());
    let first = report(&app, &phone, &[]).await;
    let second = report(&app, &phone, &[("text", "单元门关不上")]).await;
    let theirs = report(&app, &other, &[("text", "楼道有杂物")]).await;
    let door = app.door();
    assert!(phone.get(&door).await.body.contains(&format!("{door}/mine")), "the door leads there");
    let list = phone.get(&format!("{door}/mine")).await;
    assert!(list.body.contains(&first) && list.body.contains(&second) && !list.body.contains(&theirs));
    assert!(!list.body.contains("单元门关不上"), "the list says no words: a phone lies about");
    assert!(list.body.find(&second) < list.body.find(&first), "latest first");
    let stranger = app.stranger().get(&format!("{door}/mine")).await.body;
    assert!(!stranger.contains("/t/") || !stranger.contains(&first));
    let next_door = format!("/q/{}/mine", app.worlds[1].units[0].1.code);
    assert!(!phone.get(&next_door).await.body.contains(&first), "each community lists its own");

    let forgot = phone.post(&format!("{door}/mine/forgetting"), &[]).await;
    assert_eq!(forgot.status, 303);
    assert!(!phone.get(&forgot.location).await.body.contains(&first));
    assert_eq!(phone.get(&first).await.status, 200, "the report itself stays");
}

#[actix_web::test]
async fn a_list_of_many_is_read_page_by_page_along_its_index() {
    use diesel::prelude::*;
    let app = TestApp::start().await;
    let page = report(&app, &app.stranger(), &[]).await;
    let first = ticket(&app, &page).await;
    let (device, community) = (first.device_hash.clone().unwrap(), first.community_id);
    app.write(move |tx| {
        for number in 0..44u8 {
            let (id, hash) = (louma::db::Id::new(), vec![number; 32]);
            let copy =
                Ticket { id, number: format!("N{number:02}"), secret_hash: hash, events: 0, ..first.clone() };
            diesel::insert_into(louma::schema::tickets::table).values(&copy).execute(tx.conn)?;
        }
        Ok(())
    })
    .await;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let device = device.clone();
        let found = app.read(move |tx| tickets::by_device(tx, community, &device, before)).await;
        let more = found.len() > tickets::DEVICE_PAGE;
        seen.extend(found.iter().take(tickets::DEVICE_PAGE).map(|each| each.id));
        before = seen.last().copied();
        if !more {
            break;
        }
    }
    assert_eq!(seen.len(), 45);
    assert!(seen.is_sorted_by(|a, b| a > b));
}

async fn ask(client: &Client, number: &str, last_four: &str, from: u8) -> Answer {
    let fields = [("number", number), ("last_four", last_four)];
    let request = client.request(reqwest::Method::POST, "/t/state");
    send(request.header("x-forwarded-for", format!("198.51.100.{from}")).form(&fields)).await
}

async fn behind_a_proxy() -> TestApp {
    TestApp::start_with(&[("trusted_proxies", "127.0.0.1".into())]).await
}

#[actix_web::test]
async fn number_and_last_four_show_the_state_and_nothing_else() {
    let app = behind_a_proxy().await;
    let page = report(&app, &app.stranger(), &[]).await;
    let number = ticket(&app, &page).await.number;
    let shown = ask(&app.stranger(), &number.to_lowercase(), "５６７８", 1).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("等社区受理") && shown.body.contains(&number));
    for secret in [page.as_str(), "二层楼道灯不亮", "3号楼", "card.png", "5678", "房屋"] {
        assert!(!shown.body.contains(secret), "{secret} is shown");
    }
    let wrong = ask(&app.stranger(), &number, "0000", 1).await;
    assert!(wrong.status == 422 && wrong.body.contains("还可以试 4 次") && wrong.body.contains(&number));
    assert!(ask(&app.stranger(), &number, "5678", 1).await.status == 200);
    let after = ask(&app.stranger(), &number, "0000", 1).await;
    assert!(after.body.contains("还可以试 4 次"), "a right try forgets the wrong ones");
    let miswritten = ask(&app.stranger(), "TGY2511250001A", "0000", 1).await;
    assert!(miswritten.status == 422 && miswritten.body.contains("抄错了一位"));
    let letters = ask(&app.stranger(), &number, "12ab", 1).await;
    assert!(letters.status == 422 && letters.body.contains("最后四位数字"));
}

#[actix_web::test]
async fn ten_wrong_tries_at_once_lock_a_number_after_exactly_five_whether_it_exists_or_not() {
    let app = behind_a_proxy().await;
    let page = report(&app, &app.stranger(), &[]).await;
    let real = ticket(&app, &page).await;
    let bare = report(&app, &app.stranger(), &[("phone", "")]).await;
    let bare = ticket(&app, &bare).await.number;
    let day = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    let nobody = tickets::number::number("TGY", day, 77);
    for (which, number) in [real.number.clone(), bare, nobody].into_iter().enumerate() {
        let sends = (0..10u8).map(|each| {
            let (client, number) = (app.stranger(), number.clone());
            actix_web::rt::spawn(async move { ask(&client, &number, "0000", 10 * which as u8 + each).await })
        });
        let mut said = Vec::new();
        for send in sends.collect::<Vec<_>>() {
            let answer = send.await.unwrap();
            assert_eq!(answer.status, 422, "{}", answer.body);
            let left = answer.body.split("还可以试 ").nth(1).and_then(|rest| rest.chars().next());
            said.push(left.unwrap_or('锁'));
        }
        said.sort_unstable();
        assert_eq!(said.iter().collect::<String>(), "1234锁锁锁锁锁锁", "{number}");
    }
    let locked = ask(&app.stranger(), &real.number, "5678", 99).await;
    assert!(locked.status == 422 && locked.body.contains("打电话问社区"), "right comes too late");
    assert_eq!(app.stranger().get(&page).await.status, 200, "its own page stays open");

    // A day later it is free again.
    let (keys, number) = (app.parts.keys.clone(), real.number);
    let free = app.write(move |tx| {
        tx.now = tx.now.plus_minutes(last_four::LOCKED_MINUTES + 1);
        let told = last_four::ask(tx, &keys, &number, &LastFour::parse("5678")?)?;
        let forgotten = last_four::forget_old(tx, real.community_id)?;
        Ok((matches!(told, Told::State(_)), forgotten))
    });
    assert_eq!(free.await, (true, 2), "and what is old is forgotten");
}

#[actix_web::test]
async fn whoever_goes_on_trying_does_not_keep_the_owner_out_for_longer() {
    let app = TestApp::start().await;
    let page = report(&app, &app.stranger(), &[]).await;
    let (number, keys) = (ticket(&app, &page).await.number, app.parts.keys.clone());
    let until = app.write(move |tx| {
        let (mut locked, wrong) = (Vec::new(), LastFour::parse("0000")?);
        for _ in 0..9 {
            if let Told::Locked(until) = last_four::ask(tx, &keys, &number, &wrong)? {
                locked.push(until);
            }
            tx.now = tx.now.plus_minutes(60);
        }
        Ok(locked)
    });
    let until = until.await;
    assert_eq!(until.len(), 5);
    assert!(until.iter().all(|each| *each == until[0]), "{until:?}");
}

#[actix_web::test]
async fn a_resident_adds_words_and_photos_and_a_double_tap_adds_them_once() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    let page = report(&app, &phone, &[]).await;
    let to = format!("{page}/message");
    let sends = (0..5).map(|_| {
        let (phone, to) = (phone.clone(), to.clone());
        actix_web::rt::spawn(async move {
            phone
                .post_files(&to, &[("text", "昨晚三层也不亮了")], &[("photo", "b.jpg", &jpeg(8))])
                .await
                .status
        })
    });
    for send in sends.collect::<Vec<_>>() {
        assert_eq!(send.await.unwrap(), 303);
    }
    let shown = phone.get(&page).await.body;
    assert_eq!(shown.matches("昨晚三层也不亮了").count(), 1);
    assert_eq!(shown.matches("补充的第 1 张照片").count(), 1);
    let found = ticket(&app, &page).await;
    let photos = app.read(move |tx| tickets::photos(tx, &found)).await;
    assert_eq!(photos.iter().map(|photo| photo.stage).collect::<Vec<_>>(), [Stage::Report, Stage::Report]);
    assert_eq!(phone.get(&format!("{page}/photos/2?size=thumb")).await.status, 200);

    let bare = phone.post_files(&to, &[("text", "")], &[("photo", "c.jpg", &jpeg(9))]).await;
    assert_eq!(bare.status, 303, "a photo alone will do: {}", bare.body);
    assert!(phone.get(&page).await.body.contains("补充了 1 张照片"));
    assert_eq!(phone.post_files(&to, &[("text", "")], &[]).await.status, 422);
    let picture = jpeg(10);
    let files: [(&str, &str, &[u8]); 2] = [("photo", "d.jpg", &picture), ("photo", "e.jpg", b"no picture")];
    let again = phone.post_files(&to, &[("text", "还有这里")], &files).await;
    assert!(again.status == 422 && again.body.contains("还有这里"), "{}", again.body);
    let kept =
        again.body.split(r#"name="kept" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(phone.get(&format!("{page}/kept/{kept}")).await.status, 200);
    let other = report(&app, &app.stranger(), &[("text", "别的事")]).await;
    assert_eq!(phone.get(&format!("{other}/kept/{kept}")).await.status, 404, "signed for one report");
    let sent = phone.post_files(&to, &[("text", "还有这里"), ("kept", &kept)], &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
}

/// What a door asks its neighbours about, by the stamps of its forms.
pub async fn asked(app: &TestApp) -> Vec<String> {
    let (parts, code) = (&app.parts, app.home().units[0].1.code.clone());
    let doors = louma::reports::door::Doors::default();
    let fresh = doors.open(&parts.db, (&parts.config, &parts.keys), &code).await.unwrap();
    let (html, _) = fresh.page(louma::words::Look::default()).unwrap();
    let html = String::from_utf8(html.to_vec()).unwrap();
    let stamps = html.split(r#"name="what" value=""#).skip(1);
    stamps.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

pub async fn heard(app: &TestApp, page: &str) -> (i64, i64) {
    let ticket = ticket(app, page).await;
    let heard = app.read(move |tx| confirmations::heard(tx, &ticket)).await;
    (heard.fixed, heard.broken)
}

#[actix_web::test]
async fn neighbours_say_whether_it_is_fixed_once_for_each_phone_and_staff_read_it() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    let page = report(&app, &phone, &[]).await;
    assert!(asked(&app).await.is_empty());
    let closed = solve(&app, &page, "0101").await;
    let stamps = asked(&app).await;
    assert_eq!(stamps.len(), 1);
    assert!(!stamps[0].contains(&closed.number) && !stamps[0].contains(&closed.id.to_string()));
    let to = format!("{}/confirmations", app.door());
    let neighbours: Vec<Client> = (0..3).map(|_| app.stranger()).collect();
    for (each, says) in neighbours.iter().zip(["fixed", "fixed", "broken"]) {
        each.get(&app.door()).await;
        for _ in 0..2 {
            let said = each.post(&to, &[("what", &stamps[0]), ("says", says)]).await;
            assert_eq!((said.status, said.location), (303, format!("{}/confirmed", app.door())));
        }
    }
    assert_eq!(heard(&app, &page).await, (2, 1));
    neighbours[0].post(&to, &[("what", &stamps[0]), ("says", "broken")]).await;
    assert_eq!(heard(&app, &page).await, (1, 2), "the last word counts");
    let own = phone.post(&to, &[("what", &stamps[0]), ("says", "fixed")]).await;
    assert_eq!(own.location, format!("{page}#answer"), "the reporter has the three questions");
    assert_eq!(heard(&app, &page).await, (1, 2));

    let sheet = app.as_(Role::CommunityWorker).get(&format!("/console/tickets/{}", closed.id)).await.body;
    assert!(sheet.contains("还没好 2 人") && sheet.contains("修好了 1 人"), "{sheet}");
    let json = app.as_(Role::CommunityWorker).get(&format!("/api/v1/tickets/{}", closed.id)).await.json();
    assert_eq!(json["neighbours"]["broken"], 2);
    let doubts = json["events"].as_array().unwrap().iter().filter(|event| event["act"] == "doubt").count();
    assert_eq!(doubts, 1, "the desk hears of the first");
    assert_eq!(ticket(&app, &page).await.solved, None, "it answers nothing in the reporter's place");
    assert!(!phone.get(&page).await.body.contains("邻居"), "nor does the reporter read it");

    let again = phone.post(&format!("{page}/rework"), &[("reason", "又不亮了")]).await;
    assert_eq!(again.status, 303);
    assert!(asked(&app).await.is_empty(), "what is worked on is not asked about");
    let late = neighbours[1].post(&to, &[("what", &stamps[0]), ("says", "fixed")]).await;
    assert!(late.status == 409 && late.body.contains("多半又在办了"));
    assert_eq!(heard(&app, &page).await, (0, 0));
}

#[actix_web::test]
async fn ten_neighbours_at_once_are_ten_and_one_phone_ten_times_is_one() {
    let app = TestApp::start().await;
    let page = report(&app, &app.stranger(), &[]).await;
    let closed = solve(&app, &page, "0101").await;
    let say = |device: u8| {
        let (app, closed) = (app.clone(), closed.clone());
        actix_web::rt::spawn(async move {
            let said = app.parts.db.write(move |tx| {
                confirmations::say(
                    tx,
                    closed.community_id,
                    closed.id,
                    &[device; 32],
                    confirmations::Says::Broken,
                )
            });
            said.await.is_ok()
        })
    };
    for said in (0..10).map(say).chain((0..10).map(|_| say(0))).collect::<Vec<_>>() {
        assert!(said.await.unwrap());
    }
    assert_eq!(heard(&app, &page).await, (0, 10));
    // The mark of each phone is forgotten in time; that somebody doubted stays.
    let community = app.home().community.id;
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::confirmations::dsl;
        let old = dsl::confirmations.filter(dsl::device_hash.ne(vec![0; 32]));
        diesel::update(old).set(dsl::at.eq(tx.now.plus_minutes(-91 * 1440))).execute(tx.conn)?;
        Ok(())
    })
    .await;
    assert_eq!(app.read(move |tx| confirmations::to_forget(tx, community, 100)).await, 9);
    assert_eq!(app.write(move |tx| confirmations::forget(tx, community, 4)).await, 4, "a batch");
    assert_eq!(app.write(move |tx| confirmations::forget(tx, community, 100)).await, 5);
    let left: i64 = app
        .read(|tx| {
            use diesel::prelude::*;
            Ok(louma::schema::confirmations::table.count().get_result(tx.conn)?)
        })
        .await;
    assert_eq!(left, 1);
    let events = app.read(move |tx| tickets::history(tx, &Actor::timer(closed.community_id), &closed)).await;
    assert_eq!(events.iter().filter(|event| event.act == "doubt").count(), 1);
}

#[actix_web::test]
async fn what_is_private_never_stands_on_the_door() {
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    let app = TestApp::start().await;
    let page = report(&app, &app.stranger(), &[]).await;
    let closed = solve(&app, &page, "0101").await;
    assert_eq!(asked(&app).await.len(), 1);
    let changed = async |set: fn(&mut Ticket)| {
        let mut other = closed.clone();
        set(&mut other);
        app.write(move |tx| {
            let row = dsl::tickets.find((other.community_id, other.id));
            diesel::update(row)
                .set((
                    dsl::kind.eq(other.kind),
                    dsl::reach.eq(other.reach),
                    dsl::category.eq(other.category),
                    dsl::closed_at.eq(other.closed_at),
                    dsl::result.eq(other.result),
                ))
                .execute(tx.conn)?;
            Ok(())
        })
        .await;
        asked(&app).await.len()
    };
    assert_eq!(changed(|ticket| ticket.kind = louma::routing::Kind::TipOff).await, 0);
    assert_eq!(changed(|ticket| ticket.reach = Some(tickets::Reach::Household)).await, 0);
    assert_eq!(changed(|ticket| ticket.reach = Some(tickets::Reach::Unit)).await, 1);
    assert_eq!(changed(|ticket| ticket.category = Some("1104".into())).await, 0, "quarrels of neighbours");
    assert_eq!(changed(|ticket| ticket.result = Some(Outcome::Explained)).await, 0);
    let old = |ticket: &mut Ticket| {
        ticket.closed_at = ticket.closed_at.map(|at| at.plus_minutes(-15 * 24 * 60));
    };
    assert_eq!(changed(old).await, 0, "fourteen days");
    assert_eq!(changed(|_| ()).await, 1);
}

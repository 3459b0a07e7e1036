//! The page of a report in every state, its data, the notice, what waits and the bulletin: in English, without a word of
//! Chinese but what people wrote.

use louma::db::Id;
use louma::people::Role;
use louma::reports::door::Doors;
use louma::words::{Lang, Look};
use reqwest::Method;
use serde_json::{Value, json};

use super::{english, in_english, says_english};
use crate::after::{report, ticket};
use crate::harness::{Answer, TestApp, jpeg, send};

/// A report and whoever made it, on a phone that likes English best.
struct Told {
    app: TestApp,
    page: String,
}

impl Told {
    async fn of(app: &TestApp, more: &[(&str, &str)]) -> Told {
        Told { app: app.clone(), page: report(app, &app.stranger(), more).await }
    }

    /// The page at the end of its address, with all of these words.
    async fn reads(&self, tail: &str, words: &[&str]) -> String {
        let page = in_english(&self.app, &format!("{}{tail}", self.page), 200).await;
        for word in words {
            assert!(page.contains(word), "{tail}: {word} is missing: {page}");
        }
        page
    }

    async fn sends(&self, noun: &str, fields: &[(&str, &str)]) -> Answer {
        let path = format!("{}/{noun}", self.page);
        let request = english(&self.app.stranger(), Method::POST, &path);
        send(match noun {
            "message" => {
                let form = reqwest::multipart::Form::new();
                request.multipart(
                    fields
                        .iter()
                        .fold(form, |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned())),
                )
            }
            _ => request.form(fields),
        })
        .await
    }

    /// A form that is done, and the page that says so.
    async fn does(&self, noun: &str, fields: &[(&str, &str)], said: &str) {
        let done = self.sends(noun, fields).await;
        assert_eq!(done.status, 303, "{noun}: {}", done.body);
        assert!(in_english(&self.app, &done.location, 200).await.contains(said), "{noun}: {said}");
    }

    /// A form that is refused, with the page that says why.
    async fn is_refused(&self, noun: &str, fields: &[(&str, &str)], (status, said): (u16, &str)) {
        let refused = self.sends(noun, fields).await;
        assert_eq!(refused.status, status, "{noun}: {}", refused.body);
        says_english(noun, &refused.body);
        assert!(refused.body.contains(said), "{noun}: {said} is missing: {}", refused.body);
    }

    /// The file of one's own data: its names are English, and so is what the program wrote.
    async fn downloads(&self) {
        let file = self.sends("data/download", &[]).await.json();
        assert_eq!(
            (file["Phone"].as_str(), file["History"][0]["Who"].as_str()),
            (Some("100****5678"), Some("Resident"))
        );
        assert_eq!(file["History"][0]["What"], json!("sending it"));
        let said = file.to_string().replace("天宫院中里", "").replace("号楼", "").replace("单元", "");
        let said = said.replace("二层楼道灯不亮", "");
        assert!(!said.contains(super::chinese), "{said}");
    }

    /// What staff do with it.
    async fn staff(&self, role: Role, noun: &str, body: Value) {
        let found = ticket(&self.app, &self.page).await;
        let mut body = body;
        body["version"] = json!(found.version);
        let done = self.app.as_(role).post_json(&format!("/api/v1/tickets/{}/{noun}", found.id), body).await;
        assert!(matches!(done.status, 200 | 201 | 204), "{noun}: {} {}", done.status, done.body);
    }

    /// Accepted, categorized and given to the property company.
    async fn given(&self) {
        self.staff(Role::CommunityWorker, "acceptance", json!({})).await;
        self.staff(Role::CommunityWorker, "category", json!({ "category": "0101", "kind": "help" })).await;
        self.staff(Role::CommunityWorker, "dispatch", json!({})).await;
    }

    async fn closed(&self) {
        let close = json!({ "result": "explained", "level": "community", "text": "换好了灯" });
        self.staff(Role::Handler, "closure", close).await;
    }
}

#[actix_web::test]
async fn a_report_that_has_just_arrived_is_read_in_english() {
    let app = TestApp::start().await;
    let told = Told::of(&app, &[]).await;
    let new = ["We have received it", "Staff will call you by ", "to be done by ", "Press and hold"];
    let page = told.reads("?received=1", &new).await;
    assert!(page.contains("<title>Your report TGY") && page.contains("天宫院中里 community</strong>"));
    assert!(page.contains("Buildings and public facilities</dd>"), "{page}");
    assert!(page.contains("alt=\"Photo 1 of the report\"") && page.contains("No messages yet."));
    let picture = |wanted: &'static str| {
        let request = app.stranger().request(Method::GET, &format!("{}/card.png{wanted}", told.page));
        async move {
            let answer = request.header("accept-language", "en").send().await.unwrap();
            assert_eq!(answer.headers()["vary"], "Accept-Language, Cookie");
            answer.bytes().await.unwrap()
        }
    };
    let (english, chinese) = (picture("").await, picture("?lang=zh-CN").await);
    assert!(english == picture("?lang=en").await && english != chinese, "the picture speaks it too");

    let fields = [("category", "02"), ("text", "二层楼道灯不亮"), ("phone", "")];
    let files: [(&str, &str, &[u8]); 1] = [("photo", "b.txt", b"text")];
    let sent = app.stranger().post_files(&format!("{}?lang=en", app.door()), &fields, &files).await;
    let page = in_english(&app, &sent.location, 200).await;
    assert!(page.contains("some photos did not") && page.contains("This file is no photo"), "{page}");
    assert!(page.contains("⚠ Trapped in the lift: press the emergency button"), "{page}");
    assert!(page.contains("/message?lang=en\""), "what was chosen goes along: {page}");
}

#[actix_web::test]
async fn every_form_on_the_page_of_a_report_answers_in_english() {
    let app = TestApp::start().await;
    let told = Told::of(&app, &[]).await;
    told.is_refused("withdrawal", &[], (422, "tick the box to say that you take it back")).await;
    told.is_refused("message", &[("text", " ")], (422, "Please write something or choose a photo")).await;
    let long = "长".repeat(2001);
    let refused = told.sends("message", &[("text", &long)]).await;
    assert!(refused.status == 422 && refused.body.contains("now it is 2001; please shorten it"));
    told.is_refused("rework", &[("reason", "")], (422, "Please write what is not done yet")).await;
    let early = "waiting to be accepted”; asking for it to be done again is no longer possible";
    told.is_refused("rework", &[("reason", "x")], (409, early)).await;
    let answers =
        [("contacted", "no"), ("solved", "no"), ("satisfied", "unsatisfied"), ("comment", "still dark")];
    told.is_refused("answer", &answers, (409, "answering is no longer possible")).await;
    told.does("nudge", &[], "the staff can see that you asked").await;
    told.is_refused("nudge", &[], (409, "You have asked today")).await;
    told.does("message", &[("text", "also upstairs")], "Your message has gone to the staff").await;
    let picture = jpeg(9);
    let path = format!("{}/message", told.page);
    let added = app.stranger().post_files(&path, &[("text", "")], &[("photo", "a.jpg", &picture)]).await;
    assert_eq!(added.status, 303);
    told.reads("", &["<p>Added 1 photo</p>", "alt=\"Photo 1 that was added\"", "<p>also upstairs</p>"]).await;
    let broken: [(&str, &str, &[u8]); 2] = [("photo", "a.jpg", &picture), ("photo", "b.jpg", b"text")];
    let refused = app.stranger().post_files(&format!("{path}?lang=en"), &[("text", "more")], &broken).await;
    says_english("broken photo", &refused.body);
    assert!(refused.status == 422 && refused.body.contains("Photos that have arrived:"), "{}", refused.body);

    told.given().await;
    let with = ["Now with <strong>物业中心</strong>: <strong>to be done by ", "With 物业中心."];
    told.reads("", &with).await;
    told.reads("", &["Buildings and public facilities: Stairwell or outdoor lights out"]).await;
    told.is_refused("withdrawal", &[("confirm", "yes")], (409, "taking it back is no longer possible")).await;
    told.closed().await;
    told.reads("", &["Please say how it went", "Mostly satisfied", "What was done", "within 14 days"]).await;
    told.is_refused("answer", &[("contacted", "yes")], (422, "Please choose: is it solved?")).await;
    told.is_refused("nudge", &[], (409, "closed, waiting for your answers”; asking how it is going")).await;
    told.does("answer", &answers, "You said: still dark").await;
    told.reads("", &["It is not solved</li>", "No, they did not</li>", "Not satisfied</li>"]).await;
    told.does("rework", &[("reason", "dark again")], "It goes back to be done again").await;
}

#[actix_web::test]
async fn whatever_becomes_of_a_report_its_page_says_so_in_english() {
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    let app = TestApp::start().await;
    let back = Told::of(&app, &[]).await;
    back.does("withdrawal", &[("confirm", "yes")], "It is taken back.").await;
    back.reads("", &["<h2>Taken back</h2>", "will not come"]).await;

    let (lead, worker) = (Role::CommunityLead, Role::CommunityWorker);
    let refused = Told::of(&app, &[("text", "二层楼道灯不亮 2")]).await;
    refused.staff(worker, "refusal", json!({ "reason": "不归我们管" })).await;
    refused.reads("", &["<h2>Not accepted</h2>", "<span lang=\"zh-CN\">不归我们管</span>"]).await;

    let main = Told::of(&app, &[("text", "二层楼道灯不亮 3")]).await;
    main.given().await;
    let merged = Told::of(&app, &[("text", "二层楼道灯不亮 4")]).await;
    let number = ticket(&app, &main.page).await.number;
    merged.staff(worker, "merger", json!({ "main": number })).await;
    merged.reads("", &["Handled together with the same matter", "<h1>Being worked on</h1>"]).await;

    main.staff(worker, "messages", json!({ "text": "师傅明天来" })).await;
    let case = json!({ "until": louma::db::now().plus_minutes(60 * 1440).0.to_rfc3339(), "reason": "没有资金",
        "basis": "维修基金未批", "plan": "列入明年计划" });
    main.staff(Role::Handler, "suspensions", case).await;
    let open = app.as_(lead).get("/api/v1/requests").await.json();
    let decision = format!("/api/v1/requests/{}/decision", open[0]["id"].as_str().unwrap());
    let decided = app.as_(lead).post_json(&decision, json!({ "verdict": "approve", "answer": "同意" })).await;
    assert_eq!(decided.status, 200, "{}", decided.body);
    let account =
        ["It is on record, to be looked at again by ", "Community worker ·", "Head of the community ·"];
    main.reads("", &account).await;
    main.staff(lead, "resumption", json!({ "reason": "资金到了" })).await;
    main.closed().await;
    main.does("rework", &[("reason", "dark again")], "It goes back").await;
    let (community, id) = (app.home().community.id, ticket(&app, &main.page).await.id);
    let past = louma::db::now().plus_minutes(-1440);
    app.write(move |tx| {
        let row = diesel::update(dsl::tickets.find((community, id)));
        Ok(row.set((dsl::due_at.eq(past), dsl::first_contact_due.eq(past))).execute(tx.conn)?)
    })
    .await;
    main.reads("", &["being done again. It was due by ", "You should have had a call by now."]).await;

    let passed = Told::of(&app, &[("text", "二层楼道灯不亮 5")]).await;
    let part = json!({ "text": "二层楼道灯不亮 6", "category": "0102", "kind": "help" });
    passed.staff(worker, "acceptance", json!({})).await;
    passed.staff(worker, "parts", part).await;
    passed.reads("", &["You also reported: Sent; the community will take it on", "Number TGY"]).await;
    let passing = json!({ "office": "hotline", "number": "A123", "reason": "dark" });
    passed.staff(worker, "passing", passing).await;
    passed.reads("", &["Passed on to 12345, number A123. dark"]).await;
}

#[actix_web::test]
async fn my_data_and_what_it_refuses_are_read_in_english() {
    let app = TestApp::start().await;
    let told = Told::of(&app, &[]).await;
    told.reads(
        "/data",
        &["<h1>My data</h1>", "1 photo</dd>", "Nobody so far.", "This matter is not finished."],
    )
    .await;
    let correct = "data/correction";
    told.is_refused(correct, &[], (422, "There is nothing to change")).await;
    told.is_refused(correct, &[("phone", "12")], (422, "The phone number does not look right")).await;
    told.is_refused(correct, &[("name", &"n".repeat(21))], (422, "A name has 20 characters at most")).await;
    told.does(correct, &[("publish", "yes"), ("name", "Wu")], "Saved. Your report is handled as before")
        .await;
    told.is_refused("data/download", &[("phone", "13900001112")], (422, "This is not the number you left"))
        .await;
    let known = [("phone", "13900001112")];
    let mut slow = told.sends("data/download", &known).await;
    for _ in 0..8 {
        slow = told.sends("data/download", &known).await;
    }
    says_english("slow", &slow.body);
    assert!(slow.body.contains("Too many tries."), "{}", slow.body);
    told.is_refused("data/erasure", &[], (422, "nothing was deleted")).await;
    told.downloads().await;
    let found = ticket(&app, &told.page).await.id;
    let look = json!({ "reason": "核对位置" });
    let worker = app.as_(Role::CommunityWorker);
    assert_eq!(worker.post_json(&format!("/api/v1/tickets/{found}/reveals"), look).await.status, 200);
    told.reads("/data", &["Community worker looked at phone and words, "]).await;
    told.given().await;
    told.closed().await;
    told.reads("/data", &[", then they are deleted by themselves"]).await;
    told.does("data/erasure", &[("confirm", "yes")], "Deleted; it cannot be brought back.").await;
    told.reads("/data", &["deleted already", "the numbers in your words are deleted"]).await;
}

#[actix_web::test]
async fn what_waits_for_a_person_and_what_was_set_aside_is_read_in_english() {
    let app = TestApp::start().await;
    let worker = app.as_(Role::CommunityWorker);
    let said =
        [("e1", "took it for a test"), ("e2", "could not see what is to be done"), ("e3", "many times over")];
    for (at, (reason, words)) in said.into_iter().enumerate() {
        let text = format!("二层楼道灯不亮{at}");
        let fields = [("category", "01"), ("text", text.as_str()), ("leave_empty", "x")];
        let phone = app.stranger();
        phone.get(&app.door()).await;
        let sent = phone.post_files(&app.door(), &fields, &[]).await;
        let page = sent.location.split('?').next().unwrap().to_owned();
        let waits = in_english(&app, &page, 200).await;
        assert!(waits.contains("waiting for staff to look at it") && waits.contains("None taken"), "{waits}");
        let mine = send(english(&phone, Method::GET, &format!("{}/mine", app.door()))).await;
        says_english("mine", &mine.body);
        assert!(mine.body.contains("waiting for staff to look at it"), "{}", mine.body);
        let queue = worker.get("/api/v1/held").await.json();
        let id = queue["rows"][0]["id"].as_str().unwrap();
        let path = format!("/console/held/{id}/discard");
        assert_eq!(worker.post(&path, &[("reason", reason), ("note", "看过")]).await.status, 303);
        let aside = in_english(&app, &page, 200).await;
        assert!(aside.contains("Not registered as a report") && aside.contains(words), "{aside}");
    }
}

#[actix_web::test]
async fn the_notice_keeps_its_own_words_in_a_page_that_is_english() {
    let app = TestApp::start().await;
    let page = in_english(&app, "/notice/TGY", 200).await;
    assert!(
        page.contains("in use since the beginning. It is the current one.")
            && page.contains("/notice/TGY?lang=zh-Hant")
    );
    assert!(page.contains("the Chinese text is the one that holds"), "{page}");
    assert!(page.contains("<div class=\"notice-text\" lang=\"zh-CN\">"), "{page}");
    let new = [
        ("version", "2027-01"),
        ("short", "新的短文"),
        ("full", "新的全文"),
        ("collected", "文字"),
        ("recipients", "物业"),
        ("from", ""),
    ];
    let lead = app.as_(Role::CommunityLead);
    assert_eq!(lead.post("/console/settings/notice", &new).await.status, 303);
    let old = in_english(&app, "/notice/TGY/2026-11", 200).await;
    assert!(old.contains("There is a newer one now.") && old.contains("Other versions"), "{old}");
}

#[actix_web::test]
async fn what_was_solved_is_read_in_english_by_everybody_and_by_who_reported_it() {
    let app = TestApp::start().await;
    let board = format!("/b/{}", app.home().community.token);
    let empty = in_english(&app, &board, 200).await;
    assert!(
        empty.contains("<h1>What was solved in ")
            && empty.contains("Nothing is published for this month yet.")
    );
    let told = Told::of(&app, &[("publish", "yes")]).await;
    told.given().await;
    let close = json!({ "result": "solved", "level": "community", "text": "换好了灯" });
    told.staff(Role::Handler, "closure", close).await;
    let found: Id = ticket(&app, &told.page).await.id;
    let path = format!("/api/v1/bulletin/{found}");
    let (worker, lead) = (app.as_(Role::CommunityWorker), app.as_(Role::CommunityLead));
    let drafted = worker.send_json(Method::PUT, &path, json!({ "sentence": "更换了声控灯" })).await;
    assert_eq!(drafted.status, 200, "{}", drafted.body);
    let version = json!({ "version": drafted.json()["version"] });
    assert_eq!(lead.post_json(&format!("{path}/publication"), version).await.status, 200);
    let all = in_english(&app, &board, 200).await;
    assert!(
        all.contains("<h2>Stairwell or outdoor lights out</h2>") && all.contains("<th scope=\"row\">Total")
    );
    told.reads("", &["The result is now shown to everybody under “What was solved”"]).await;

    let (parts, code) = (&app.parts, app.home().units[0].1.code.clone());
    let fresh = Doors::default().open(&parts.db, (&parts.config, &parts.keys), &code).await.unwrap();
    let (html, _) = fresh.page(Look { lang: Lang::En, ..Look::default() }).unwrap();
    let door = String::from_utf8(html.to_vec()).unwrap();
    says_english("door", &door);
    assert!(
        door.contains("<strong>Stairwell or outdoor lights out</strong> <span class=\"soft\">closed on ")
    );
    let number = ticket(&app, &told.page).await.number;
    let asked = [("number", number.as_str()), ("last_four", "5678")];
    let state = send(english(&app.stranger(), Method::POST, "/t/state").form(&asked)).await;
    says_english("state", &state.body);
    assert!(state.body.contains("<h1>Done</h1>"), "{}", state.body);
}

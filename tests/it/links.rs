//! Somebody outside works on one ticket by a link: the whole way, who is kept out, and what is never shown.

use std::sync::Arc;

use louma::db::Id;
use louma::people::Role;
use louma::tickets::links::Link;
use louma::tickets::{Stage, Status, Ticket};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, jpeg};

const WORDS: &str = "三号楼门口电线掉下来了，找李建国，电话13812345678";

/// A server and a ticket that lies in the community's hands.
struct Matter {
    app: TestApp,
    id: String,
}

impl Matter {
    async fn new() -> Matter {
        Matter::of_kind("help").await
    }

    async fn of_kind(kind: &str) -> Matter {
        let app = TestApp::start().await;
        let key = uuid::Uuid::new_v4().simple().to_string();
        let fields =
            [("category", "01"), ("text", WORDS), ("phone", "10012345678"), ("idempotency_key", &key)];
        let sent = app.stranger().post_files(&app.door(), &fields, &[("photo", "a.jpg", &jpeg(3))]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        use diesel::prelude::*;
        use louma::schema::tickets::dsl;
        let id: Id =
            app.read(|tx| Ok(dsl::tickets.order(dsl::id.desc()).select(dsl::id).first(tx.conn)?)).await;
        let matter = Matter { app, id: id.to_string() };
        assert_eq!(matter.ask(Role::CommunityWorker, "acceptance", json!({})).await.status, 200);
        let sorted = json!({ "category": "0101", "kind": kind });
        assert_eq!(matter.ask(Role::CommunityWorker, "category", sorted).await.status, 200);
        matter
    }

    async fn ticket(&self) -> Ticket {
        let (home, id) = (self.app.home().community.id, Id(self.id.parse().unwrap()));
        self.app.read(move |tx| louma::tickets::find_own(tx, home, id)).await
    }

    async fn ask(&self, role: Role, noun: &str, mut body: Value) -> Answer {
        body["version"] = json!(self.ticket().await.version);
        self.app.as_(role).post_json(&format!("/api/v1/tickets/{}/{noun}", self.id), body).await
    }

    /// Makes a link; returns its path and id.
    async fn invite(&self) -> (String, String) {
        let made = self.ask(Role::CommunityWorker, "links", json!({ "name": "供电公司抢修班" })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        let url = made["url"].as_str().unwrap();
        assert!(made["message"].as_str().unwrap().contains(url));
        let path = url.strip_prefix(&self.app.url).unwrap().to_owned();
        (path, made["link"]["id"].as_str().unwrap().to_owned())
    }

    async fn sheet(&self, role: Role) -> Value {
        self.app.as_(role).get(&format!("/api/v1/tickets/{}", self.id)).await.json()
    }

    async fn link(&self) -> Link {
        let ticket = self.ticket().await;
        self.app.read(move |tx| louma::tickets::links::of(tx, &ticket)).await.remove(0)
    }

    /// Where the resident's page lies.
    async fn resident(&self) -> String {
        let ticket = self.ticket().await;
        let token = &self.app.home().community.token;
        format!("/t/{}", self.app.parts.keys.ticket_secret(ticket.key_version, token, ticket.id))
    }

    /// The page of staff.
    async fn desk(&self) -> String {
        self.app.as_(Role::CommunityWorker).get(&format!("/console/tickets/{}", self.id)).await.body
    }

    async fn page(&self, noun: &str, fields: &[(&str, &str)]) -> Answer {
        let path = format!("/console/tickets/{}/{noun}", self.id);
        self.app.as_(Role::CommunityWorker).post(&path, fields).await
    }
}

/// Nothing of whoever reported stands there.
fn nothing_personal(page: &str) {
    for secret in ["10012345678", "100****5678", "13812345678", "您的电话", "查询码"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
}

async fn taken(path: &str, browser: &Client) {
    let answer = browser.post(&format!("{path}/taking"), &[]).await;
    assert_eq!((answer.status, answer.location), (303, format!("{path}?done=taking")));
}

#[actix_web::test]
async fn an_outsider_reads_asks_reports_done_and_the_worker_checks_and_closes() {
    let matter = Matter::new().await;
    let (path, link) = matter.invite().await;
    let outsider = matter.app.stranger();
    let offer = outsider.get(&path).await;
    assert!(offer.status == 200 && offer.body.contains("我来办理"), "{}", offer.body);
    assert!(offer.body.contains("供电公司抢修班") && !offer.body.contains("电线"), "nothing to carry about");
    taken(&path, &outsider).await;

    let page = outsider.get(&path).await;
    assert!(page.status == 200 && page.body.contains("电线掉下来了") && page.body.contains("138****5678"));
    assert!(page.body.contains("3号楼2单元") && page.body.contains("010-00000001"), "{}", page.body);
    assert!(page.body.contains("前办好，还剩"), "the deadline in words");
    nothing_personal(&page.body);
    assert_eq!(outsider.get(&format!("{path}/photos/1?size=thumb")).await.status, 200);

    let asked = [("what", "word"), ("text", "要停电两小时，可以吗？")];
    assert_eq!(outsider.post_files(&path, &asked, &[]).await.status, 303);
    assert_eq!(outsider.post_files(&path, &asked, &[]).await.status, 303, "a double tap");
    let waiting = matter.app.as_(Role::CommunityWorker).get("/api/v1/outside").await.json();
    assert_eq!(waiting["rows"].as_array().unwrap().len(), 1);
    assert_eq!((&waiting["rows"][0]["done"], waiting["next"].is_null()), (&json!(false), true));
    assert!(
        matter.app.as_(Role::CommunityLead).get("/console/outside").await.body.contains("有留言，请答复")
    );
    let said = matter.sheet(Role::CommunityWorker).await;
    let said: Vec<&Value> =
        said["events"].as_array().unwrap().iter().filter(|event| event["role"] == "outsider").collect();
    assert_eq!(said.len(), 2, "taken, and asked once: {said:?}");
    assert_eq!((&said[1]["actor"], &said[1]["audience"]), (&json!("供电公司抢修班"), &json!("staff")));

    let reply = json!({ "link_id": link, "text": "可以，上午九点以后" });
    assert_eq!(matter.ask(Role::CommunityWorker, "outside-replies", reply).await.status, 200);
    assert!(outsider.get(&path).await.body.contains("可以，上午九点以后"));
    let waiting = matter.app.as_(Role::CommunityWorker).get("/api/v1/outside").await.json();
    assert_eq!(waiting["rows"], json!([]), "answered");

    let done = [("what", "done"), ("text", "电线已经接好，联系我13700001111")];
    let answer = outsider.post_files(&path, &done, &[("photo", "b.jpg", &jpeg(8))]).await;
    assert_eq!((answer.status, answer.location), (303, format!("{path}?done=done")));
    assert_eq!(matter.ticket().await.status, Status::Accepted, "reported done closes nothing");
    let again = outsider.post_files(&path, &[("what", "done"), ("text", "真的好了")], &[]).await;
    assert!(again.status == 409 && again.body.contains("正在核实") && again.body.contains("真的好了"));
    assert!(matter.desk().await.contains("外部单位报完成，请核实"));

    let back = json!({ "link_id": link, "text": "线盒的盖子还开着" });
    assert_eq!(matter.ask(Role::CommunityWorker, "outside-returns", back).await.status, 200);
    let page = outsider.get(&path).await.body;
    assert!(page.contains("还没有办好") && page.contains("线盒的盖子还开着"), "{page}");
    let done = [("what", "done"), ("text", "盖子装上了")];
    assert_eq!(outsider.post_files(&path, &done, &[("photo", "c.jpg", &jpeg(9))]).await.status, 303);

    let checked = matter.page("outside-checks", &[("link_id", &link)]).await;
    assert_eq!(checked.status, 303, "{}", checked.body);
    let form = matter.app.as_(Role::CommunityWorker).get(&checked.location).await.body;
    assert!(form.contains(">盖子装上了</textarea>"), "the closing form has the words: {form}");
    let photos = {
        let ticket = matter.ticket().await;
        matter.app.read(move |tx| louma::tickets::photos(tx, &ticket)).await
    };
    let stages: Vec<Stage> = photos.iter().map(|photo| photo.stage).collect();
    assert_eq!(
        stages,
        [Stage::Report, Stage::Work, Stage::After],
        "only what was checked is shown as the result"
    );
    assert!(outsider.get(&path).await.body.contains("核实通过"));

    let close = json!({ "result": "solved", "level": "department", "text": "供电公司已修好" });
    assert_eq!(matter.ask(Role::CommunityWorker, "closure", close).await.status, 200);
    let over = outsider.get(&path).await;
    assert!(over.status == 410 && over.body.contains("已经不再办理") && over.body.contains("010-00000001"));
    let late = outsider.post_files(&path, &[("what", "word"), ("text", "还有一句")], &[]).await;
    assert_eq!(late.status, 410);
    assert_eq!(outsider.get(&format!("{path}/photos/1")).await.status, 404);
    let rework = json!({ "reason": "又掉了" });
    assert_eq!(matter.ask(Role::CommunityLead, "rework", rework).await.status, 200);
    assert_eq!(outsider.get(&path).await.status, 410, "an old link does not come alive again");
}

#[actix_web::test]
async fn looking_at_a_link_changes_nothing_and_only_the_browser_that_took_it_gets_in() {
    let matter = Matter::new().await;
    let (path, _) = matter.invite().await;
    let before = matter.ticket().await.events;
    for _ in 0..3 {
        assert_eq!(matter.app.stranger().get(&path).await.status, 200);
    }
    let link = matter.link().await;
    assert_eq!((link.opened_at, link.holder_hash, matter.ticket().await.events), (None, None, before));
    let unbound = matter.app.stranger();
    assert_eq!(unbound.get(&format!("{path}/photos/1")).await.status, 404, "not before it is taken");
    let early = unbound.post_files(&path, &[("what", "word"), ("text", "你好")], &[]).await;
    assert!(early.body.contains("我来办理"), "{}", early.body);
    assert_eq!(matter.ticket().await.events, before);

    let (first, second) = (matter.app.stranger(), matter.app.stranger());
    taken(&path, &first).await;
    taken(&path, &first).await;
    assert_eq!(matter.ticket().await.events, before + 1, "taken once");
    let other = second.get(&path).await;
    assert!(other.status == 403 && other.body.contains("已经在另一台设备上用了"), "{}", other.body);
    assert!(other.body.contains("社区工作者 01") && other.body.contains("010-00000001"), "whom to ask");
    assert!(!other.body.contains("电线"));
    assert_eq!(second.post(&format!("{path}/taking"), &[]).await.status, 403);
    assert_eq!(second.post_files(&path, &[("what", "done"), ("text", "好了")], &[]).await.status, 403);
    assert_eq!(first.get(&path).await.status, 200);
}

#[actix_web::test]
async fn ten_browsers_at_once_take_a_link_once() {
    let matter = Arc::new(Matter::new().await);
    let (path, _) = matter.invite().await;
    let takes = (0..10).map(|_| {
        let (browser, path) = (matter.app.stranger(), format!("{path}/taking"));
        actix_web::rt::spawn(async move { browser.post(&path, &[]).await.status })
    });
    let mut statuses = Vec::new();
    for take in takes.collect::<Vec<_>>() {
        statuses.push(take.await.unwrap());
    }
    statuses.sort();
    assert_eq!(statuses[0], 303);
    assert!(statuses[1..].iter().all(|status| *status == 403), "{statuses:?}");
}

#[actix_web::test]
async fn what_is_wrong_revoked_or_expired_opens_nothing_and_says_whom_to_call() {
    let matter = Matter::new().await;
    let (path, link) = matter.invite().await;
    let outsider = matter.app.stranger();
    taken(&path, &outsider).await;
    let wrong = outsider.get(&format!("{path}x")).await;
    assert!(wrong.status == 404 && wrong.body.contains("没有找到这个链接"));
    assert!(wrong.body.contains("010-00000001"), "the beginning still says which community it was");
    assert_eq!(
        matter.ask(Role::CommunityWorker, "revocations", json!({ "link_id": link })).await.status,
        200
    );
    let revoked = outsider.get(&path).await;
    assert!(
        revoked.status == 410 && revoked.body.contains("已经收回") && revoked.body.contains("010-00000001")
    );
    let reply = json!({ "link_id": link, "text": "在吗" });
    let unread = matter.ask(Role::CommunityWorker, "outside-replies", reply).await;
    assert!(unread.status == 409 && unread.body.contains("重新发一个"), "{}", unread.body);

    let (path, _) = matter.invite().await;
    taken(&path, &outsider).await;
    matter
        .app
        .write(|tx| {
            use diesel::prelude::*;
            use louma::schema::links::dsl;
            diesel::update(dsl::links).set(dsl::expires_at.eq(tx.now.plus_minutes(-1))).execute(tx.conn)?;
            Ok(())
        })
        .await;
    let expired = outsider.get(&path).await;
    assert!(expired.status == 410 && expired.body.contains("已经过期"), "{}", expired.body);
    assert!(matter.desk().await.contains("已过期"));

    let mut statuses = Vec::new();
    for _ in 0..90 {
        statuses.push(outsider.get("/o/nobody-knows-this").await.status);
    }
    assert_eq!((statuses[0], statuses[89]), (404, 429));
    assert_eq!(outsider.get(&path).await.status, 410, "right addresses are not slowed");
}

#[actix_web::test]
async fn a_tip_off_is_shown_to_nobody_outside() {
    let matter = Matter::of_kind("tip_off").await;
    let refused = matter.ask(Role::CommunityLead, "links", json!({ "name": "城管" })).await;
    assert!(refused.status == 409 && refused.body.contains("举报件不能发给外部单位"), "{}", refused.body);
    let sheet = matter.sheet(Role::CommunityWorker).await;
    assert!(!sheet["acts"].as_array().unwrap().contains(&json!("invite")));
    assert!(matter.desk().await.contains("举报件不能发给外部单位"));

    let matter = Matter::new().await;
    let (path, _) = matter.invite().await;
    let outsider = matter.app.stranger();
    taken(&path, &outsider).await;
    let turned = json!({ "category": "0101", "kind": "tip_off" });
    assert_eq!(matter.ask(Role::CommunityWorker, "category", turned).await.status, 200);
    let shut = outsider.get(&path).await;
    assert!(shut.status == 410 && !shut.body.contains("电线"), "{}", shut.body);
}

#[actix_web::test]
async fn the_words_that_go_out_are_chosen_by_the_worker_and_the_address_is_shown_once() {
    let matter = Matter::new().await;
    let form = matter.desk().await;
    assert!(form.contains("id=\"links-text\"") && form.contains("138****5678"), "{form}");
    let bare = matter.page("links", &[("text", "电线落地")]).await;
    assert!(bare.status == 422 && bare.body.contains("写明发给谁") && bare.body.contains("电线落地"));
    let long = [("name", "供电公司"), ("days", "365")];
    assert_eq!(matter.page("links", &long).await.status, 422);
    let property = matter.app.home().property.id.to_string();
    let fields =
        [("party_id", property.as_str()), ("text", "门口电线落地，请抢修 13812345678"), ("days", "3")];
    let made = matter.page("links", &fields).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let start = made.body.find("/o/").unwrap();
    let path: String = made.body[start..]
        .chars()
        .take_while(|sign| sign.is_ascii_alphanumeric() || "/-_".contains(*sign))
        .collect();
    assert!(path.len() > 40, "{path}");
    assert!(!matter.desk().await.contains(&path), "shown this once");
    let link = matter.link().await;
    assert_eq!((link.name.as_str(), link.text.unmasked().contains("13812345678")), ("物业中心", false));
    assert_eq!((link.expires_at.0 - link.made_at.0).num_days(), 3);
    let outsider = matter.app.stranger();
    taken(&path, &outsider).await;
    let page = outsider.get(&path).await.body;
    assert!(page.contains("门口电线落地，请抢修") && !page.contains("李建国"), "{page}");
    assert!(!matter.sheet(Role::CommunityWorker).await.to_string().contains(&path[3..]));
}

#[actix_web::test]
async fn neither_the_name_that_the_resident_left_nor_a_room_goes_out() {
    let matter = Matter::new().await;
    let mine = format!("{}/data/correction", matter.resident().await);
    let named = [("name", "李建国先生"), ("share_phone", ""), ("publish", "")];
    assert_eq!(matter.app.stranger().post(&mine, &named).await.status, 303);
    let words = json!({ "name": "供电公司", "text": "3号楼2单元1201室门口，找李建国 或 李 建国先生" });
    for body in [json!({ "name": "供电公司" }), words] {
        let made = matter.ask(Role::CommunityWorker, "links", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let path = made.json()["url"].as_str().unwrap().strip_prefix(&matter.app.url).unwrap().to_owned();
        let outsider = matter.app.stranger();
        taken(&path, &outsider).await;
        let page = outsider.get(&path).await.body;
        assert!(page.contains("找李**") && page.contains("3号楼2单元"), "{page}");
        assert!(!page.contains("建国") && !page.contains("1201"), "{page}");
        nothing_personal(&page);
    }
}

#[actix_web::test]
async fn photos_from_outside_keep_their_numbers_when_the_resident_takes_theirs_away() {
    let matter = Matter::new().await;
    let (path, link) = matter.invite().await;
    let outsider = matter.app.stranger();
    taken(&path, &outsider).await;
    let sends = async |seed: u8, what: &str| {
        let fields = [("what", what), ("text", "看这张")];
        let sent = outsider.post_files(&path, &fields, &[("photo", "a.jpg", &jpeg(seed))]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
    };
    sends(51, "word").await;
    let erasure = format!("{}/data/erasure", matter.resident().await);
    assert_eq!(matter.app.stranger().post(&erasure, &[("confirm", "yes")]).await.status, 303);
    sends(52, "done").await;
    let page = outsider.get(&path).await.body;
    assert!(page.contains("photos/2?size=thumb") && page.contains("photos/3?size=thumb"), "{page}");
    assert_eq!(outsider.get(&format!("{path}/photos/3")).await.status, 200);
    let checked = matter.ask(Role::CommunityWorker, "outside-checks", json!({ "link_id": link })).await;
    assert_eq!(checked.status, 200, "{}", checked.body);
    let ticket = matter.ticket().await;
    let photos = matter.app.read(move |tx| louma::tickets::photos(tx, &ticket)).await;
    let stages: Vec<(i32, Stage)> = photos.iter().map(|photo| (photo.seq, photo.stage)).collect();
    assert_eq!(stages, [(2, Stage::Work), (3, Stage::After)], "what was reported done is the result");
}

#[actix_web::test]
async fn photos_that_arrived_survive_an_error_and_nobody_hangs_up_those_of_others() {
    let matter = Matter::new().await;
    let (path, _) = matter.invite().await;
    let outsider = matter.app.stranger();
    taken(&path, &outsider).await;
    let files: [(&str, &str, &[u8]); 2] = [("photo", "a.jpg", &jpeg(21)), ("photo", "b.jpg", b"no picture")];
    let refused = outsider.post_files(&path, &[("what", "word"), ("text", "看照片")], &files).await;
    assert!(refused.status == 422 && refused.body.contains("看照片"), "{}", refused.body);
    let kept = refused.body.split("name=\"kept\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let (most, last) = kept.split_at(kept.len() - 1);
    let forged = format!("{most}{}", if last == "0" { "1" } else { "0" });
    let again = [("what", "word"), ("text", "看照片"), ("kept", kept), ("kept", &forged)];
    assert_eq!(outsider.post_files(&path, &again, &[]).await.status, 303);
    let page = outsider.get(&path).await.body;
    assert!(page.contains("photos/2?size=thumb") && !page.contains("photos/3"), "{page}");
    assert_eq!(outsider.get(&format!("{path}/photos/2")).await.status, 200);
    let nothing = outsider.post_files(&path, &[("what", "word"), ("text", "")], &[]).await;
    assert!(nothing.status == 422 && nothing.body.contains("请写一句话"));
    let bare = outsider.post_files(&path, &[("what", "done"), ("text", " ")], &[]).await;
    assert!(bare.status == 422 && bare.body.contains("做了什么"));
    let lots: Vec<Vec<u8>> = (30..37).map(jpeg).collect();
    let lots: Vec<(&str, &str, &[u8])> =
        lots.iter().map(|photo| ("photo", "p.jpg", photo.as_slice())).collect();
    let many = outsider.post_files(&path, &[("what", "word"), ("text", "七张")], &lots).await;
    assert!(many.status == 422 && many.body.contains("最多 6 张"), "{}", many.body);
    // What staff took in between is not theirs to see.
    let worker = matter.app.as_(Role::CommunityWorker);
    let hung = worker
        .post_files(
            &format!("/console/tickets/{}/photos", matter.id),
            &[("stage", "work")],
            &[("photo", "w.jpg", &jpeg(40))],
        )
        .await;
    assert_eq!(hung.status, 303, "{}", hung.body);
    assert_eq!(outsider.get(&format!("{path}/photos/3")).await.status, 404);
}

//! The whole life of a ticket over HTTP: bounced, accepted, extended, on account, supported, merged and not, split, passed on.

use louma::db::Id;
use louma::people::Role;
use louma::tickets::{Status, Ticket};
use serde_json::{Value, json};

use crate::harness::{TestApp, jpeg};

/// A server, and the ticket that a journey is about.
pub struct Life {
    pub app: TestApp,
    pub id: String,
}

impl Life {
    /// A report that was accepted and given to the property company.
    pub async fn at_work() -> Life {
        let life = Life::reported().await;
        life.ok(Role::CommunityWorker, "acceptance", json!({})).await;
        life.ok(Role::CommunityWorker, "category", json!({ "category": "0101", "kind": "help" })).await;
        life.ok(Role::CommunityWorker, "dispatch", json!({})).await;
        life
    }

    async fn reported() -> Life {
        let app = TestApp::start().await;
        let id = report(&app, "楼道灯不亮").await;
        Life { app, id }
    }

    pub async fn ticket(&self) -> Ticket {
        ticket(&self.app, &self.id).await
    }

    /// What the desk shows of it.
    async fn sheet(&self, role: Role) -> Value {
        self.app.as_(role).get(&format!("/api/v1/tickets/{}", self.id)).await.json()
    }

    /// Does something with the ticket as it is now.
    async fn ask(&self, role: Role, noun: &str, mut body: Value) -> (u16, String) {
        body["version"] = json!(self.ticket().await.version);
        let answer = self.app.as_(role).post_json(&format!("/api/v1/tickets/{}/{noun}", self.id), body).await;
        (answer.status, answer.body)
    }

    pub async fn ok(&self, role: Role, noun: &str, body: Value) {
        let (status, body) = self.ask(role, noun, body).await;
        assert!(matches!(status, 200 | 204), "{noun}: {status} {body}");
    }

    /// It is refused with this status and a sentence that contains `words`.
    async fn refused(&self, role: Role, noun: &str, body: Value, (code, words): (u16, &str)) {
        let (status, body) = self.ask(role, noun, body).await;
        assert_eq!(status, code, "{noun}: {body}");
        assert!(body.contains(words), "{noun}: {body}");
    }

    /// The request that waits for the lead.
    async fn request(&self) -> String {
        let open = self.app.as_(Role::CommunityLead).get("/api/v1/requests").await.json();
        open[0]["id"].as_str().unwrap().to_owned()
    }

    async fn decide(&self, role: Role, request: &str, verdict: &str) -> u16 {
        let body = json!({ "verdict": verdict, "answer": "同意，按计划办" });
        self.app.as_(role).post_json(&format!("/api/v1/requests/{request}/decision"), body).await.status
    }

    async fn party(&self, name: &str) -> Id {
        let (home, name) = (self.app.home().community.id, name.to_owned());
        let parties = self.app.read(move |tx| louma::routing::parties(tx, home)).await;
        parties.into_iter().find(|party| party.name == name).unwrap().id
    }

    /// The resident's page.
    async fn resident(&self) -> String {
        let ticket = self.ticket().await;
        let token = &self.app.home().community.token;
        let secret = self.app.parts.keys.ticket_secret(ticket.key_version, token, ticket.id);
        self.app.stranger().get(&format!("/t/{secret}")).await.body
    }

    /// In which queue of the role it is.
    async fn in_queue(&self, role: Role, queue: &str) -> bool {
        let page = self.app.as_(role).get(&format!("/api/v1/tickets?queue={queue}")).await.json();
        page["rows"].as_array().unwrap().iter().any(|row| row["id"] == self.id.as_str())
    }
}

pub async fn report(app: &TestApp, text: &str) -> String {
    let key = uuid::Uuid::new_v4().simple().to_string();
    let fields = [("category", "01"), ("text", text), ("phone", "10012345678"), ("idempotency_key", &key)];
    assert_eq!(app.stranger().post_files(&app.door(), &fields, &[]).await.status, 303);
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    let id: Id = app.read(|tx| Ok(dsl::tickets.order(dsl::id.desc()).select(dsl::id).first(tx.conn)?)).await;
    id.to_string()
}

pub async fn ticket(app: &TestApp, id: &str) -> Ticket {
    let (home, id) = (app.home().community.id, Id(id.parse().unwrap()));
    app.read(move |tx| louma::tickets::find_own(tx, home, id)).await
}

/// So many days from now.
pub fn in_days(days: i64) -> String {
    louma::db::now().plus_minutes(days * 1440).0.to_rfc3339()
}

#[actix_web::test]
async fn what_was_returned_twice_goes_to_the_community_lead_and_not_round_in_circles() {
    let life = Life::at_work().await;
    let why = json!({ "cause": "not_ours", "reason": "这段路归市政" });
    life.ok(Role::Handler, "return", why.clone()).await;
    life.ok(Role::CommunityWorker, "dispatch", json!({})).await;
    life.ok(Role::Handler, "return", why).await;
    life.refused(Role::CommunityWorker, "dispatch", json!({}), (409, "社区负责人")).await;
    let office = life.party("街道城管办").await;
    life.ok(Role::CommunityLead, "dispatch", json!({ "party_id": office })).await;
    let sheet = life.sheet(Role::CommunityLead).await;
    let held: Vec<(&str, &str)> = sheet["holdings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|held| (held["party"].as_str().unwrap(), held["ended_by"].as_str().unwrap_or("now")))
        .collect();
    assert_eq!(held, [("物业中心", "return"), ("物业中心", "return"), ("街道城管办", "now")]);
    assert!(
        life.app
            .as_(Role::CommunityLead)
            .get(&format!("/console/tickets/{}", life.id))
            .await
            .body
            .contains("谁办过")
    );
}

#[actix_web::test]
async fn the_first_party_that_accepts_leads_until_the_community_lead_says_otherwise() {
    let life = Life::at_work().await;
    life.ok(Role::Handler, "taking", json!({})).await;
    life.refused(Role::Handler, "taking", json!({}), (409, "接单")).await;
    let why = json!({ "cause": "not_ours", "reason": "不是我们的" });
    life.refused(Role::Handler, "return", why, (409, "首接负责")).await;
    let office = life.party("街道城管办").await;
    let other = json!({ "party_id": office, "reason": "归城管" });
    life.refused(Role::CommunityWorker, "transfer", other.clone(), (409, "首接负责")).await;
    life.ok(Role::CommunityLead, "transfer", other).await;
    assert_eq!(life.ticket().await.taken_at, None, "the other party has not accepted yet");
}

#[actix_web::test]
async fn what_a_party_took_is_not_taken_from_it_by_a_merger_and_its_undoing() {
    let life = Life::at_work().await;
    life.ok(Role::Handler, "taking", json!({})).await;
    let main = report(&life.app, "三号楼楼道灯坏了").await;
    let number = ticket(&life.app, &main).await.number;
    life.ok(Role::CommunityWorker, "merger", json!({ "main": number })).await;
    let back = json!({ "reason": "不是同一盏灯" });
    life.refused(Role::CommunityWorker, "unmerger", back.clone(), (409, "首接负责")).await;
    let sheet = life.sheet(Role::CommunityWorker).await;
    assert!(!sheet["steps"].to_string().contains("unmerge"), "not offered either: {}", sheet["steps"]);
    let office = life.party("街道城管办").await;
    life.refused(Role::CommunityWorker, "dispatch", json!({ "party_id": office }), (409, "已并案")).await;
    life.ok(Role::CommunityLead, "unmerger", back).await;
    life.ok(Role::CommunityWorker, "dispatch", json!({ "party_id": office })).await;
}

#[actix_web::test]
async fn more_time_is_asked_for_and_granted_by_the_lead_and_nothing_else_moves_the_deadline() {
    let life = Life::at_work().await;
    let before = life.ticket().await.due_at;
    let early = json!({ "until": life.ticket().await.submitted_at, "reason": "等配件" });
    life.refused(Role::Handler, "extensions", early, (422, "晚于现在的期限")).await;
    let wish = json!({ "until": in_days(20), "reason": "等配件，电话13812345678" });
    life.ok(Role::Handler, "extensions", wish.clone()).await;
    life.refused(Role::Handler, "extensions", wish, (409, "等批复")).await;
    assert_eq!(life.ticket().await.due_at, before, "asking moves nothing");
    let request = life.request().await;
    assert_eq!(life.decide(Role::CommunityWorker, &request, "approve").await, 403);
    let page = life.app.as_(Role::CommunityLead).get("/console/requests").await.body;
    assert!(page.contains("等配件") && page.contains("138****5678") && page.contains("延到"), "{page}");
    assert_eq!(life.decide(Role::CommunityLead, &request, "approve").await, 200);
    assert_eq!(life.decide(Role::CommunityLead, &request, "approve").await, 409, "once");
    let after = life.ticket().await;
    assert!(after.due_at > before && after.open_due_at == Some(after.due_at));
    assert!(life.resident().await.contains("同意，按计划办"));
}

#[actix_web::test]
async fn nobody_grants_what_they_asked_for() {
    let life = Life::at_work().await;
    life.ok(Role::CommunityLead, "extensions", json!({ "until": in_days(20), "reason": "等配件" })).await;
    let request = life.request().await;
    assert_eq!(life.decide(Role::CommunityLead, &request, "approve").await, 409);
    life.ok(
        Role::Handler,
        "closure",
        json!({ "result": "explained", "level": "community", "text": "已说明" }),
    )
    .await;
    let open = life.app.as_(Role::CommunityLead).get("/api/v1/requests").await.json();
    assert_eq!(open, json!([]), "what is asked for ends with the ticket");
}

#[actix_web::test]
async fn on_account_the_clock_rests_and_taken_off_it_goes_on_where_it_stood() {
    let life = Life::at_work().await;
    let before = life.ticket().await;
    let bare = json!({ "until": in_days(60), "reason": "没有资金", "basis": "", "plan": "列入明年计划" });
    life.refused(Role::Handler, "suspensions", bare, (422, "依据")).await;
    let case = json!({ "until": in_days(60), "reason": "没有资金", "basis": "维修基金未批", "plan": "列入明年计划" });
    life.ok(Role::Handler, "suspensions", case).await;
    assert_eq!(life.decide(Role::CommunityLead, &life.request().await, "approve").await, 200);
    let waiting = life.ticket().await;
    assert!(waiting.suspended_at.is_some() && waiting.open_due_at.is_none());
    assert!(life.in_queue(Role::CommunityWorker, "on_account").await);
    let close = json!({ "result": "solved", "level": "community", "text": "换了" });
    life.refused(Role::Handler, "closure", close, (409, "先销账")).await;
    life.ok(Role::CommunityLead, "resumption", json!({ "reason": "资金到了，下周施工" })).await;
    let after = life.ticket().await;
    let rested = life.rested().await;
    assert_eq!(after.due_at.0 - before.due_at.0, rested, "by exactly the time that it rested");
    assert!(after.suspended_at.is_none() && after.open_due_at == Some(after.due_at));
    assert!(!life.in_queue(Role::CommunityWorker, "on_account").await);
    life.refused(Role::CommunityLead, "resumption", json!({ "reason": "再来" }), (409, "没有挂账")).await;
}

impl Life {
    /// From 挂账 to 销账, by the history.
    async fn rested(&self) -> chrono::TimeDelta {
        let ticket = self.ticket().await;
        let timer = louma::people::Actor::timer(ticket.community_id);
        let events = self.app.read(move |tx| louma::tickets::history(tx, &timer, &ticket)).await;
        let at = |act: &str| events.iter().find(|event| event.act == act).unwrap().at.0;
        at("resume") - at("suspend")
    }
}

#[actix_web::test]
async fn a_supporting_party_helps_without_leading_or_knowing_who_reported() {
    let life = Life::at_work().await;
    let (office, property) = (life.party("街道城管办").await, life.app.home().property.id);
    life.ok(Role::CommunityWorker, "transfer", json!({ "party_id": office, "reason": "归城管" })).await;
    let path = format!("/api/v1/tickets/{}", life.id);
    assert_eq!(life.app.as_(Role::Handler).get(&path).await.status, 404, "no longer theirs");
    life.ok(Role::CommunityWorker, "supports", json!({ "party_id": property, "task": "带路、开门" })).await;
    life.refused(
        Role::CommunityWorker,
        "supports",
        json!({ "party_id": office, "task": "x" }),
        (422, "主办"),
    )
    .await;
    let sheet = life.sheet(Role::Handler).await;
    assert_eq!((&sheet["person"], sheet["supports"][0]["party"].as_str()), (&Value::Null, Some("物业中心")));
    assert!(
        life.in_queue(Role::Handler, "supporting").await
            && !life.in_queue(Role::Handler, "in_progress").await
    );
    life.ok(Role::Handler, "notes", json!({ "text": "门已开" })).await;
    let close = json!({ "result": "solved", "level": "community", "text": "换了" });
    life.refused(Role::Handler, "closure", close, (403, "")).await;
    life.ok(Role::CommunityWorker, "unsupports", json!({ "party_id": property })).await;
    assert_eq!(life.app.as_(Role::Handler).get(&path).await.status, 404);
}

#[actix_web::test]
async fn a_merger_can_be_undone_and_both_tickets_stay_whole() {
    let life = Life::at_work().await;
    let main = report(&life.app, "三号楼楼道灯坏了").await;
    let number = ticket(&life.app, &main).await.number;
    life.ok(Role::CommunityWorker, "merger", json!({ "main": number })).await;
    assert_eq!(life.ticket().await.status, Status::Merged);
    life.ok(Role::CommunityWorker, "unmerger", json!({ "reason": "不是同一盏灯" })).await;
    let again = life.ticket().await;
    assert_eq!((again.status, again.main_id), (Status::Accepted, None));
    assert_eq!(again.open_due_at, Some(again.due_at), "its clock goes on as if it had never stopped");
    assert!(life.resident().await.contains("不是同一盏灯"));
}

#[actix_web::test]
async fn several_matters_of_one_report_become_tickets_with_the_clock_of_the_report() {
    let life = Life::at_work().await;
    let part = json!({ "text": "门口垃圾没人收", "category": "0201", "kind": "complaint" });
    life.ok(Role::CommunityWorker, "parts", part).await;
    let sheet = life.sheet(Role::CommunityWorker).await;
    let made = ticket(&life.app, sheet["parts"][0]["id"].as_str().unwrap()).await;
    let origin = life.ticket().await;
    assert_eq!((made.origin_id, made.submitted_at), (Some(origin.id), origin.submitted_at));
    assert_eq!(made.phone_hash, origin.phone_hash, "the same person");
    let revealed = life
        .app
        .as_(Role::CommunityWorker)
        .post_json(&format!("/api/v1/tickets/{}/reveals", made.id), json!({ "reason": "核实" }))
        .await;
    assert_eq!(revealed.json()["phone"], "10012345678", "sealed anew for the part");
}

#[actix_web::test]
async fn what_is_not_for_the_community_is_passed_on_with_its_number_there() {
    let life = Life::at_work().await;
    let bare = json!({ "office": "hotline", "number": " ", "reason": "归供电公司" });
    life.refused(Role::CommunityWorker, "passing", bare, (422, "编号")).await;
    let whole = json!({ "office": "hotline", "number": "BJ20261123001", "reason": "归供电公司" });
    life.ok(Role::CommunityWorker, "passing", whole).await;
    let passed = life.ticket().await;
    assert_eq!((passed.status, passed.hotline_number.as_deref()), (Status::FollowUp, Some("BJ20261123001")));
    let page = life.resident().await;
    assert!(page.contains("BJ20261123001") && page.contains("12345"), "{page}");
}

#[actix_web::test]
async fn a_leader_presses_with_a_deadline_that_moves_no_clock() {
    let life = Life::at_work().await;
    let before = life.ticket().await.due_at;
    let urge = json!({ "until": in_days(1), "text": "今天必须有人到场" });
    life.refused(Role::CommunityWorker, "urges", urge.clone(), (403, "")).await;
    life.ok(Role::StreetManager, "urges", urge).await;
    assert_eq!(life.ticket().await.due_at, before);
    let page = life.app.as_(Role::Handler).get(&format!("/console/tickets/{}", life.id)).await.body;
    assert!(page.contains("今天必须有人到场") && page.contains("督办"));
}

#[actix_web::test]
async fn a_category_that_wants_proof_is_closed_with_a_photo_of_afterwards() {
    let life = Life::at_work().await;
    let community = life.app.home().community.id;
    life.app
        .write(move |tx| {
            let lead = louma::people::Actor::timer(community);
            let rules = louma::settings::Evidence { after_photo: vec!["0101".into()] };
            louma::settings::set(tx, &lead, &rules, tx.now)
        })
        .await;
    let close = json!({ "result": "solved", "level": "community", "text": "换了灯" });
    life.refused(Role::Handler, "closure", close, (422, "照片")).await;
    let explained = json!({ "result": "explained", "level": "community", "text": "已说明" });
    let version = life.ticket().await.version.to_string();
    let fields =
        [("version", version.as_str()), ("result", "solved"), ("level", "community"), ("text", "换了灯")];
    let path = format!("/console/tickets/{}/closure", life.id);
    let done = life.app.as_(Role::Handler).post_files(&path, &fields, &[("photo", "a.jpg", &jpeg(9))]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(life.ticket().await.taken_at.is_some(), "whoever did the work has accepted it");
    life.refused(Role::Handler, "closure", explained, (409, "待回访")).await;
}

#[actix_web::test]
async fn a_resident_may_press_once_a_day() {
    let life = Life::at_work().await;
    let ticket = life.ticket().await;
    let secret =
        life.app.parts.keys.ticket_secret(ticket.key_version, &life.app.home().community.token, ticket.id);
    let stranger = life.app.stranger();
    assert!(life.resident().await.contains("催一催"));
    assert_eq!(stranger.post(&format!("/t/{secret}/nudge"), &[]).await.status, 303);
    let again = stranger.post(&format!("/t/{secret}/nudge"), &[]).await;
    assert!(again.status == 409 && again.body.contains("今天已经催过了"), "{}", again.body);
    let page = life.app.as_(Role::Handler).get(&format!("/console/tickets/{}", life.id)).await.body;
    assert!(page.contains("居民催单 1 次"));
}

#[actix_web::test]
async fn a_report_of_several_matters_has_one_page_where_each_is_answered() {
    let life = Life::at_work().await;
    let part = json!({ "text": "门口垃圾没人收", "category": "0201", "kind": "complaint" });
    life.ok(Role::CommunityWorker, "parts", part).await;
    let close = json!({ "result": "solved", "level": "community", "text": "换了灯" });
    life.ok(Role::Handler, "closure", close).await;
    let page = life.resident().await;
    assert!(page.contains("您还反映了：已经提交") && page.contains("门口垃圾没人收"), "{page}");
    let made = life.sheet(Role::CommunityWorker).await["parts"][0]["id"].as_str().unwrap().to_owned();
    let made = ticket(&life.app, &made).await;
    let (keys, token) = (&life.app.parts.keys, &life.app.home().community.token);
    let own = keys.ticket_secret(made.key_version, token, made.id);
    let report = keys.ticket_secret(1, token, made.origin_id.unwrap());
    let there = life.app.stranger().get(&format!("/t/{own}")).await;
    assert_eq!((there.status, there.location), (303, format!("/t/{report}")));
}

#[actix_web::test]
async fn passing_on_is_no_closing_without_a_number() {
    let life = Life::at_work().await;
    let close = json!({ "result": "passed_on", "level": "department", "text": "归供电公司" });
    life.refused(Role::Handler, "closure", close, (422, "编号")).await;
}

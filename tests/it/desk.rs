//! The desk through HTTP: a ticket from the call that was taken down to the last word, and what nobody may do.

use louma::people::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp};

/// The server of a test, with the calls that this file makes.
struct Town(TestApp);

impl Town {
    async fn start() -> Town {
        Town(TestApp::start().await)
    }

    async fn get(&self, role: Role, path: &str) -> (StatusCode, String) {
        said(self.0.as_(role).get(path).await)
    }

    async fn json(&self, role: Role, path: &str, body: Value) -> (StatusCode, Value) {
        let (status, text) = said(self.0.as_(role).post_json(path, body).await);
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn post(&self, role: Role, path: &str, form: &[(&str, &str)]) -> (StatusCode, String) {
        said(self.0.as_(role).post(path, form).await)
    }

    fn call(&self, key: &str) -> Value {
        json!({
            "key": key, "channel": "phone", "place": self.0.home().units[0].0.full_name, "matter": "0101",
            "text": "楼道灯不亮，联系13812341234", "phone": "13812341234", "name": "张三",
        })
    }

    /// A call about a lamp, taken down by a worker.
    async fn lamp(&self, key: &str) -> Value {
        let (status, ticket) = self.json(Role::CommunityWorker, "/api/v1/tickets", self.call(key)).await;
        assert_eq!(status, StatusCode::CREATED, "{ticket}");
        ticket
    }
}

fn said(answer: Answer) -> (StatusCode, String) {
    (StatusCode::from_u16(answer.status).unwrap(), answer.body)
}

#[actix_web::test]
async fn a_call_taken_down_twice_with_one_key_is_one_ticket_and_other_words_are_refused() {
    let town = Town::start().await;
    let first = town.lamp("0123456789abcdef").await;
    let again = town.lamp("0123456789abcdef").await;
    assert_eq!(first["number"], again["number"]);
    let mut other = town.call("0123456789abcdef");
    other["text"] = json!("另一件事");
    let (status, _) = town.json(Role::CommunityWorker, "/api/v1/tickets", other).await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[actix_web::test]
async fn personal_numbers_are_masked_everywhere_until_somebody_gives_a_reason() {
    let town = Town::start().await;
    let id = town.lamp("0123456789abcdef").await["id"].as_str().unwrap().to_owned();
    for path in [
        "/console",
        "/console/search?q=楼道灯",
        &format!("/console/tickets/{id}"),
        &format!("/api/v1/tickets/{id}"),
    ] {
        let (status, page) = town.get(Role::CommunityWorker, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(page.contains("138****1234") && !page.contains("13812341234"), "{path}");
    }
    let reveals = format!("/console/tickets/{id}/reveals");
    let (status, _) = town.post(Role::CommunityWorker, &reveals, &[("reason", " ")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, page) = town.post(Role::CommunityWorker, &reveals, &[("reason", "回电话核实")]).await;
    assert!(status == StatusCode::OK && page.contains("13812341234"));
    let (_, log) = town.get(Role::Auditor, "/console/audits").await;
    assert!(log.contains("回电话核实") && log.contains("查看电话"));
}

#[actix_web::test]
async fn a_ticket_goes_from_the_call_to_the_last_word() {
    let town = Town::start().await;
    let id = town.lamp("0123456789abcdef").await["id"].as_str().unwrap().to_owned();
    let at = |noun: &str| format!("/api/v1/tickets/{id}/{noun}");
    let steps = [
        (Role::CommunityWorker, "acceptance", json!({}), "accepted"),
        (Role::CommunityWorker, "contacts", json!({ "contact": "reached" }), "accepted"),
        (Role::CommunityWorker, "dispatch", json!({}), "in_progress"),
        (Role::Handler, "notes", json!({ "text": "换灯泡" }), "in_progress"),
        (
            Role::Handler,
            "closure",
            json!({ "result": "solved", "level": "community", "text": "已换灯" }),
            "follow_up",
        ),
        (
            Role::CommunityWorker,
            "answer",
            json!({ "reached": true, "contacted": true, "solved": true, "satisfied": "satisfied" }),
            "archived",
        ),
    ];
    let mut version = 1;
    for (role, noun, mut body, becomes) in steps {
        body["version"] = json!(version);
        let (status, ticket) = town.json(role, &at(noun), body).await;
        assert_eq!((status, ticket["status"].as_str()), (StatusCode::OK, Some(becomes)), "{noun}: {ticket}");
        version = ticket["version"].as_i64().unwrap();
    }
    let (_, page) = town.get(Role::CommunityLead, &format!("/console/tickets/{id}")).await;
    assert!(page.contains("已换灯") && page.contains("重办"));
}

#[actix_web::test]
async fn a_refused_form_comes_back_with_the_reason_and_every_word() {
    let town = Town::start().await;
    let id = town.lamp("0123456789abcdef").await["id"].as_str().unwrap().to_owned();
    let (status, page) = town
        .post(
            Role::CommunityWorker,
            &format!("/console/tickets/{id}/merger"),
            &[("version", "1"), ("main", "TGY错的")],
        )
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("校验码") && page.contains("value=\"TGY错的\""));
    let refusal = format!("/console/tickets/{id}/refusal");
    let (status, page) =
        town.post(Role::CommunityWorker, &refusal, &[("version", "9"), ("reason", "不归社区管")]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("刚才有人先处理了") && page.contains("不归社区管</textarea>"));
}

#[actix_web::test]
async fn a_handling_party_learns_who_reported_only_with_consent_and_never_of_a_tip_off() {
    let town = Town::start().await;
    for (key, share, kind, known) in [
        ("0123456789abcde1", false, "help", false),
        ("0123456789abcde2", true, "help", true),
        ("0123456789abcde3", true, "tip_off", false),
    ] {
        let mut call = town.call(key);
        call["share_phone"] = json!(share);
        call["kind"] = json!(kind);
        let (_, ticket) = town.json(Role::CommunityWorker, "/api/v1/tickets", call).await;
        let at = |noun: &str| format!("/api/v1/tickets/{}/{noun}", ticket["id"].as_str().unwrap());
        let (_, parties) = town
            .get(Role::CommunityWorker, &format!("/console/tickets/{}", ticket["id"].as_str().unwrap()))
            .await;
        assert!(parties.contains("反映人"));
        let (_, accepted) =
            town.json(Role::CommunityWorker, &at("acceptance"), json!({ "version": 1 })).await;
        let property = property(&town).await;
        let sent = json!({ "version": accepted["version"], "party_id": property });
        assert_eq!(town.json(Role::CommunityWorker, &at("dispatch"), sent).await.0, StatusCode::OK);
        let (status, seen) =
            town.get(Role::Handler, &format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap())).await;
        let seen: Value = serde_json::from_str(&seen).unwrap();
        assert_eq!((status, seen["person"].is_object()), (StatusCode::OK, known), "{key}");
        let (status, _) = town.json(Role::Handler, &at("reveals"), json!({ "reason": "上门前联系" })).await;
        assert_eq!(status == StatusCode::OK, known, "{key}");
    }
}

/// The id of the property office: the lead of a ticket about a lamp.
async fn property(town: &Town) -> Value {
    town.lamp("fedcba9876543210").await["lead_id"].clone()
}

#[actix_web::test]
async fn whoever_only_looks_is_offered_nothing_and_refused_everything() {
    let town = Town::start().await;
    let id = town.lamp("0123456789abcdef").await["id"].as_str().unwrap().to_owned();
    for role in [Role::StreetManager, Role::Auditor, Role::Admin] {
        let (status, ticket) = town.get(role, &format!("/api/v1/tickets/{id}")).await;
        let ticket: Value = serde_json::from_str(&ticket).unwrap();
        // The street may press; it works on nothing.
        let acts = if role == Role::StreetManager { json!(["urge"]) } else { json!([]) };
        assert_eq!(
            (status, &ticket["steps"], &ticket["acts"]),
            (StatusCode::OK, &json!([]), &acts),
            "{role}"
        );
        let (status, _) =
            town.json(role, &format!("/api/v1/tickets/{id}/acceptance"), json!({ "version": 1 })).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{role}");
    }
    // Not given to the party: it does not exist for the handler.
    assert_eq!(town.get(Role::Handler, &format!("/console/tickets/{id}")).await.0, StatusCode::NOT_FOUND);
}

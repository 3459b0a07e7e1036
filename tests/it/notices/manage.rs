//! Channels, texts and deliveries as the community lead looks after them.

use louma::notices::channels::{self, NewChannel};
use louma::notices::reach::Named;
use louma::people::{Actor, Role};
use serde_json::json;

use super::double::{Double, SECRET};
use super::{app, channel, no_rest, reports, sent, until, webhook};
use crate::harness::TestApp;

#[actix_web::test]
async fn an_address_of_the_own_network_is_refused_beside_its_field_with_everything_else_kept() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    for url in [
        "http://127.0.0.1:9/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest",
        "ftp://a/",
    ] {
        let page = lead
            .post(
                "/console/channels",
                &[("kind", "webhook"), ("name", "内网大屏"), ("url", url), ("topic-new", "on")],
            )
            .await;
        assert_eq!(page.status, 422, "{url}");
        assert!(
            page.body.contains("add-webhook-url-wrong") && page.body.contains("value=\"内网大屏\""),
            "{url}"
        );
        let json =
            lead.post_json("/api/v1/channels", json!({ "kind": "webhook", "name": "x", "url": url })).await;
        assert_eq!((json.status, json.json()["problems"][0]["field"].as_str()), (422, Some("url")), "{url}");
    }
    let robot =
        json!({ "kind": "wecom", "name": "x", "url": "https://evil.example/cgi-bin/webhook/send?key=1" });
    assert!(lead.post_json("/api/v1/channels", robot).await.body.contains("qyapi.weixin.qq.com"));
}

#[actix_web::test]
async fn a_webhook_or_gateway_goes_nowhere_that_the_settings_do_not_name() {
    let app = TestApp::start_with(&[("notice_hosts", "hub.example.cn".into())]).await;
    let lead = app.as_(Role::CommunityLead);
    let hook = |url: &str| json!({ "kind": "webhook", "name": "大屏", "url": url });
    let sms = |url: &str| json!({ "kind": "sms", "name": "短信", "url": url, "body": "{phone}{text}" });
    channel(&app, hook("https://hub.example.cn/hook")).await;
    channel(&app, sms("https://hub.example.cn/sms")).await;
    for body in [hook("https://hooks.example.cn/"), sms("https://hooks.example.cn/")] {
        let refused = lead.post_json("/api/v1/channels", body).await;
        assert_eq!(refused.status, 422);
        let said = &refused.json()["problems"][0];
        assert_eq!(said["field"], "url");
        let sentence = said["message"].as_str().unwrap();
        assert!(
            sentence.contains("hooks.example.cn") && sentence.contains("LOUMA_NOTICE_HOSTS"),
            "{sentence}"
        );
    }
    // A host that the settings named once and name no longer is spoken to no longer.
    let (keys, actor) = (app.parts.keys.clone(), Actor::timer(app.home().community.id));
    let old = app
        .write(move |tx| {
            let new = NewChannel {
                kind: "webhook".into(),
                name: "旧".into(),
                url: "https://old.example.cn/".into(),
                ..NewChannel::default()
            };
            let named = Named::new(&["old.example.cn".into()]);
            channels::add(tx, (&keys, &named), &actor, new).map(|made| made.0.id)
        })
        .await;
    let tried = lead.post(&format!("/console/channels/{old}/test"), &[]).await;
    assert!(tried.body.contains("测试没有成功") && tried.body.contains("不在允许的主机里"), "{}", tried.body);
}

#[actix_web::test]
async fn trying_a_channel_out_shows_what_the_other_end_said() {
    let (app, double) = (app().await, Double::start());
    let lead = app.as_(Role::CommunityLead);
    for (kind, path, secret, said) in [
        ("wecom", "/cgi-bin/webhook/send?key=good", "", "测试成功"),
        ("wecom", "/cgi-bin/webhook/send?key=wrong", "", "机器人的网址不对"),
        ("dingtalk", "/robot/send?access_token=good", SECRET, "测试成功"),
        ("dingtalk", "/robot/send?access_token=other", "wrong", "安全设置没有通过"),
        ("feishu", "/open-apis/bot/v2/hook/good", SECRET, "测试成功"),
        ("webhook", "/elsewhere", "", "没有跟过去"),
    ] {
        let url = format!("{}{path}", double.url);
        let made = channel(&app, json!({ "kind": kind, "name": "试", "url": url, "secret": secret })).await;
        let test = format!("/console/channels/{}/test", made["id"].as_str().unwrap());
        let page = lead.post(&test, &[]).await;
        assert!(page.status == 200 && page.body.contains(said), "{kind}{path}: {}", page.body);
    }
    assert!(double.at("/hook").is_empty(), "a redirect was followed");
}

#[actix_web::test]
async fn a_secret_made_here_is_shown_once_and_what_is_sealed_never() {
    let (app, double) = (app().await, Double::start());
    let lead = app.as_(Role::CommunityLead);
    let url = format!("{}/hook?token=hidden-part", double.url);
    let form = [("kind", "webhook"), ("name", "大屏"), ("url", url.as_str()), ("topic-new", "on")];
    let page = lead.post("/console/channels", &form).await;
    assert!(
        page.status == 200 && page.body.contains("whsec_") && page.body.contains("只显示这一次"),
        "{}",
        page.body
    );
    let told = page.body.split("id=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(told.starts_with("whsec_"), "{told}");
    let list = lead.get("/console/channels").await.body;
    assert!(list.contains("大屏") && list.contains("127.0.0.1"));
    assert!(!list.contains(told) && !list.contains("hidden-part"));
    let json = lead.get("/api/v1/channels").await.json();
    assert_eq!(
        (json[0]["topics"].clone(), json[0]["secret"].clone()),
        (json!(["new"]), serde_json::Value::Null)
    );
    let sealed: Vec<Vec<u8>> = app
        .read(|tx| {
            use diesel::prelude::*;
            use louma::schema::notice_channels;
            Ok(notice_channels::table.select(notice_channels::sealed).load(tx.conn)?)
        })
        .await;
    assert!(!String::from_utf8_lossy(&sealed[0]).contains("hidden-part"));
}

#[actix_web::test]
async fn a_channel_sends_only_the_topics_and_the_party_that_it_was_given_and_rests_when_disabled() {
    let (app, double) = (app().await, Double::start());
    let lead = app.as_(Role::CommunityLead);
    let url = format!("{}/hook", double.url);
    let property = app.home().property.id;
    let made = channel(
        &app,
        json!({ "kind": "webhook", "name": "物业", "url": url, "topics": ["given"], "party_id": property }),
    )
    .await;
    let ticket = reports(&app, 1, (Some("0101"), None)).await.remove(0);
    let act = |noun: &str| format!("/api/v1/tickets/{}/{noun}", ticket.id);
    let worker = app.as_(Role::CommunityWorker);
    worker.post_json(&act("acceptance"), json!({ "version": 1 })).await;
    assert_eq!(worker.post_json(&act("dispatch"), json!({ "version": 2 })).await.status, 200);
    let seen = until("the one it asked for", async || double.at("/hook").pop()).await;
    assert_eq!((seen.json()["type"].as_str(), double.count()), (Some("ticket.given"), 1));

    let path = format!("/console/channels/{}", made["id"].as_str().unwrap());
    assert_eq!(lead.post(&format!("{path}/disable"), &[]).await.status, 303);
    let resend =
        format!("/console/channels/deliveries/{}/resend", sent(&app).await[0]["id"].as_str().unwrap());
    let refused = lead.post(&resend, &[]).await;
    assert!(refused.status == 409 && refused.body.contains("已停用"), "{}", refused.body);
    let back = json!({ "version": 3, "cause": "not_ours", "reason": "不归我们" });
    assert_eq!(app.as_(Role::Handler).post_json(&act("return"), back).await.status, 204);
    let again = worker.post_json(&act("dispatch"), json!({ "version": 4, "party_id": property })).await;
    assert_eq!(again.status, 200, "{}", again.body);
    super::told(&app).await;
    assert_eq!(sent(&app).await.len(), 1, "a channel out of use is told nothing");
    assert_eq!(lead.post(&format!("{path}/enable"), &[]).await.status, 303);
}

#[actix_web::test]
async fn a_text_is_checked_when_it_is_saved_and_then_said() {
    let (app, double) = (app().await, Double::start());
    no_rest(&app).await;
    let lead = app.as_(Role::CommunityLead);
    let url = format!("{}/cgi-bin/webhook/send?key=good", double.url);
    channel(&app, json!({ "kind": "wecom", "name": "工作群", "url": url })).await;
    let texts = "/console/channels/texts";
    let wrong = lead
        .post(texts, &[("topic", "new"), ("level1", ""), ("text", "{{ number }} 是 {{ phone }} 报的")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("没有叫「phone」的内容")
            && wrong.body.contains("{{ number }} 是 {{ phone }} 报的")
    );
    assert!(wrong.body.contains("id=\"text-wrong\""));
    let preview = |text: &'static str| {
        let lead = lead.clone();
        async move { lead.post("/console/channels/texts/preview", &[("topic", "new"), ("text", text)]).await.body }
    };
    assert!(preview("{{ name }}").await.contains("没有叫「name」的内容"));
    assert!(preview("请看 {{ place }}").await.contains("请看 示例小区 3号楼2单元"));
    assert!(preview("<b>{{ number }}").await.contains("&#60;b"), "a preview is text");
    let own = [("topic", "new"), ("level1", "01"), ("text", "快去 {{ place }} 看 {{ number }}")];
    assert_eq!(lead.post(texts, &own).await.status, 303);
    let put = lead
        .send_json(reqwest::Method::PUT, "/api/v1/notice-texts/new", json!({ "text": "别的类 {{ number }}" }))
        .await;
    assert_eq!(put.status, 204, "{}", put.body);
    let lamp = reports(&app, 1, (Some("0101"), None)).await.remove(0);
    let said = until("the text", async || double.seen().pop()).await.words();
    assert_eq!(said, format!("快去 天宫院中里 3号楼2单元 看 {}", lamp.number));
    let water = reports(&app, 1, (Some("0402"), None)).await.remove(0);
    let said = until("the other", async || (double.count() == 2).then(|| double.seen().pop().unwrap()))
        .await
        .words();
    assert_eq!(said, format!("别的类 {}", water.number));
    assert_eq!(
        lead.post(texts, &[("topic", "new"), ("level1", "01"), ("back", "yes"), ("text", "x")]).await.status,
        303
    );
    assert_eq!(lead.get("/api/v1/notice-texts").await.json().as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn another_community_sees_and_touches_nothing_of_it() {
    let (app, double) = (app().await, Double::start());
    let made = webhook(&app, &double).await;
    let other = app.worlds[1].community.id;
    let admin = app.as_(Role::Admin);
    assert_eq!(admin.post("/console/community", &[("community", &other.to_string())]).await.status, 303);
    assert_eq!(admin.get("/api/v1/channels").await.json(), json!([]));
    let path = format!("/api/v1/channels/{}/disable", made["id"].as_str().unwrap());
    assert_eq!(admin.post_json(&path, json!({})).await.status, 404);
}

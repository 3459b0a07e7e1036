//! Requests against values computed elsewhere, and answers as the chats give them.

use super::*;

fn letter(text: &str) -> Letter {
    Letter {
        id: "msg_1".into(),
        title: "题目".into(),
        text: text.into(),
        phone: "10012345678".into(),
        event: json!({ "type": "ticket.new" }),
    }
}

fn target(url: &str, secret: &str) -> Target {
    Target { url: url.into(), secret: secret.into(), ..Target::default() }
}

#[test]
fn each_chat_gets_its_own_signature() {
    // Computed with Python's hmac module.
    let now = Time::from_micros(1_700_000_000_123_000);
    let ding = outgoing(
        Kind::Dingtalk,
        &target("https://oapi.dingtalk.com/robot/send?access_token=a", "SECx"),
        &letter("好"),
        now,
    );
    assert_eq!(
        ding.unwrap().url,
        "https://oapi.dingtalk.com/robot/send?access_token=a&timestamp=1700000000123&sign=q4wtLvw%2BfNQvkSpza8%2BwKY7QYg1NCXGKj%2F5Hrh4ndQk%3D"
    );
    let feishu =
        outgoing(Kind::Feishu, &target("https://open.feishu.cn/x", "abc"), &letter("好"), now).unwrap();
    let body: Value = serde_json::from_str(&feishu.body).unwrap();
    assert_eq!(
        (body["timestamp"].as_str(), body["sign"].as_str()),
        (Some("1700000000"), Some("VIS10b0EBvzzSdFnuk4tznEmK5wHaruvf/WnViv2yR4="))
    );
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let hook = outgoing(Kind::Webhook, &target("https://a.example/", secret), &letter("好"), now).unwrap();
    assert!(
        hook.headers.contains(&(
            "webhook-signature".into(),
            "v1,3t1+YCfAlwyDrKC/3CTlLnfg8ErOVZh4GSMbYA+kntY=".into()
        )),
        "{hook:?}"
    );
    assert!(hook.headers.contains(&("webhook-timestamp".into(), "1700000000".into())));
}

#[test]
fn a_robot_that_speaks_as_often_as_it_may_stays_within_what_its_chat_allows() {
    // Messages and seconds, as the chats document them (domain §12).
    let limits =
        [(Kind::Wecom, 20, 60), (Kind::Dingtalk, 20, 60), (Kind::Feishu, 100, 60), (Kind::Feishu, 5, 1)];
    for (kind, most, seconds) in limits {
        // In any such stretch, both ends included.
        let sent = seconds * 1000 / kind.gap_millis() + 1;
        assert!(sent <= most, "{kind}: {sent} in {seconds} s");
    }
    assert!(
        Kind::ALL.iter().filter(|kind| kind.robot()).all(|kind| limits.iter().any(|limit| limit.0 == *kind))
    );
}

#[test]
fn a_gateway_is_filled_in_the_way_of_each_place() {
    let mut gateway = target("https://sms.example/send?to={phone}&id={id}", "");
    gateway.body = r#"{"m": "{text}", "to": "{phone}"}"#.into();
    gateway.headers = "X-Key: 1".into();
    let sent = outgoing(Kind::Sms, &gateway, &letter("引号\"和{id}\n换行"), Time::from_micros(0)).unwrap();
    assert_eq!(sent.url, "https://sms.example/send?to=10012345678&id=msg_1");
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!((body["m"].as_str(), body["to"].as_str()), (Some("引号\"和{id}\n换行"), Some("10012345678")));
    gateway.body = "m={text}".into();
    let sent = outgoing(Kind::Sms, &gateway, &letter("a&b 好"), Time::from_micros(0)).unwrap();
    assert_eq!(sent.body, "m=a%26b%20%E5%A5%BD");
}

#[test]
fn an_answer_of_200_may_still_be_a_refusal() {
    let rest =
        |kind, body: &str| verdict(kind, "", (200, None), body).map_err(|refusal| refusal.rest_seconds);
    assert!(rest(Kind::Wecom, r#"{"errcode":0,"errmsg":"ok"}"#).is_ok());
    assert!(rest(Kind::Feishu, r#"{"code":0,"msg":"success"}"#).is_ok());
    assert!(rest(Kind::Feishu, r#"{"StatusCode":0,"StatusMessage":"success"}"#).is_ok());
    assert_eq!(rest(Kind::Wecom, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#), Err(Some(60)));
    assert_eq!(rest(Kind::Dingtalk, r#"{"errcode":130101,"errmsg":"send too fast"}"#), Err(Some(600)));
    assert_eq!(rest(Kind::Feishu, r#"{"code":11232,"msg":"frequency limited"}"#), Err(Some(60)));
    assert_eq!(rest(Kind::Feishu, r#"{"code":19021,"msg":"sign match fail"}"#), Err(None));
    assert_eq!(rest(Kind::Dingtalk, r#"{"errcode":310000,"errmsg":"sign not match"}"#), Err(None));
    assert_eq!(rest(Kind::Wecom, "<html>"), Err(None));
    assert_eq!(rest(Kind::Wecom, "{}"), Err(None));
}

#[test]
fn what_another_program_says_is_understood_by_its_status_and_expected_words() {
    let say = |kind, expect: &str, status, body: &str| verdict(kind, expect, (status, Some(7)), body);
    assert!(say(Kind::Webhook, "", 204, "").is_ok());
    assert_eq!(say(Kind::Webhook, "", 429, "").unwrap_err().rest_seconds, Some(7));
    assert!(say(Kind::Webhook, "", 302, "").unwrap_err().words.contains("没有跟过去"));
    assert!(say(Kind::Sms, "OK", 200, "code=OK").is_ok());
    let refused = say(Kind::Sms, "OK", 200, "余额不足 13812341234").unwrap_err();
    assert!(refused.words.contains("余额不足") && !refused.words.contains("13812341234"));
}

fn item(number: usize) -> Item {
    let words =
        Words::new([&format!("A{number}"), "3号楼", "灯"], Time::from_micros(0), "新诉求", String::new());
    Item { text: format!("【新诉求】A{number} {}", "楼".repeat(300)), words }
}

#[test]
fn a_burst_is_one_message_within_the_limit_that_says_how_many_are_left_out() {
    let items: Vec<Item> = (0..40).map(item).collect();
    for kind in [Kind::Wecom, Kind::Dingtalk, Kind::Feishu, Kind::Sms] {
        let (title, text) = compose(kind, &items, "https://louma.example.cn");
        assert!(title.contains("40 条") && text.starts_with("共 40 条提醒"));
        assert!(text.len() <= kind.most_bytes(), "{kind}: {}", text.len());
        assert!(text.contains("还有") && text.ends_with("/console/notices"), "{kind}");
    }
    let (_, two) = compose(Kind::Wecom, &items[..2], "https://louma.example.cn");
    assert!(two.contains("A0") && two.contains("A1") && !two.contains("还有"));
}

#[test]
fn a_long_text_is_cut_between_two_characters() {
    assert_eq!(cut("楼码", 5), "楼");
    assert_eq!(cut("楼码", 6), "楼码");
    let long = Item { text: "码".repeat(5000), ..item(1) };
    let (_, text) = compose(Kind::Wecom, &[long], "");
    assert_eq!(text.len(), 4095);
}

//! Where the program meets the net: who is calling and how often they may try, the protecting headers, and cookies.

use louma::people::Role;
use reqwest::Method;

use crate::harness::{Client, PASSWORD, TestApp, send};

/// A server behind a proxy on this machine, so that a test may call from wherever it likes.
async fn behind_a_proxy() -> TestApp {
    TestApp::start_with(&[("trusted_proxies", "127.0.0.1".into())]).await
}

/// Looks a report up, as the proxy passes it on.
async fn look_up(client: &Client, from: &str, number: &str) -> u16 {
    let request = client.request(Method::POST, "/t").header("x-forwarded-for", from);
    send(request.form(&[("number", number), ("query_code", "22222222")])).await.status
}

/// A number that nobody has.
fn number(sequence: i32) -> String {
    louma::tickets::number::number("TGY", louma::db::now().day(), sequence)
}

#[actix_web::test]
async fn a_subscriber_looks_up_sixty_reports_a_minute_whichever_of_their_addresses_they_use() {
    let app = behind_a_proxy().await;
    let client = app.stranger();
    for at in 1..=60 {
        assert_eq!(look_up(&client, &format!("2001:db8:0:1::{at:x}"), &number(at)).await, 422);
    }
    assert_eq!(look_up(&client, "2001:db8:0:1:ffff::1", &number(61)).await, 429);
    assert_eq!(look_up(&client, "2001:db8:0:2::1", &number(61)).await, 422, "the neighbour is not slowed");
    let state = client.request(Method::POST, "/t/state").header("x-forwarded-for", "2001:db8:0:1::77");
    assert_eq!(send(state.form(&[("number", number(1).as_str()), ("last_four", "1234")])).await.status, 429);
}

#[actix_web::test]
async fn a_number_has_five_tries_however_it_is_written_and_nonsense_has_none() {
    let app = behind_a_proxy().await;
    let client = app.stranger();
    let mut from = (1..).map(|at| format!("192.0.2.{at}"));
    let plain = number(1);
    let (letters, rest) = plain.split_at(3);
    let written = [
        plain.clone(),
        plain.to_lowercase(),
        format!("{letters}-{rest}"),
        format!(" {letters} {rest} "),
        format!("{letters}－{rest}"),
    ];
    for number in &written {
        assert_eq!(look_up(&client, &from.next().unwrap(), number).await, 422, "{number}");
    }
    assert_eq!(look_up(&client, &from.next().unwrap(), &format!("{letters}·{rest}")).await, 429);
    assert_eq!(look_up(&client, &from.next().unwrap(), &number(2)).await, 422);
    let nonsense = "Z".repeat(200_000);
    for _ in 0..6 {
        assert_eq!(look_up(&client, &from.next().unwrap(), &nonsense).await, 422);
    }
}

#[actix_web::test]
async fn only_a_trusted_proxy_says_where_a_call_comes_from() {
    let app = TestApp::start().await;
    let direct = app.stranger();
    for at in 1..=60 {
        assert_eq!(look_up(&direct, &format!("192.0.2.{at}"), &number(at)).await, 422);
    }
    assert_eq!(look_up(&direct, "192.0.2.61", &number(61)).await, 429, "the caller named its own address");

    let app = behind_a_proxy().await;
    let passed_on = app.stranger();
    for at in 1..=61 {
        assert_eq!(look_up(&passed_on, &format!("192.0.2.{at}"), &number(at)).await, 422);
    }
    // What the caller wrote stands before what the proxy added, and is not believed either.
    for at in 1..=60 {
        let list = format!("198.51.100.{at}, 203.0.113.7");
        assert_eq!(look_up(&passed_on, &list, &number(100 + at)).await, 422);
    }
    assert_eq!(look_up(&passed_on, "198.51.100.99, 203.0.113.7", &number(200)).await, 429);
}

/// Tries to sign in.
async fn sign_in(client: &Client, login: &str, password: &str) -> u16 {
    client.post("/console/sign-in", &[("login", login), ("password", password)]).await.status
}

#[actix_web::test]
async fn a_name_whose_password_is_guessed_is_slowed_and_others_are_not() {
    let app = TestApp::start().await;
    let client = app.stranger();
    for _ in 0..8 {
        assert_eq!(sign_in(&client, "test-community-lead", "不是这个密码").await, 422);
    }
    let slowed =
        client.post("/console/sign-in", &[("login", "test-community-lead"), ("password", PASSWORD)]).await;
    assert_eq!(slowed.status, 429, "even the right password waits");
    assert!(slowed.body.contains("试得太频繁了"), "{}", slowed.body);
    assert_eq!(sign_in(&client, "TEST-Community-Lead ", PASSWORD).await, 429, "and is one name in any case");
    assert_eq!(sign_in(&client, "test-community-worker", PASSWORD).await, 303);
    for _ in 0..8 {
        assert_eq!(sign_in(&client, "nobody", "不是这个密码").await, 422);
    }
    assert_eq!(sign_in(&client, "nobody", "不是这个密码").await, 429, "a name that nobody has tells nothing");
}

#[actix_web::test]
async fn an_address_that_guesses_at_many_names_is_slowed() {
    let app = behind_a_proxy().await;
    let client = app.stranger();
    let tries = async |name: String, from: &str| {
        let request = client.request(Method::POST, "/console/sign-in").header("x-forwarded-for", from);
        send(request.form(&[("login", name.as_str()), ("password", "猜")])).await.status
    };
    let mut refused = 0;
    for at in 0..150 {
        match tries(format!("name{at}"), &format!("2001:db8:0:1::{at:x}")).await {
            422 => assert_eq!(refused, 0, "one more after the end"),
            429 => {
                assert!(at >= 60, "already at {at}");
                refused += 1;
                break;
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(refused, 1);
    assert_eq!(tries("elsewhere".into(), "2001:db8:0:2::1").await, 422);
}

/// What an answer's headers say, joined where there are several of one name.
async fn headers(client: &Client, path: &str, name: &str) -> String {
    let answer = client.request(Method::GET, path).send().await.unwrap();
    let values = answer.headers().get_all(name).iter().map(|value| value.to_str().unwrap());
    values.collect::<Vec<_>>().join("\n")
}

#[actix_web::test]
async fn every_page_says_what_it_may_load_and_that_its_address_goes_nowhere() {
    let app = TestApp::start().await;
    let (stranger, worker) = (app.stranger(), app.as_(Role::CommunityWorker));
    let pages = [
        (&stranger, "/".to_owned()),
        (&stranger, app.door()),
        (&stranger, "/t".to_owned()),
        (&stranger, "/t/AAAAunknown".to_owned()),
        (&stranger, "/nowhere".to_owned()),
        (&stranger, "/console/sign-in".to_owned()),
        (&worker, "/console".to_owned()),
        (&worker, "/console/stats".to_owned()),
        (&worker, "/console/settings".to_owned()),
        (&worker, "/api/v1/queues".to_owned()),
    ];
    for (client, path) in pages {
        let policy = headers(client, &path, "content-security-policy").await;
        let rules: Vec<&str> = policy.split(';').map(str::trim).collect();
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(rules.contains(&rule), "{path} lacks {rule}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        assert_eq!(headers(client, &path, "referrer-policy").await, "same-origin", "{path}");
        assert_eq!(headers(client, &path, "x-content-type-options").await, "nosniff", "{path}");
        assert_eq!(headers(client, &path, "x-frame-options").await, "DENY", "{path}");
        assert_eq!(headers(client, &path, "strict-transport-security").await, "", "{path} on plain http");
    }
}

/// The attributes of the cookie that signing in sets, and of the one that a scan sets.
async fn cookies(app: &TestApp) -> [Vec<String>; 2] {
    let fields = [("login", "test-community-worker"), ("password", PASSWORD)];
    let signing = app.stranger().request(Method::POST, "/console/sign-in").form(&fields);
    let signed = signing.send().await.unwrap();
    assert_eq!(signed.status().as_u16(), 303);
    let session = signed.headers()["set-cookie"].to_str().unwrap().to_owned();
    let device = headers(&app.stranger(), &app.door(), "set-cookie").await;
    [session, device].map(|cookie| cookie.split("; ").map(str::to_owned).collect())
}

#[actix_web::test]
async fn under_https_a_cookie_belongs_to_this_very_host_and_never_leaves_it_unencrypted() {
    let app = TestApp::start_with(&[("base_url", "https://louma.example.cn".into())]).await;
    let [session, device] = cookies(&app).await;
    assert!(session[0].starts_with("__Host-louma_session="), "{session:?}");
    assert!(device[0].starts_with("__Host-louma_device="), "{device:?}");
    for cookie in [&session, &device] {
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(cookie.iter().any(|each| each == attribute), "{attribute}: {cookie:?}");
        }
        assert!(!cookie.iter().any(|each| each.starts_with("Domain")), "{cookie:?}");
    }
    let strict = headers(&app.stranger(), "/t", "strict-transport-security").await;
    assert!(strict.starts_with("max-age="), "{strict}");
    // The plain name, which a neighbouring domain could set, opens nothing.
    let token = session[0].split_once('=').unwrap().1;
    let with = |name: &str| {
        let request = app.stranger().request(Method::GET, "/console");
        send(request.header("cookie", format!("{name}={token}")))
    };
    assert_eq!(with("__Host-louma_session").await.status, 200);
    assert_eq!(with("louma_session").await.status, 303);
}

#[actix_web::test]
async fn on_plain_http_a_cookie_has_its_plain_name_and_scripts_cannot_read_it_either() {
    let app = TestApp::start().await;
    let [session, device] = cookies(&app).await;
    assert!(session[0].starts_with("louma_session="), "{session:?}");
    assert!(device[0].starts_with("louma_device="), "{device:?}");
    for cookie in [&session, &device] {
        assert!(cookie.iter().any(|each| each == "HttpOnly"), "{cookie:?}");
        assert!(cookie.iter().any(|each| each == "SameSite=Lax"), "{cookie:?}");
        assert!(!cookie.iter().any(|each| each == "Secure"), "a browser would drop it: {cookie:?}");
    }
}

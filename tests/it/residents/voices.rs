//! Who speaks instead of writing is heard: joining a matter, and while the report waits for a person.

use louma::people::Role;
use reqwest::Method;

use super::{page, recording, spoken};
use crate::door::planted;
use crate::harness::TestApp;

#[actix_web::test]
async fn a_voice_alone_that_joins_a_matter_is_heard_by_staff_and_by_whoever_spoke() {
    let app = TestApp::start().await;
    let matter = planted(&app, 0, "01", "灯不亮").await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let sound = recording(1);
    let (kept, id) = (spoken(&app, &phone, &sound).await, matter.id.to_string());
    let fields = [("category", "01"), ("text", ""), ("voice", kept.as_str()), ("join", id.as_str())];
    let own = page(&phone.post_files(&app.door(), &fields, &[]).await);
    assert!(own.starts_with("/m/"), "{own}");

    let staff = app.as_(Role::CommunityWorker);
    let at = format!("/console/tickets/{id}/voices/1");
    let sheet = staff.get(&format!("/console/tickets/{id}")).await.body;
    assert!(sheet.contains(&at) && sheet.contains("邻居"), "{sheet}");
    let played = staff.request(Method::GET, &at).send().await.unwrap();
    assert_eq!(played.bytes().await.unwrap(), sound);
    assert!(phone.get(&own).await.body.contains(&format!("{own}/voices/1")));
    let heard = phone.request(Method::GET, &format!("{own}/voices/1")).send().await.unwrap();
    assert_eq!((heard.status().as_u16(), heard.bytes().await.unwrap().to_vec()), (200, sound));

    // Whoever reported it hears nobody else, and a party agreed to nothing.
    let secret = app.parts.keys.ticket_secret(matter.key_version, &app.home().community.token, matter.id);
    let theirs = format!("/t/{secret}");
    assert!(!app.stranger().get(&theirs).await.body.contains("/voices/"));
    assert_eq!(app.stranger().get(&format!("{theirs}/voices/1")).await.status, 404);
    assert_eq!(app.as_(Role::Handler).get(&at).await.status, 404);
    let other = app.stranger();
    other.get(&app.door()).await;
    let tapped = page(&other.post(&format!("{}/joins", app.door()), &[("matter", &id)]).await);
    assert_eq!(other.get(&format!("{tapped}/voices/1")).await.status, 404, "nor another neighbour");

    // Taken back, it is gone.
    assert_eq!(phone.post(&format!("{own}/withdrawal"), &[]).await.status, 303);
    assert_eq!(staff.get(&at).await.status, 404);
}

#[actix_web::test]
async fn the_voice_of_a_report_that_waits_is_heard_before_anybody_decides() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let sound = recording(2);
    let kept = spoken(&app, &phone, &sound).await;
    let fields = [("category", "01"), ("text", ""), ("voice", kept.as_str()), ("leave_empty", "x")];
    let own = page(&phone.post_files(&app.door(), &fields, &[]).await);
    assert!(phone.get(&own).await.body.contains("1 段"), "its sender reads that it arrived");
    let worker = app.as_(Role::CommunityWorker);
    let queue = worker.get("/api/v1/held").await.json();
    let id = queue["rows"][0]["id"].as_str().unwrap().to_owned();
    let at = format!("/console/held/{id}/voice");
    assert!(worker.get("/console/held").await.body.contains(&format!("src=\"{at}\"")));
    for path in [at.as_str(), &format!("/api/v1/held/{id}/voice")] {
        let played = worker.request(Method::GET, path).header("range", "bytes=0-9").send().await.unwrap();
        assert_eq!(played.status().as_u16(), 206, "{path}");
        assert_eq!(played.headers()["content-type"], "audio/webm");
        assert_eq!(played.bytes().await.unwrap(), sound[..10]);
    }
    assert_eq!(app.as_(Role::Handler).get(&at).await.status, 403);
    assert_eq!(app.stranger().get(&at).await.status, 303);
    assert_eq!(worker.post(&format!("/console/held/{id}/release"), &[]).await.status, 303);
    assert_eq!(worker.get(&at).await.status, 404, "it is that of a ticket now");
}

#[actix_web::test]
async fn a_voice_comes_back_with_its_form_and_can_be_dropped_or_spoken_again() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let first = spoken(&app, &phone, &recording(1)).await;
    let sound = recording(2);
    let second = spoken(&app, &phone, &sound).await;
    let again = phone.post_files(&app.door(), &[("text", ""), ("voice", &first)], &[]).await;
    assert_eq!(again.status, 422);
    let audio = format!("src=\"{}/voices/{first}\"", app.door());
    assert!(again.body.contains(&audio) && again.body.contains("不要这段语音"), "{}", again.body);
    assert!(!again.body.contains("语音留言，见附件"), "nobody typed that: {}", again.body);
    // Dropped, nothing is left to report.
    let fields = [("category", "01"), ("text", ""), ("voice", &*first), ("voice_removed", &*first)];
    let dropped = phone.post_files(&app.door(), &fields, &[]).await;
    assert_eq!(dropped.status, 422);
    assert!(!dropped.body.contains("/voices/"), "{}", dropped.body);
    // Spoken once more, the later one is the report's.
    let fields = [("category", "01"), ("text", ""), ("voice", &*first), ("voice", &*second)];
    let own = page(&phone.post_files(&app.door(), &fields, &[]).await);
    let heard = phone.request(Method::GET, &format!("{own}/voices/1")).send().await.unwrap();
    assert_eq!(heard.bytes().await.unwrap(), sound);
    assert_eq!(phone.get(&format!("{own}/voices/2")).await.status, 404);
}

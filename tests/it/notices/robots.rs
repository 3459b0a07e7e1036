//! A robot speaks as often as its chat lets it, however many channels lead to it.

use std::time::Duration;

use louma::notices::channels::{self, NewChannel};
use louma::notices::reach::Named;
use louma::people::Actor;
use serde_json::json;

use super::double::Double;
use super::{app, channel, no_rest, report, reports, until};

#[actix_web::test]
async fn channels_of_two_communities_that_share_a_robot_take_turns_and_none_is_left_out() {
    let (app, double) = (app().await, Double::start());
    no_rest(&app).await;
    let url = format!("{}/cgi-bin/webhook/send?key=good", double.url);
    channel(&app, json!({ "kind": "wecom", "name": "工作群", "url": url, "topics": ["new"] })).await;
    channel(&app, json!({ "kind": "wecom", "name": "又一个", "url": url, "topics": ["new"] })).await;
    let (keys, next_door) = (app.parts.keys.clone(), app.worlds[1].clone());
    app.write(move |tx| {
        // By night too: its own quiet hours hold in that community.
        let rules = louma::settings::QuietHours { from_minute: 0, until_minute: 0 };
        let actor = Actor::timer(next_door.community.id);
        louma::settings::set(tx, &actor, &rules, tx.now)?;
        let named = Named::new(&["127.0.0.1".into()]);
        let new = NewChannel {
            kind: "wecom".into(),
            name: "街道的群".into(),
            // The same robot, written otherwise.
            url: format!("{url}&debug=1"),
            topics: Some(vec!["new".into()]),
            ..NewChannel::default()
        };
        channels::add(tx, (&keys, &named), &actor, new)
    })
    .await;
    let (keys, next_door) = (app.parts.keys.clone(), app.worlds[1].clone());
    app.write(move |tx| report(tx, &keys, (&next_door, 0), (Some("0101"), None))).await;
    reports(&app, 3, (Some("0101"), None)).await;
    until("all three have spoken", async || (double.count() >= 3).then_some(())).await;
    reports(&app, 3, (Some("0101"), None)).await;
    until("and two once more", async || (double.count() >= 5).then_some(())).await;
    let seen = double.seen();
    // From claim to claim it is 3.1 seconds; a message may take a moment to arrive.
    for pair in seen.windows(2) {
        let apart = pair[1].at - pair[0].at;
        assert!(apart > Duration::from_millis(2_400), "{apart:?}");
    }
    let spoken = |number: &str| seen.iter().filter(|seen| seen.words().contains(number)).count();
    assert_eq!(spoken("TGN"), 1, "the channel next door has had its turn");
}

//! Search at the desk: by number as it is read, typed or quoted, by place, by words, and by words that look like a number;
//! nobody finds what they may not open. Page and JSON find the same.

use louma::db::Id;
use louma::people::Role;
use louma::tickets::Ticket;
use serde_json::{Value, json};

use crate::access::told;
use crate::harness::TestApp;

/// Three tickets: at a door of the grid, at a pavilion in no grid, and next door.
struct Found {
    app: TestApp,
    lamp: Ticket,
    wifi: Ticket,
    next_door: Ticket,
}

impl Found {
    async fn start() -> Found {
        let app = TestApp::start().await;
        let lamp = told(&app, app.home(), 0, "楼道灯坏了，1201室门口，A座").await;
        let wifi = told(&app, app.home(), 1, "公共WiFi连不上，拨过12345").await;
        let next_door = told(&app, &app.worlds[1], 0, "wifi 坏了，1201，也打过12345").await;
        Found { app, lamp, wifi, next_door }
    }

    /// The numbers that a search finds, as JSON and on the page alike.
    async fn search(&self, role: Role, words: &str) -> Vec<String> {
        let client = self.app.as_(role);
        let escaped: String = words.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let json = client.get(&format!("/api/v1/search?q={escaped}")).await;
        assert_eq!(json.status, 200, "{words}: {}", json.body);
        let rows = json.json()["rows"].clone();
        let numbers: Vec<String> =
            rows.as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap().to_owned()).collect();
        let page = client.get(&format!("/console/search?q={escaped}")).await;
        assert_eq!(page.status, 200, "{words}: {}", page.body);
        for ticket in [&self.lamp, &self.wifi, &self.next_door] {
            let shown = page.body.contains(&format!("/console/tickets/{}", ticket.id));
            assert_eq!(shown, numbers.contains(&ticket.number), "{role:?} {words}: page and JSON differ");
        }
        numbers
    }

    #[track_caller]
    fn is(&self, words: &str, mut found: Vec<String>, wanted: &[&Ticket]) {
        let mut wanted: Vec<String> = wanted.iter().map(|ticket| ticket.number.clone()).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{words}");
    }

    /// Does something with a ticket as it is now.
    async fn ask(&self, role: Role, id: Id, noun: &str, mut body: Value) {
        let client = self.app.as_(role);
        let sheet = client.get(&format!("/api/v1/tickets/{id}")).await.json();
        body["version"] = sheet["version"].clone();
        let answer = client.post_json(&format!("/api/v1/tickets/{id}/{noun}"), body).await;
        assert!(matches!(answer.status, 200 | 204), "{noun}: {}", answer.body);
    }

    /// Gives a ticket to a party.
    async fn dispatch(&self, ticket: &Ticket, party: Value) {
        let worker = Role::CommunityWorker;
        self.ask(worker, ticket.id, "acceptance", json!({})).await;
        self.ask(worker, ticket.id, "category", json!({ "category": "0101", "kind": "help" })).await;
        self.ask(worker, ticket.id, "dispatch", json!({ "party_id": party })).await;
    }
}

#[actix_web::test]
async fn a_number_is_found_whole_by_its_beginning_and_by_its_end() {
    let found = Found::start().await;
    let number = found.lamp.number.as_str();
    // TGY 260901 0001 T
    let (day, tail) = (&number[..9], &number[9..]);
    let (month, sequence) = (&number[..7], &tail[..4]);
    for words in [
        number.to_owned(),
        number.to_lowercase(),
        format!("{} {} {tail}", &number[..3], &number[3..9]),
        format!("{day}-{tail}"),
        number[..13].to_owned(),
        number[3..].to_owned(),
        number[3..13].to_owned(),
        tail.to_owned(),
        tail.to_lowercase(),
        sequence.to_owned(),
        format!("{sequence} 楼道灯"),
    ] {
        let numbers = found.search(Role::CommunityWorker, &words).await;
        found.is(&words, numbers, &[&found.lamp]);
    }
    for words in [month, day] {
        let numbers = found.search(Role::CommunityWorker, words).await;
        found.is(words, numbers, &[&found.lamp, &found.wifi]);
    }
    let elsewhere = found.next_door.number.as_str();
    for words in [elsewhere, &elsewhere[..7], "TGY199901", &format!("{day}9999")] {
        let numbers = found.search(Role::CommunityWorker, words).await;
        found.is(words, numbers, &[]);
    }
}

#[actix_web::test]
async fn words_of_digits_and_letters_are_found_where_they_stand() {
    let found = Found::start().await;
    let (lamp, wifi) = (&found.lamp, &found.wifi);
    let expected: [(&str, &[&Ticket]); 16] = [
        ("12345", &[wifi]),
        ("1201", &[lamp]),
        ("1201室", &[lamp]),
        ("wifi", &[wifi]),
        ("WIFI", &[wifi]),
        ("WiFi 12345", &[wifi]),
        ("a座", &[lamp]),
        ("楼道灯", &[lamp]),
        ("凉亭", &[wifi]),
        ("凉亭 wifi", &[wifi]),
        ("凉亭 楼道灯", &[]),
        ("2单元", &[lamp]),
        ("3号楼2单元 1201", &[lamp]),
        ("天宫院中里", &[lamp, wifi]),
        ("99999", &[]),
        ("100%", &[]),
    ];
    for (words, wanted) in expected {
        let numbers = found.search(Role::CommunityWorker, words).await;
        found.is(words, numbers, wanted);
    }
}

#[actix_web::test]
async fn whoever_searches_finds_what_they_may_open_and_nothing_else() {
    let found = Found::start().await;
    let (lamp, wifi) = (&found.lamp, &found.wifi);
    let ways = |ticket: &Ticket| {
        let tail = ticket.number[9..].to_owned();
        let words = if ticket.id == lamp.id { ["1201", "2单元"] } else { ["wifi", "凉亭"] };
        [ticket.number.clone(), tail, words[0].to_owned(), words[1].to_owned()]
    };
    for (role, lamp_seen, wifi_seen) in [
        (Role::Handler, false, false),
        (Role::GridWorker, true, false),
        (Role::CommunityLead, true, true),
        (Role::Auditor, true, true),
    ] {
        for (ticket, seen) in [(lamp, lamp_seen), (wifi, wifi_seen), (&found.next_door, false)] {
            for words in ways(ticket) {
                let numbers = found.search(role, &words).await;
                assert_eq!(numbers.contains(&ticket.number), seen, "{role:?} {words}");
                assert!(seen || !numbers.contains(&found.next_door.number), "{role:?} {words}");
            }
        }
    }
    // Given to the party: found. Given to another that it helps: found too. Neither twice.
    let parties = found.app.as_(Role::CommunityLead).get("/api/v1/parties").await.json();
    let party = |name: &str| {
        let mut all = parties["parties"].as_array().unwrap().iter();
        all.find(|each| each["party"]["name"] == name).unwrap()["party"]["id"].clone()
    };
    found.dispatch(lamp, party("物业中心")).await;
    found.dispatch(wifi, party("街道城管办")).await;
    for words in ways(lamp) {
        let numbers = found.search(Role::Handler, &words).await;
        found.is(&words, numbers, &[lamp]);
    }
    for words in ways(wifi) {
        let numbers = found.search(Role::Handler, &words).await;
        found.is(&words, numbers, &[]);
    }
    let help = json!({ "party_id": party("物业中心"), "task": "开门" });
    found.ask(Role::CommunityWorker, wifi.id, "supports", help).await;
    for words in ways(wifi) {
        let numbers = found.search(Role::Handler, &words).await;
        found.is(&words, numbers, &[wifi]);
    }
    let both = found.search(Role::Handler, "天宫院中里").await;
    found.is("both", both, &[lamp, wifi]);
}

#[actix_web::test]
async fn what_is_found_comes_page_by_page_and_each_ticket_once() {
    let app = TestApp::start().await;
    let mut made = Vec::new();
    for at in 0..30 {
        made.push(told(&app, app.home(), 0, &format!("第{at}次反映 wifi")).await.number);
    }
    made.sort();
    let worker = app.as_(Role::CommunityWorker);
    for words in ["wifi", &made[0][..9], "TGY"] {
        let (mut numbers, mut after, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = worker.get(&format!("/api/v1/search?q={words}{after}")).await.json();
            pages += 1;
            numbers.extend(
                page["rows"].as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap().to_owned()),
            );
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        numbers.sort();
        // The letters of the community alone stand in every number and in no text.
        let wanted = if words == "TGY" { (1, Vec::new()) } else { (2, made.clone()) };
        assert_eq!((pages, numbers), wanted, "{words}");
    }
}

#[actix_web::test]
async fn a_masked_number_is_not_found_sign_by_sign() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let fields = [("category", "01"), ("text", "3栋1201的灯不亮，打13812345678")];
    assert_eq!(phone.post_files(&app.door(), &fields, &[]).await.status, 303);
    let desk = app.as_(Role::CommunityWorker);
    let found = async |words: &str| {
        let rows = desk.get(&format!("/api/v1/search?q={words}")).await.json()["rows"].clone();
        rows.as_array().unwrap().len()
    };
    for (words, count) in
        [("1201", 1), ("138", 1), ("5678", 1), ("12345", 0), ("13812345678", 0), ("8123", 0)]
    {
        assert_eq!(found(words).await, count, "{words}");
    }
    assert_eq!(found("1201%2012345").await, 0, "and not beside a word that stands there");
}

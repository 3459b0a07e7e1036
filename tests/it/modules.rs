//! The map of which room may use which: a new arrow is a decision, made here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The ground: everybody may stand on it.
const GROUND: &[&str] = &[
    "error",
    "db",
    "clock",
    "config",
    "keys",
    "mask",
    "schema",
    "text_enum",
    "web",
    "assets",
    "metrics",
    "tables",
    "kept",
    "words",
];

const MAY_USE: &[(&str, &[&str])] = &[
    // The ground may not use the rooms; a key draws its signs from the alphabet of codes.
    ("error", &[]),
    ("db", &[]),
    ("clock", &[]),
    ("config", &[]),
    ("keys", &["codes"]),
    ("mask", &[]),
    ("schema", &[]),
    ("web", &[]),
    ("assets", &[]),
    ("metrics", &[]),
    ("tables", &[]),
    ("kept", &[]),
    ("words", &[]),
    // The rooms, as the life of a ticket goes.
    ("settings", &["people", "places", "console"]),
    ("calendar", &["settings", "people", "console"]),
    ("places", &["codes", "people", "console"]),
    ("codes", &["places", "people", "console", "routing"]),
    ("photos", &[]),
    ("voices", &["photos"]),
    ("uploads", &["photos", "voices"]),
    ("rollups", &[]),
    ("people", &["codes", "places", "routing", "console"]),
    ("routing", &["people", "places", "settings", "calendar", "console"]),
    (
        "tickets",
        &[
            "rollups", "people", "places", "routing", "settings", "calendar", "photos", "voices", "uploads",
            "console",
        ],
    ),
    ("notices", &["people", "places", "routing", "settings", "tickets", "console"]),
    ("alike", &["rollups", "tickets", "people", "places", "routing", "settings", "photos", "console"]),
    (
        "neighbours",
        &["rollups", "tickets", "people", "places", "routing", "settings", "photos", "voices", "console"],
    ),
    ("patrols", &["people", "places", "codes", "settings", "photos", "console"]),
    ("works", &["people", "places", "routing", "console"]),
    (
        "reports",
        &[
            "rollups",
            "alike",
            "neighbours",
            "works",
            "tickets",
            "people",
            "places",
            "routing",
            "settings",
            "calendar",
            "photos",
            "codes",
            "console",
            "uploads",
            "voices",
        ],
    ),
    ("retention", &["tickets", "neighbours", "reports", "places", "photos", "settings"]),
    ("links", &["tickets", "people", "places", "routing", "photos", "reports"]),
    ("hotline", &["tickets", "people", "places", "routing", "console"]),
    // Drafts of reports are told of as everything else is.
    (
        "stats",
        &[
            "rollups", "hotline", "notices", "tickets", "people", "places", "routing", "settings", "codes",
            "console",
        ],
    ),
    (
        "bulletin",
        &["stats", "reports", "tickets", "people", "places", "routing", "settings", "photos", "console"],
    ),
    ("console", &["notices", "people", "photos", "places", "routing", "settings", "tickets"]),
    (
        "demo",
        &[
            "alike",
            "bulletin",
            "hotline",
            "neighbours",
            "notices",
            "reports",
            "tickets",
            "people",
            "places",
            "routing",
            "settings",
            "photos",
            "codes",
            "stats",
        ],
    ),
];

#[test]
fn rooms_use_only_what_lies_below_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = BTreeSet::new();
    for (room, may_use) in MAY_USE {
        let mut texts = sources(&src.join(room));
        texts.extend(fs::read_to_string(src.join(format!("{room}.rs"))));
        assert!(!texts.is_empty(), "no room {room}");
        for line in
            texts.iter().flat_map(|text| text.lines()).filter(|line| !line.trim_start().starts_with("//"))
        {
            for rest in line.split("crate::").skip(1) {
                let used =
                    rest.split(|sign: char| !sign.is_alphanumeric() && sign != '_').next().unwrap_or("");
                let known = MAY_USE.iter().any(|(name, _)| *name == used);
                if known && used != *room && !may_use.contains(&used) && !GROUND.contains(&used) {
                    wrong.insert(format!("{room} -> {used}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "new arrows: {wrong:?}");
}

#[test]
fn every_room_stands_on_the_map() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let above = ["app", "api", "cli", "health", "jobs", "lib", "main", "text_enum"];
    for entry in fs::read_dir(src).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        let known = MAY_USE.iter().any(|(room, _)| *room == name) || above.contains(&name.as_str());
        assert!(known, "{name} is on no map: say what it may use");
    }
}

fn sources(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false if path.extension().is_some_and(|ext| ext == "rs") => {
                vec![fs::read_to_string(path).unwrap()]
            }
            false => Vec::new(),
        })
        .collect()
}

/// What people wrote is shown masked by its type; here are all who take the words themselves, and why.
const UNMASKED: &[&str] = &[
    // The type itself, and what it hides.
    "mask",
    // Routing and learning ask what a report is about; a reveal is logged; a message sent twice is one.
    "tickets/acts.rs",
    // Words that go on in another row of the same ticket, and stay the same type there.
    "tickets/merging.rs",
    "tickets/requests.rs",
    // Masked before it is stored for somebody outside.
    "tickets/links.rs",
    // Becomes the text of a ticket.
    "tickets/held/mod.rs",
    // A workbook that two people let out, for a while.
    "stats/masking.rs",
    // So that nobody finds a masked number by searching for it.
    "tickets/list/search.rs",
    // For the resident who showed that they know the phone.
    "reports/data/file.rs",
];

/// Those who read the column itself: nothing of it is shown.
const READ_PLAIN: &[&str] = &["routing/store.rs", "routing/suggest/store.rs"];
/// Those who read it as [`louma::mask::FreeText`], or search in it.
const READ_TYPED: &[&str] = &["alike/store.rs", "tickets/list/rows.rs", "tickets/list/search.rs"];

#[test]
fn words_of_people_are_unmasked_only_where_it_is_known_why() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = BTreeSet::new();
    for (name, text) in named_sources(&src, "") {
        let on =
            |list: &[&str]| list.iter().any(|known| name == *known || name.starts_with(&format!("{known}/")));
        if text.contains(".unmasked()") && !on(UNMASKED) {
            wrong.insert(format!("{name} takes the words unmasked"));
        }
        for column in ["tickets::text", "tickets::spot_note", "tickets::result_text", "ticket_events::note"] {
            let reads = text.contains(&format!("{column},")) || text.contains(&format!("{column})"));
            let erases = name.starts_with("tickets/privacy/");
            if reads && !erases && !on(READ_PLAIN) && !on(READ_TYPED) {
                wrong.insert(format!("{name} reads {column}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Which status follows which, and what may be done in each, is asked of the tables. Here are all who name one beside them.
const NAME_A_STATUS: &[&str] = &[
    // The tables.
    "tickets/status.rs",
    // In which a ticket begins, and which lists there are.
    "tickets/submit.rs",
    "tickets/list.rs",
    // The words for each way in which a report ended early.
    "reports/follow/fill.rs",
    // Figures are counted by status.
    "stats",
    // Tells tales that are over.
    "demo",
];

#[test]
fn nobody_asks_for_a_status_beside_the_tables() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let named = ["New", "Accepted", "InProgress", "FollowUp", "Archived", "Refused", "Withdrawn", "Merged"];
    let mut wrong = BTreeSet::new();
    for (name, text) in named_sources(&src, "") {
        let known =
            NAME_A_STATUS.iter().any(|known| name == *known || name.starts_with(&format!("{known}/")));
        if known || name.ends_with("/tests.rs") {
            continue;
        }
        for status in named {
            if text.contains(&format!("Status::{status}")) {
                wrong.insert(format!("{name} names {status}: ask a named question beside the tables"));
            }
        }
        // What a ticket that came back may still do stands in the tables too.
        if text.contains("returns >=") || text.contains("returns ==") {
            wrong.insert(format!("{name} asks how often it was returned"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn named_sources(dir: &Path, prefix: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            found.extend(named_sources(&path, &format!("{name}/")));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    found
}

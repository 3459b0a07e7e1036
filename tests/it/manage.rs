//! The pages by which a community is managed, and their JSON twins: people, places, codes, parties, settings, the
//! totals of the hotline. What was done shows on the page and in the JSON; what was refused has its sentence beside the
//! field, and everything typed is still there.

use louma::people::Role;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, PASSWORD, TestApp, send};

/// The JSON at an address.
async fn json_of(client: &Client, path: &str) -> Value {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

async fn put_json(client: &Client, path: &str, body: Value) -> Answer {
    let request = client.request(reqwest::Method::PUT, path).json(&body);
    send(request.header("x-csrf-token", client.csrf.clone().unwrap())).await
}

/// The one of a list of JSON that has this word under that name.
fn one<'a>(list: &'a Value, name: &str, word: &str) -> &'a Value {
    let found = list.as_array().unwrap().iter().find(|each| each[name] == word);
    found.unwrap_or_else(|| panic!("no {name} {word}: {list}"))
}

/// A form that was refused: its sentence stands beside the field, and what was typed is still in it.
#[track_caller]
fn refused(answer: &Answer, field: &str, sentence: &str, typed: &[&str]) {
    assert_eq!(answer.status, 422, "{}", answer.body);
    let mark = format!("id=\"{field}-wrong\">");
    let beside =
        answer.body.split(&mark).nth(1).unwrap_or_else(|| panic!("nothing beside {field}: {}", answer.body));
    let beside = beside.split('<').next().unwrap();
    assert!(beside.contains(sentence), "beside {field} stands: {beside}");
    for words in typed {
        assert!(answer.body.contains(words), "{words} is lost: {}", answer.body);
    }
}

/// What is wrong, as JSON says it: the field and its sentence.
#[track_caller]
fn problem(answer: &Answer, field: &str, sentence: &str) {
    assert_eq!(answer.status, 422, "{}", answer.body);
    let said = answer.json();
    let own = one(&said["problems"], "field", field);
    assert!(own["message"].as_str().unwrap().contains(sentence), "{own}");
}

async fn sign_in(app: &TestApp, login: &str, password: &str) -> u16 {
    app.stranger().post("/console/sign-in", &[("login", login), ("password", password)]).await.status
}

/// The password that a page shows once.
fn fresh_password(page: &str) -> String {
    page.split("id=\"fresh\">").nth(1).expect("no password").split('<').next().unwrap().to_owned()
}

#[actix_web::test]
async fn an_account_is_made_given_a_new_password_closed_and_opened_again() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let good = [("name", "网格员 07"), ("login", "wang-07"), ("role", "grid_worker"), ("party_id", "")];
    let made = lead.post("/console/staff", &good).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let password = fresh_password(&made.body);
    assert!(made.body.contains("网格员 07"));
    assert_eq!(sign_in(&app, "wang-07", &password).await, 303);
    let listed = json_of(&lead, "/api/v1/staff").await;
    let account = one(&listed, "login", "wang-07");
    assert_eq!((&account["role"], &account["disabled_at"]), (&json!("grid_worker"), &Value::Null));
    let id = account["id"].as_str().unwrap().to_owned();

    let reset = lead.post(&format!("/console/staff/{id}/password"), &[]).await;
    let newer = fresh_password(&reset.body);
    assert_ne!(sign_in(&app, "wang-07", &password).await, 303, "the old password is spent");
    assert_eq!(sign_in(&app, "wang-07", &newer).await, 303);

    assert_eq!(lead.post(&format!("/console/staff/{id}/disable"), &[]).await.status, 303);
    assert!(lead.get("/console/staff").await.body.contains("已停用"));
    let listed = json_of(&lead, "/api/v1/staff").await;
    assert!(one(&listed, "login", "wang-07")["disabled_at"].is_string());
    assert_ne!(sign_in(&app, "wang-07", &newer).await, 303, "a closed account lets nobody in");
    let opened = lead.post_json(&format!("/api/v1/staff/{id}/enable"), json!({})).await;
    assert_eq!(opened.status, 204, "{}", opened.body);
    assert_eq!(sign_in(&app, "wang-07", &newer).await, 303);
}

#[actix_web::test]
async fn what_is_wrong_with_an_account_is_said_beside_its_field() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let add = async |name: &str, login: &str, role: &str| {
        let fields = [("name", name), ("login", login), ("role", role), ("party_id", "")];
        lead.post("/console/staff", &fields).await
    };
    let taken = add("网格员 08", "test-grid-worker", "grid_worker").await;
    refused(&taken, "add-login", "已有人用", &["网格员 08", "test-grid-worker"]);
    refused(
        &add("经办 02", "jing-02", "handler").await,
        "add-party_id",
        "请选择经办人所在的单位",
        &["jing-02"],
    );
    refused(&add("某人", "a b", "grid_worker").await, "add-login", "登录名用 2 到 40 个", &["a b", "某人"]);
    refused(&add(" ", "li-09", "grid_worker").await, "add-name", "请填写称呼", &["li-09"]);
    refused(&add("某人", "li-09", "").await, "add-role", "请选择岗位", &["某人"]);
    let made =
        lead.post_json("/api/v1/staff", json!({ "login": "x", "name": "某人", "role": "grid_worker" })).await;
    problem(&made, "login", "登录名用 2 到 40 个");

    // A lead makes no leads, closes neither the own account nor those of others.
    assert_eq!(add("负责人 02", "fu-02", "community_lead").await.status, 403);
    let own = app.staff(Role::CommunityLead);
    assert_eq!(lead.post(&format!("/console/staff/{own}/disable"), &[]).await.status, 403);
    let admin = app.as_(Role::Admin);
    let mine = app.staff(Role::Admin);
    let closed = admin.post(&format!("/console/staff/{mine}/disable"), &[]).await;
    assert!(closed.status == 422 && closed.body.contains("不能停用自己"), "{}", closed.body);
}

#[actix_web::test]
async fn a_lead_does_not_touch_the_accounts_of_another_community() {
    let app = TestApp::start().await;
    let next_door = app.worlds[1].community.id;
    let foreign = app
        .write(move |tx| {
            use louma::people::{Login, NewStaff, PasswordHash, add_unchecked};
            add_unchecked(
                tx,
                NewStaff {
                    login: Login::parse("nan-li-01")?,
                    name: "网格员 01".into(),
                    password: PasswordHash::make(PASSWORD)?,
                    role: Role::GridWorker,
                    street: None,
                    community_id: Some(next_door),
                    party_id: None,
                },
            )
        })
        .await;
    let lead = app.as_(Role::CommunityLead);
    for act in ["password", "disable", "enable"] {
        let page = lead.post(&format!("/console/staff/{}/{act}", foreign.id), &[]).await;
        let json = lead.post_json(&format!("/api/v1/staff/{}/{act}", foreign.id), json!({})).await;
        assert_eq!((page.status, json.status), (404, 404), "{act}");
    }
    assert!(!lead.get("/console/staff").await.body.contains("nan-li-01"));
    assert_eq!(sign_in(&app, "nan-li-01", PASSWORD).await, 303, "and it still works");
}

#[actix_web::test]
async fn a_place_is_added_changed_and_taken_down_with_its_code() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let house = app.home().units[0].0.parent_id.unwrap().to_string();
    let grid = app.home().grid.to_string();
    let fields = [
        ("parent_id", house.as_str()),
        ("kind", "unit"),
        ("name", "5单元"),
        ("grid_id", ""),
        ("households", "24"),
    ];
    let added = lead.post("/console/places", &fields).await;
    assert_eq!(added.status, 303, "{}", added.body);
    let page = lead.get(&added.location).await.body;
    assert!(page.contains("天宫院中里 3号楼5单元") && page.contains("24 户"), "{page}");
    let id = added.location.rsplit('/').next().unwrap();
    let codes = json_of(&lead, "/api/v1/codes").await;
    let code = one(&codes, "place_id", id)["code"].as_str().unwrap().to_owned();
    assert_eq!(app.stranger().get(&format!("/q/{code}")).await.status, 200, "its code leads to it");

    let changed = lead.post(&added.location, &[("grid_id", &grid), ("households", "26")]).await;
    assert_eq!(changed.status, 303, "{}", changed.body);
    let place = json_of(&lead, &format!("/api/v1/places/{id}")).await;
    assert_eq!((&place["households"], place["grid_id"].as_str()), (&json!(26), Some(grid.as_str())));
    let wrong = lead.post(&added.location, &[("grid_id", &grid), ("households", "-3")]).await;
    refused(&wrong, "change-households", "0 到 100000", &["value=\"-3\""]);
    let foreign = app.worlds[1].grid.to_string();
    let wrong = lead.post(&added.location, &[("grid_id", &foreign), ("households", "26")]).await;
    refused(&wrong, "change-grid_id", "请从列表中选择网格", &[]);
    let json = json!({ "grid_id": foreign, "households": 26 });
    problem(&put_json(&lead, &format!("/api/v1/places/{id}"), json).await, "grid_id", "请从列表中选择网格");

    let above = lead.post(&format!("/console/places/{house}/retire"), &[]).await;
    assert!(above.status == 422 && above.body.contains("请先撤下面的"), "{}", above.body);
    assert_eq!(lead.post(&format!("{}/retire", added.location), &[]).await.status, 303);
    assert!(lead.get(&added.location).await.body.contains("已撤下"));
    assert!(json_of(&lead, &format!("/api/v1/places/{id}")).await["retired_at"].is_string());
    let listed = json_of(&lead, "/api/v1/places?q=5%E5%8D%95%E5%85%83").await;
    assert_eq!(listed, json!([]), "it is in no list");
}

#[actix_web::test]
async fn what_is_wrong_with_a_place_is_said_beside_its_field() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let house = app.home().units[0].0.parent_id.unwrap().to_string();
    let foreign_grid = app.worlds[1].grid.to_string();
    let foreign_house = app.worlds[1].units[0].0.parent_id.unwrap().to_string();
    for (wrong, field, sentence) in [
        (("name", "2单元"), "add-name", "「天宫院中里 3号楼2单元」已经有了"),
        (("name", ""), "add-name", "请填写名称"),
        (("kind", "tower"), "add-kind", "请选择类别"),
        (("households", "很多"), "add-households", "请填写数字"),
        (("households", "-1"), "add-households", "0 到 100000"),
        (("grid_id", &foreign_grid), "add-grid_id", "请从列表中选择网格"),
        (("parent_id", &foreign_house), "add-parent_id", "请从列表中选择"),
    ] {
        let mut fields = vec![
            ("parent_id", house.as_str()),
            ("kind", "unit"),
            ("name", "6单元"),
            ("grid_id", ""),
            ("households", "31"),
        ];
        fields.iter_mut().find(|each| each.0 == wrong.0).unwrap().1 = wrong.1;
        let answer = lead.post("/console/places", &fields).await;
        let kept = if wrong.0 == "name" { "value=\"31\"" } else { "6单元" };
        refused(&answer, field, sentence, &[kept]);
    }
    let json = json!({ "kind": "unit", "name": "", "parent_id": house });
    problem(&lead.post_json("/api/v1/places", json).await, "name", "请填写名称");
    let worker = app.as_(Role::CommunityWorker);
    assert_eq!(worker.post("/console/places", &[("name", "6单元")]).await.status, 403);
}

async fn places(app: &TestApp) -> usize {
    json_of(&app.as_(Role::CommunityLead), "/api/v1/places").await.as_array().unwrap().len()
}

#[actix_web::test]
async fn a_table_of_places_is_taken_in_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let before = places(&app).await;
    let import = async |table: &str| {
        lead.post_files("/console/places/import", &[], &[("file", "楼门.csv", table.as_bytes())]).await
    };
    let rows = "小区,楼,单元,点位,网格,户数\n天宫院中里,4号楼,1单元,,第1网格,30\n,4号楼,2单元,,第1网格,30\n天宫院中里,4号楼,3单元,,第1网格,很多\n";
    let wrong = import(rows).await;
    assert_eq!(wrong.status, 422, "{}", wrong.body);
    for row in ["3", "4"] {
        assert!(wrong.body.contains(&format!("第 {row} 行")), "row {row} is not named: {}", wrong.body);
    }
    assert!(!wrong.body.contains("第 2 行") && wrong.body.contains("这张表没有导入"));
    assert_eq!(places(&app).await, before, "nothing is half imported");

    let good = "小区,楼,单元,点位,网格,户数\n天宫院中里,4号楼,1单元,,第1网格,30\n天宫院中里,4号楼,2单元,,第1网格,30\n天宫院中里,3号楼,2单元,,第1网格,30\n";
    let taken = import(good).await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    let page = lead.get(&taken.location).await.body;
    assert!(page.contains("新增 3 处，原有 1 处没有改动，新发 2 个码"), "{page}");
    assert_eq!(places(&app).await, before + 3);
    let again = lead.request(reqwest::Method::POST, "/api/v1/places/import").body(good);
    let again = send(again.header("x-csrf-token", lead.csrf.clone().unwrap())).await;
    assert_eq!(again.json(), json!({ "added": 0, "kept": 3, "codes": 0 }));

    let none = lead.post_files("/console/places/import", &[], &[]).await;
    assert!(none.status == 422 && none.body.contains("请先选择表格文件"), "{}", none.body);
    let junk = import("这不是一张表").await;
    assert_eq!(junk.status, 422, "{}", junk.body);
    let junk = lead.request(reqwest::Method::POST, "/api/v1/places/import").body(vec![0; 11 << 20]);
    let junk = send(junk.header("x-csrf-token", lead.csrf.clone().unwrap())).await;
    problem(&junk, "file", "超过 10 MB");
}

#[actix_web::test]
async fn a_code_is_posted_replaced_with_days_of_grace_and_stopped() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let (place, old) = app.home().units[0].clone();
    let (path, page) = (format!("/console/codes/{}", old.code), format!("/console/places/{}", place.id));
    let shown = async |code: &str| app.stranger().get(&format!("/q/{code}")).await;
    assert_eq!(lead.post(&format!("{path}/posted"), &[]).await.status, 303);
    assert!(lead.get(&page).await.body.contains("已张贴"));
    assert_eq!(json_of(&lead, &format!("/api/v1/codes/{}", old.code)).await["state"], "posted");
    let twice = lead.post(&format!("/console/places/{}/code", place.id), &[]).await;
    assert!(twice.status == 409 && twice.body.contains("已经有一个在用的码"), "{}", twice.body);

    let wrong = lead.post(&format!("{path}/replacement"), &[("grace_days", "120")]).await;
    refused(&wrong, "replacement-grace_days", "最多再用 90 天", &["value=\"120\""]);
    let wrong = lead.post(&format!("{path}/replacement"), &[("grace_days", "两周")]).await;
    refused(&wrong, "replacement-grace_days", "请填写数字", &["value=\"两周\""]);
    let json =
        lead.post_json(&format!("/api/v1/codes/{}/replacement", old.code), json!({ "grace_days": 91 })).await;
    problem(&json, "grace_days", "最多再用 90 天");
    assert_eq!(lead.post(&format!("{path}/replacement"), &[("grace_days", "14")]).await.status, 303);
    let codes = json_of(&lead, "/api/v1/codes").await;
    let new = one(&codes, "state", "draft")["code"].as_str().unwrap().to_owned();
    let replaced = one(&codes, "code", &old.code.to_string()).clone();
    assert_eq!((&replaced["state"], &replaced["replaced_by"]), (&json!("replaced"), &json!(new)));
    let again = lead.post(&format!("{path}/replacement"), &[("grace_days", "14")]).await;
    assert!(again.status == 422 && again.body.contains("已经停用或更换过"), "{}", again.body);

    let grace = shown(old.code.as_str()).await;
    assert!(grace.status == 200 && grace.body.contains("此码已更换，门口有新码"), "{}", grace.body);
    let sent = app.stranger().post_files(&app.door(), &[("category", "01"), ("text", "灯坏了")], &[]).await;
    assert_eq!(sent.status, 303, "in the days of grace a report still arrives: {}", sent.body);
    // Scanned a moment before, so that its page lies ready in memory.
    assert_eq!(shown(&new).await.status, 200);
    assert_eq!(lead.post(&format!("/console/codes/{new}/stop"), &[]).await.status, 303);
    let stopped = shown(&new).await;
    assert!(
        stopped.status == 410 && stopped.body.contains("010-00000001"),
        "the phone helps on: {}",
        stopped.body
    );
    assert!(lead.get(&page).await.body.contains("这里没有在用的码"));
    assert_eq!(lead.post(&format!("/console/places/{}/code", place.id), &[]).await.status, 303);
    let codes = json_of(&lead, "/api/v1/codes").await;
    assert_eq!(one(&codes, "state", "draft")["version"], 3);
}

#[actix_web::test]
async fn after_the_days_of_grace_an_old_code_says_that_it_was_replaced() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let old = app.home().units[0].1.code.to_string();
    assert_eq!(app.stranger().get(&format!("/q/{old}")).await.status, 200);
    let json = lead.post_json(&format!("/api/v1/codes/{old}/replacement"), json!({ "grace_days": 0 })).await;
    assert_eq!(json.status, 201, "{}", json.body);
    let page = app.stranger().get(&format!("/q/{old}")).await;
    assert!(page.status == 410 && page.body.contains("此码已更换") && page.body.contains("010-00000001"));
    let sent = app.stranger().post_files(&app.door(), &[("category", "01"), ("text", "灯坏了")], &[]).await;
    assert_eq!(sent.status, 410);
}

#[actix_web::test]
async fn parties_answer_to_one_name_each_and_the_fallback_stays() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let fields = |name: &'static str, aliases: &'static str| {
        [("name", name), ("aliases", aliases), ("kind", "enterprise"), ("phone", "010-1")]
    };
    let added = lead.post("/console/parties", &fields("燃气公司", "燃气、天然气公司")).await;
    assert_eq!(added.status, 303, "{}", added.body);
    let party = async |name: &str| {
        let all = json_of(&lead, "/api/v1/parties").await;
        let led = all["parties"].as_array().unwrap().iter().find(|led| led["party"]["name"] == name).unwrap();
        led["party"].clone()
    };
    let gas = party("燃气公司").await;
    assert_eq!((&gas["aliases"], &gas["fallback"]), (&json!("燃气、天然气公司"), &json!(false)));

    let clash = lead.post("/console/parties", &fields("热力公司", "热力，物业")).await;
    refused(&clash, "add-aliases", "「物业」已经指向另一个单位", &["热力公司", "热力，物业"]);
    let twice = lead.post("/console/parties", &fields("燃气公司", "")).await;
    refused(&twice, "add-name", "这个单位已经有了", &["燃气公司"]);
    let path = format!("/console/parties/{}", gas["id"].as_str().unwrap());
    let clash = lead.post(&path, &fields("燃气集团", "社区居委会")).await;
    let element = format!("{}-aliases", gas["id"].as_str().unwrap());
    refused(&clash, &element, "已经指向另一个单位", &["燃气集团"]);
    let json = json!({ "name": "", "kind": "enterprise" });
    problem(&lead.post_json("/api/v1/parties", json).await, "name", "请填写单位名称");
    assert_eq!(lead.post(&path, &fields("燃气集团", "燃气")).await.status, 303);
    assert_eq!(party("燃气集团").await["id"], gas["id"]);

    let committee = party("社区居委会").await;
    let barred =
        lead.post(&format!("/console/parties/{}/disable", committee["id"].as_str().unwrap()), &[]).await;
    assert!(barred.status == 422 && barred.body.contains("兜底单位不能停用"), "{}", barred.body);
    let barred = format!("/api/v1/parties/{}/disable", committee["id"].as_str().unwrap());
    assert_eq!(lead.post_json(&barred, json!({})).await.status, 409);
    assert_eq!(lead.post(&format!("{path}/disable"), &[]).await.status, 303);
    assert!(party("燃气集团").await["disabled_at"].is_string());
    assert!(lead.get("/console/parties").await.body.contains("已停用"));
    assert_eq!(lead.post(&format!("{path}/enable"), &[]).await.status, 303);
    assert!(party("燃气集团").await["disabled_at"].is_null());
}

#[actix_web::test]
async fn a_rule_begins_now_or_later_and_never_in_the_past() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let set = async |hours: &'static str, from: &str| {
        let fields = [("first_contact_hours", hours), ("deadline_hours", "72"), ("from", from)];
        lead.post("/console/settings/limits", &fields).await
    };
    let versions = async || json_of(&lead, "/api/v1/settings").await["limits"].as_array().unwrap().len();
    assert_eq!(versions().await, 1);
    refused(
        &set("12", "2020-01-01").await,
        "limits-from",
        "只能从现在或以后生效",
        &["value=\"12\"", "2020-01-01"],
    );
    refused(&set("12", "明天").await, "limits-from", "请填写日期", &["value=\"12\""]);
    refused(&set("0", "").await, "limits-first_contact_hours", "1 分钟到 366 天", &["value=\"72\""]);
    let json = json!({ "from": "2020-01-01T00:00:00Z", "rules": { "first_contact_minutes": 5, "deadline_minutes": 5 } });
    problem(&put_json(&lead, "/api/v1/settings/limits", json).await, "from", "只能从现在或以后生效");
    assert_eq!(versions().await, 1, "what was refused left nothing");

    assert_eq!(set("12", "").await.status, 303);
    assert_eq!(set("6", "2099-01-01").await.status, 303);
    let page = lead.get("/console/settings").await.body;
    assert!(
        page.contains("12 小时内回电") && page.contains("还没生效") && page.contains("历次规则（3）"),
        "{page}"
    );
    let all = json_of(&lead, "/api/v1/settings").await;
    let minutes: Vec<i64> = all["limits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["rules"]["first_contact_minutes"].as_i64().unwrap())
        .collect();
    assert_eq!(minutes, [360, 720, 1440], "latest first; the shipped rules stay");
    assert_eq!(all["limits"][1]["set_by"], "社区负责人 01");

    let weights = [("contacted", "0.5"), ("solved", "0.5"), ("satisfied", "0.4"), ("k", "0.9"), ("from", "")];
    refused(
        &lead.post("/console/settings/weights", &weights).await,
        "weights-weights",
        "之和应为 1",
        &["value=\"0.5\""],
    );
    let days = [
        ("rework_days", "0"),
        ("archive_days", "7"),
        ("contact_days", "365"),
        ("tip_off_contact_days", "730"),
    ];
    refused(
        &lead.post("/console/settings/windows", &days).await,
        "windows-days",
        "1 到 90",
        &["value=\"365\""],
    );
    let notice = [("version", "2027-01"), ("short", ""), ("full", "全文在此"), ("from", "")];
    refused(
        &lead.post("/console/settings/notice", &notice).await,
        "notice-notice",
        "都要填",
        &["2027-01", "全文在此"],
    );
    assert_eq!(lead.post("/console/settings/nothing", &[("from", "")]).await.status, 404);
}

#[actix_web::test]
async fn a_total_of_the_hotline_is_typed_corrected_and_removed() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let (path, source) = ("/console/stats/hotline", "街道 2026 年 1 月通报");
    let typed = |period: &'static str, cases: &'static str| {
        [("period", period), ("cases", cases), ("source", source)]
    };
    for (fields, field, sentence) in [
        (typed("2024-13", "16"), "type-period", "月份请写成 2024-05"),
        (typed("2999", "16"), "type-period", "年份请写成"),
        (typed("2098", "16"), "type-period", "还没有到"),
        (typed("2024", "很多"), "type-cases", "件数只写数字"),
        (typed("2024", "-1"), "type-cases", "0 到 1000000"),
    ] {
        refused(&lead.post(path, &fields).await, field, sentence, &[fields[0].1, fields[1].1, source]);
    }
    let bare = lead.post(path, &[("period", "2023"), ("cases", "487"), ("approximate", "yes")]).await;
    refused(&bare, "type-source", "请写明数据来源", &["value=\"487\"", "checked"]);
    let mut rough = typed("2023年", "487").to_vec();
    rough.push(("approximate", "yes"));
    assert_eq!(lead.post(path, &rough).await.status, 303);
    let json = json!({ "period": "2024", "cases": 200, "source": source });
    assert_eq!(lead.post_json("/api/v1/hotline-totals", json).await.status, 200);
    assert_eq!(lead.post(path, &typed("2024", "196")).await.status, 303, "typed again is a correction");
    let json = json!({ "period": "2024", "cases": -5, "source": source });
    problem(&lead.post_json("/api/v1/hotline-totals", json).await, "cases", "0 到 1000000");

    let page = lead.get(&format!("{path}?year=2024")).await.body;
    assert!(page.contains("约 487 件") && page.contains("196") && !page.contains(">200 件"), "{page}");
    let compared = json_of(&lead, "/api/v1/stats/hotline?year=2024").await;
    let year = |year: i32| {
        let years = compared["years"].as_array().unwrap();
        years.iter().find(|line| line["hotline"]["year"] == year).unwrap()["hotline"].clone()
    };
    assert_eq!((&year(2023)["cases"], &year(2023)["approximate"]), (&json!(487), &json!(true)));
    assert_eq!((&year(2024)["cases"], &year(2024)["approximate"]), (&json!(196), &json!(false)));

    assert_eq!(lead.post(&format!("{path}/removal"), &[("period", "2023")]).await.status, 303);
    assert!(!lead.get(&format!("{path}?year=2024")).await.body.contains("约 487 件"));
    assert_eq!(lead.post(&format!("{path}/removal"), &[("period", "2023")]).await.status, 404);
    let worker = app.as_(Role::CommunityWorker);
    assert_eq!(worker.post(path, &typed("2024", "1")).await.status, 403);
    assert!(!worker.get(path).await.body.contains("录入或更正"), "no form for whoever may not");
}

#[actix_web::test]
async fn whatever_a_program_asks_wrongly_is_answered_as_problem_json() {
    let app = TestApp::start().await;
    let people = [Role::CommunityLead, Role::Admin, Role::CommunityWorker].map(|role| app.as_(role));
    let mut asked = 0;
    for entry in louma::app::routes() {
        if !entry.pattern.starts_with("/api/v1") {
            continue;
        }
        let path: String = entry.pattern.split('{').enumerate().fold(String::new(), |path, (at, part)| {
            let rest = if at == 0 { part } else { part.split_once('}').unwrap().1 };
            path + if at == 0 { "" } else { "%E4%B8%8D" } + rest
        });
        let method = reqwest::Method::from_bytes(entry.method.as_str().as_bytes()).unwrap();
        for path in
            [path.clone(), format!("{path}?year=x&month=x&queue=x&before=x&after=x&q=%FF&limit=x&size=x")]
        {
            for client in &people {
                let mut request = client.request(method.clone(), &path);
                if method != reqwest::Method::GET {
                    request = request.header("x-csrf-token", client.csrf.clone().unwrap());
                    request = request.header("content-type", "application/json").body("{\"no\": ");
                }
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                let kind =
                    answer.headers().get("content-type").map_or("", |kind| kind.to_str().unwrap()).to_owned();
                let body = answer.text().await.unwrap();
                assert!(status < 500, "{method} {path}: {status} {body}");
                if status >= 400 {
                    asked += 1;
                    assert_eq!(kind, "application/problem+json", "{method} {path}: {status} {body}");
                    let said: Value = serde_json::from_str(&body).unwrap();
                    assert_eq!(said["status"], status);
                }
            }
        }
    }
    assert!(asked > 100, "too few mistakes to prove anything: {asked}");
    let photo = app.as_(Role::CommunityWorker);
    let request =
        photo.request(reqwest::Method::GET, &format!("/api/v1/tickets/{}/photos/1", app.home().grid));
    let answer = request.send().await.unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "application/problem+json",
        "what pages share speaks JSON here"
    );
    for path in ["/api", "/api/", "/api/v2", "/api/v1/nothing"] {
        let answer = app.stranger().request(reqwest::Method::GET, path).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (404, &"application/problem+json".parse().unwrap())
        );
    }
}

use super::look::Look;
use super::*;
use actix_web::test::TestRequest;

fn look(uri: &str, headers: &[(&str, &str)]) -> Look {
    let request =
        headers.iter().fold(TestRequest::with_uri(uri), |request, header| request.insert_header(*header));
    Look::of(&request.to_http_request())
}

#[test]
fn the_address_goes_before_the_cookie_and_the_cookie_before_the_browser() {
    let english = ("accept-language", "en-GB,en;q=0.9,zh;q=0.8");
    assert_eq!(look("/t", &[]).lang, Lang::Hans, "Chinese first");
    assert_eq!(look("/t", &[english]).lang, Lang::En);
    let kept = ("cookie", "louma_lang=zh-Hant; louma_large=1");
    assert_eq!(look("/t", &[english, kept]), Look { lang: Lang::Hant, said: false, print: Print::Large });
    let chosen = look("/t?lang=zh-CN&large=0", &[english, kept]);
    assert_eq!(chosen, Look { lang: Lang::Hans, said: true, print: Print::Normal });
    assert_eq!(look("/t?lang=xx", &[]).lang, Lang::Hans, "what is no language says nothing");
}

#[test]
fn the_language_that_the_browser_likes_best_is_taken_of_those_there_are() {
    for (accepted, lang) in [
        ("zh-TW,zh;q=0.9,en;q=0.8", Lang::Hant),
        ("zh-HK", Lang::Hant),
        ("zh-Hant-TW", Lang::Hant),
        ("zh-CN", Lang::Hans),
        ("ja,en;q=0.3", Lang::En),
        ("en;q=0.2,zh;q=0.7", Lang::Hans),
        ("en;q=0", Lang::Hans),
        ("fr", Lang::Hans),
        ("*", Lang::Hans),
        (";;,=", Lang::Hans),
    ] {
        assert_eq!(look("/t", &[("accept-language", accepted)]).lang, lang, "{accepted}");
    }
}

#[test]
fn what_was_chosen_is_carried_to_the_next_page_and_the_rest_of_the_address_stays() {
    let request = TestRequest::with_uri("/t/abc?received=1&lang=en&large=1").to_http_request();
    let (here, look) = (look::here(&request), Look::of(&request));
    assert_eq!(here, "/t/abc?received=1");
    assert_eq!(look.to(&here), "/t/abc?received=1&lang=en&large=1");
    assert_eq!(look.to_lang(&here, Lang::Hans), "/t/abc?received=1&lang=zh-CN&large=1");
    assert_eq!(look.to_other_size("/t"), "/t?lang=en&large=0");
    assert_eq!(Look::default().to("/t"), "/t");
}

#[test]
fn every_look_has_a_place_of_its_own() {
    let mut places = Vec::new();
    for lang in Lang::ALL {
        for (said, print) in
            [(false, Print::Normal), (true, Print::Normal), (false, Print::Large), (true, Print::Large)]
        {
            places.push(Look { lang: *lang, said, print }.index());
        }
    }
    places.sort_unstable();
    assert_eq!(places, (0..Look::COUNT).collect::<Vec<_>>());
}

#[test]
fn what_is_filled_in_never_becomes_markup() {
    let saying = Lang::En.t("gone-hung").with("place", "<b>&\"");
    assert_eq!(saying.html(), "This code hung at: <strong>&#60;b&#62;&#38;&#34;</strong>");
}

#[test]
fn a_finished_sentence_is_found_by_its_words_and_what_was_filled_in_is_translated_too() {
    let english = |chinese: &str| Lang::En.sentence(chinese);
    assert_eq!(english("电梯"), "Lift");
    assert_eq!(english("2025年6月3日 14:05"), "3 June 2025, 14:05");
    assert_eq!(english("还剩 2 天 5 小时"), "2 days 5 hours left");
    assert_eq!(english("还剩 1 小时"), "1 hour left");
    assert_eq!(english("还剩 不到 1 分钟"), "less than 1 minute left");
    assert_eq!(english("还剩 3 个工作日 1 小时"), "3 working days 1 hour left");
    assert_eq!(english("还剩 5 小时（休息日不算）"), "5 hours left, days off not counted");
    assert_eq!(english("2025年6月"), "June 2025");
    assert_eq!(english("11月2日"), "2 November");
    let unknown = english("2027 至 2028 年放假安排尚未公布，暂按周末推算");
    assert!(unknown.starts_with("public holidays from 2027 to 2028 are not announced yet"), "{unknown}");
    let past = english("这件诉求现在是“待回访”，不能再撤回；请刷新看看最新情况");
    assert!(past.contains("waiting for your answers”; taking it back is no longer possible"), "{past}");
    assert_eq!(english("没有人翻译过的话 3 天"), "没有人翻译过的话 3 天", "nothing is lost");
    assert_eq!(Lang::Hant.sentence("超期 3 小时"), "超期 3 小時");
    assert_eq!(Lang::Hans.sentence("任何一句话"), "任何一句话");
}

#[test]
fn a_category_that_nobody_translated_is_told_by_its_tile() {
    assert_eq!(Lang::En.category("电梯困人", "电梯"), "Trapped in the lift");
    assert_eq!(Lang::En.category("电梯里的新事", "电梯"), "Lift");
    assert_eq!(Lang::Hans.category("电梯里的新事", "电梯"), "电梯里的新事");
}

#[test]
fn the_script_gets_its_sentences_with_names_in_braces() {
    let sentences: serde_json::Value = serde_json::from_str(&script(Lang::En)).unwrap();
    assert_eq!(sentences["written"], "{count} of {limit} characters");
    assert_eq!(sentences["busy"], "Sending…");
}

mod sample;

use self::sample::{form, form_again, pages, ticket, ticket_closed, ticket_refused};
use super::*;

#[test]
fn every_page_offers_the_phone_and_a_worker_who_writes() {
    for (name, page) in pages() {
        assert!(page.contains("请工作人员代填"), "{name}");
        assert!(name == "form-empty" || page.contains("href=\"tel:01061234567\""), "{name}");
        assert!(page.contains("<html lang=\"zh-CN\""), "{name}");
        assert!(name == "form-empty" || page.contains("演示数据"), "{name}");
    }
}

#[test]
fn nothing_that_a_person_wrote_becomes_markup() {
    for (name, page) in pages() {
        assert!(!page.contains("<script>alert"), "{name}");
        assert!(!page.contains("<img src=x"), "{name}");
        assert!(!page.contains("\"'>"), "{name}");
    }
    assert!(
        ticket_closed().render().unwrap().contains("&#60;script&#62;alert"),
        "it is shown as it was written"
    );
}

#[test]
fn no_page_needs_an_inline_script_or_style() {
    for (name, page) in pages() {
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script defer src=\"/static/").count(),
            "{name}"
        );
        for attribute in [" style=", " onclick=", " onload=", "javascript:"] {
            assert!(!page.contains(attribute), "{name} has {attribute}");
        }
        assert!(!page.contains("http://") && !page.contains("https://"), "{name} names another host");
    }
}

#[test]
fn every_id_is_used_once_and_every_reference_leads_somewhere() {
    for (name, page) in pages() {
        let ids: Vec<&str> = after(&page, " id=\"");
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len(), "{name} uses an id twice");
        let references = [" for=\"", "href=\"#", "aria-labelledby=\"", "aria-describedby=\""];
        for id in references.iter().flat_map(|mark| after(&page, mark)).flat_map(str::split_whitespace) {
            assert!(ids.contains(&id), "{name} refers to {id}");
        }
    }
}

fn after<'a>(page: &'a str, mark: &str) -> Vec<&'a str> {
    page.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn a_photo_is_chosen_in_the_one_way_that_works_in_wechat() {
    let page = form().render().unwrap();
    assert_eq!(page.matches("type=\"file\"").count(), PHOTO_LIMIT);
    assert_eq!(page.matches("type=\"file\" accept=\"image/*\" name=\"photo\">").count(), PHOTO_LIMIT);
    assert!(!page.contains("capture") && !page.contains("multiple"));
}

#[test]
fn photos_that_have_arrived_take_up_their_slots() {
    let page = form_again().render().unwrap();
    assert_eq!(page.matches("type=\"file\"").count(), PHOTO_LIMIT - 1, "one is kept, one is dropped");
    assert_eq!(page.matches("name=\"kept\"").count(), 2);
    let removed = "name=\"removed\" value=\"a2\" checked";
    assert!(page.contains(removed));
}

#[test]
fn what_is_wrong_with_photos_leads_to_them_also_where_no_slot_is_left() {
    let mut page = form_again();
    let photo = |at: usize| KeptPhoto { key: format!("a{at}"), ..KeptPhoto::default() };
    page.kept = (0..PHOTO_LIMIT).map(photo).collect();
    page.errors = vec![FieldProblem { field: "photo".into(), message: "第 7 张没有收到".into() }];
    let page = page.render().unwrap();
    assert!(
        page.contains("href=\"#photo\"") && page.contains("id=\"photo\"") && !page.contains("id=\"photo-1\"")
    );
}

#[test]
fn a_form_that_comes_back_has_kept_everything() {
    let page = form_again().render().unwrap();
    assert!(page.contains("value=\"04\" required checked"));
    assert!(page.contains("value=\"1380013\""));
    assert!(page.contains("name=\"share_phone\" value=\"yes\" checked"));
    assert!(!page.contains("name=\"publish\" value=\"yes\" checked"));
    assert!(page.contains("name=\"idempotency_key\" value=\"0123456789abcdef0123456789abcdef\""));
    assert_eq!(
        page.matches("电话少了几位").count(),
        3,
        "beside the field, and in the summary of either print"
    );
    assert!(page.contains("step on-category first"), "large print begins where something is to be mended");
}

#[test]
fn the_ready_made_form_asks_for_consent_and_carries_nobodys_key() {
    let page = form().render().unwrap();
    assert!(page.contains("name=\"idempotency_key\" value=\"\""));
    assert!(!page.contains(" checked"), "every switch starts off");
    assert!(page.contains("href=\"/notice/TGY/2025-06-01\""));
}

#[test]
fn a_closed_report_asks_three_separate_questions() {
    let page = ticket_closed().render().unwrap();
    for (field, choices) in [("contacted", 2), ("solved", 2), ("satisfied", 3)] {
        assert_eq!(page.matches(&format!("name=\"{field}\"")).count(), choices, "{field}");
    }
    let open = ticket().render().unwrap();
    assert!(!open.contains("name=\"solved\""), "nobody is asked before it is done");
    assert!(!open.contains("/rework"), "nothing to redo before it is done");
    assert!(open.contains("/withdrawal") && !page.contains("/withdrawal"));
}

#[test]
fn a_refused_report_says_why_and_offers_no_further_form() {
    let page = ticket_refused().render().unwrap();
    assert!(page.contains("正在法院审理"));
    assert!(!page.contains("<form"));
    assert_eq!(page.matches("不再进行").count(), 3);
}

#[test]
fn a_phone_is_dialled_without_spaces_or_signs() {
    let dialled = |number: &str| Contact { label: String::new(), number: number.into() }.dialled();
    assert_eq!(dialled("010-6123 4567"), "01061234567");
    assert_eq!(dialled(" +86 10 6123"), "+86106123");
}

#[test]
fn every_page_with_its_style_and_script_is_far_under_50_kb_on_the_wire_in_every_language() {
    let css = crate::assets::gzip(include_bytes!("../../../assets/resident.css")).len();
    let js = crate::assets::gzip(include_bytes!("../../../assets/resident.js")).len();
    assert!(css <= 8 * 1024, "style {css}");
    for lang in Lang::ALL {
        let (mut form, mut ticket) = (form(), ticket_closed());
        (form.shell.look.lang, ticket.shell.look.lang) = (*lang, *lang);
        for html in [form.render().unwrap(), ticket.render().unwrap()] {
            let page = crate::assets::gzip(html.as_bytes()).len();
            assert!(page + css + js <= 20 * 1024, "{lang:?}: page {page}, style {css}, script {js}");
        }
    }
}

/// Writes every page into the folder that `LOUMA_PAGES` names, to look at them in a browser.
#[test]
#[ignore = "a tool: LOUMA_PAGES=folder cargo test view:: -- --ignored"]
fn write_the_pages_out() {
    let folder = std::env::var("LOUMA_PAGES").expect("LOUMA_PAGES names a folder");
    for (name, page) in pages() {
        std::fs::write(format!("{folder}/{name}.html"), page).unwrap();
    }
}

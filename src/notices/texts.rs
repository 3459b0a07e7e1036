//! What a message says: a template for each topic, edited by the community, for all categories or for one group of them.
//!
//! A template gets the values of [`Words`] and nothing else, so that no name, phone, text or photo of a report can stand
//! in a message, whoever writes the template (domain §9, §12). It cannot loop without end, or name what does not exist.

use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;

use super::store::texts as store;
use super::told::{self, Topic};
use crate::db::{Time, Tx, now};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::routing;

/// Everything that a message may say of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Words {
    pub number: String,
    pub place: String,
    pub category: String,
    pub deadline: String,
    pub step: String,
    pub link: String,
}

/// The names that a template may use, with what each stands for.
pub const NAMES: [(&str, &str); 6] = [
    ("number", "工单号"),
    ("place", "楼门或点位"),
    ("category", "分类"),
    ("deadline", "办结期限"),
    ("step", "发生了什么，例如：新诉求、督办、同意延期"),
    ("link", "工作台里这件诉求的网址"),
];

/// What a message says where the community has not written its own.
pub const SHIPPED: &str =
    "【{{ step }}】{{ number }}\n{{ place }}，{{ category }}\n期限：{{ deadline }}\n{{ link }}";

/// Steps that a template may take, and signs that it may have.
const FUEL: u64 = 2_000;
const LONGEST: usize = 1_000;

impl Words {
    /// The words of a message. Signs by which a chat would mark, mention or link something are taken out of what
    /// people typed in elsewhere, and each stays on its line.
    /// `step` is what [`told::step`] calls it.
    pub fn new([number, place, category]: [&str; 3], due: Time, step: &str, link: String) -> Words {
        Words {
            number: number.to_owned(),
            place: plain(place),
            category: plain(category),
            deadline: due.long(),
            step: step.to_owned(),
            link,
        }
    }

    /// Made-up words, for previews, tests of a channel and checks of a template.
    pub fn sample(step: &str, due: Time, base_url: &str) -> Words {
        let link = format!("{base_url}/console");
        Words::new(["XLM2511230001A", "示例小区 3号楼2单元", "楼道灯、公共照明不亮"], due, step, link)
    }
}

fn plain(text: &str) -> String {
    let tame = |sign: char| match sign {
        '<' => '＜',
        '>' => '＞',
        '[' => '［',
        ']' => '］',
        '`' => '｀',
        '*' => '＊',
        '@' => '＠',
        sign if sign.is_control() => ' ',
        sign => sign,
    };
    text.chars().map(tame).collect()
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment
}

/// What a template says of these words. Fails with a sentence for the field `text`.
pub fn render(template: &str, words: &Words) -> Result<String> {
    let Words { number, place, category, deadline, step, link } = words;
    let given = context! { number, place, category, deadline, step, link };
    let said = environment().render_str(template, given).map_err(|err| fault(&err))?;
    Ok(said.trim().to_owned())
}

/// How a template reads, with made-up words. Fails with a sentence for the field `text`.
pub fn preview(template: &str, topic: Topic, base_url: &str) -> Result<String> {
    check(template, topic)?;
    let step = told::steps(topic).first().copied().unwrap_or(topic.label());
    render(template, &Words::sample(step, now().plus_minutes(24 * 60), base_url))
}

/// Whether a template can be used for a topic: not empty whatever of it happens, not endless, and every name in it exists, in
/// every branch.
pub fn check(template: &str, topic: Topic) -> Result<()> {
    let length = template.trim().chars().count();
    if length == 0 || length > LONGEST {
        return Err(Error::invalid("text", format!("请写 1 到 {LONGEST} 个字")));
    }
    let environment = environment();
    let parsed = environment.template_from_str(template).map_err(|err| fault(&err))?;
    let known = |name: &String| {
        NAMES.iter().any(|(known, _)| known == name)
            || environment.globals().any(|(global, _)| global == name)
    };
    let mut unknown: Vec<_> =
        parsed.undeclared_variables(false).into_iter().filter(|name| !known(name)).collect();
    unknown.sort();
    if !unknown.is_empty() {
        let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        return Err(Error::invalid(
            "text",
            format!("没有叫「{}」的内容；可以用的有：{}", unknown.join("、"), names.join("、")),
        ));
    }
    for step in told::steps(topic) {
        if render(template, &Words::sample(step, Time::from_micros(0), "https://example.cn"))?.is_empty() {
            let sentence = format!("遇到“{step}”时，这样写出来是空的，请写上要说的话");
            return Err(Error::invalid("text", sentence));
        }
    }
    Ok(())
}

fn fault(err: &minijinja::Error) -> Error {
    use minijinja::ErrorKind;
    let line = err.line().map(|line| format!("第 {line} 行")).unwrap_or_default();
    let what = match err.kind() {
        ErrorKind::OutOfFuel => "太复杂了，请写简单一些",
        ErrorKind::UnknownFilter
        | ErrorKind::UnknownFunction
        | ErrorKind::UnknownMethod
        | ErrorKind::UnknownTest => "用了不存在的写法",
        ErrorKind::UndefinedError => "用了不存在的内容",
        _ => "写法不对，请检查 {{ 和 }} 是否成对",
    };
    Error::invalid("text", format!("{line}{what}"))
}

/// The text of a topic for a group of categories (two digits), or for all.
#[derive(Debug, Clone, diesel::Queryable, Serialize, utoipa::ToSchema)]
#[schema(as = NoticeText)]
pub struct Text {
    /// What it is about.
    pub topic: Topic,
    /// Two digits; empty for all categories.
    pub level1: String,
    /// The template.
    pub text: String,
    /// When it was written.
    pub changed_at: Time,
    /// By whom.
    pub changed_by: String,
}

/// Every text that the community has written itself.
pub fn list(tx: &mut Tx, community_id: crate::db::Id) -> Result<Vec<Text>> {
    store::all(tx, community_id)
}

/// The template for a topic and a group of categories: the most particular one.
pub fn chosen<'a>(texts: &'a [Text], topic: Topic, level1: &str) -> &'a str {
    let own = |level1: &str| texts.iter().find(|text| text.topic == topic && text.level1 == level1);
    own(level1).or_else(|| own("")).map_or(SHIPPED, |text| &text.text)
}

/// Writes the text of a topic. An empty one takes the community's own back: the shipped one holds again.
pub fn set(tx: &mut Tx, actor: &Actor, topic: Topic, level1: &str, text: &str) -> Result<()> {
    if !level1.is_empty() && !routing::categories(tx)?.iter().any(|each| each.level1_code() == level1) {
        return Err(Error::invalid("level1", "请选择列表中的分类"));
    }
    if text.trim().is_empty() {
        return store::remove(tx, actor.community_id, topic, level1);
    }
    check(text, topic)?;
    let row = Text {
        topic,
        level1: level1.to_owned(),
        text: text.replace("\r\n", "\n").trim().to_owned(),
        changed_at: tx.now,
        changed_by: actor.name.clone(),
    };
    store::put(tx, actor.community_id, &row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words::sample("新诉求", Time::from_micros(1_764_000_000_000_000), "https://louma.example.cn")
    }

    #[test]
    fn the_shipped_text_says_number_place_category_deadline_and_link() {
        for topic in Topic::ALL {
            check(SHIPPED, *topic).unwrap();
        }
        let said = render(SHIPPED, &words()).unwrap();
        for part in [
            "新诉求",
            "XLM2511230001A",
            "3号楼2单元",
            "公共照明",
            "年11月",
            "https://louma.example.cn/console",
        ] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn a_message_can_say_nothing_but_six_things() {
        let keys = serde_json::to_value(words()).unwrap();
        let mut given: Vec<&str> = keys.as_object().unwrap().keys().map(String::as_str).collect();
        let mut listed: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        given.sort_unstable();
        listed.sort_unstable();
        assert_eq!(given, listed);
        assert_eq!(listed, ["category", "deadline", "link", "number", "place", "step"]);
        for name in ["name", "phone", "text", "photo", "spot_note", "person"] {
            let template = format!("{{{{ {name} }}}}");
            let said = check(&template, Topic::New).unwrap_err().to_string();
            assert!(said.contains(name) && said.contains("可以用的有"), "{said}");
            assert!(render(&template, &words()).is_err());
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_a_sentence() {
        for (template, part) in [
            ("", "1 到"),
            ("{{ number", "写法不对"),
            ("{% if %}", "写法不对"),
            ("{{ number | nosuch }}", "不存在"),
            ("{% if false %}{{ phone }}{% endif %}{{ number }}", "phone"),
            ("{% for i in range(9999) %}{{ number }}{% endfor %}", "太复杂"),
            ("{% if false %}{{ number }}{% endif %}", "空的"),
        ] {
            let said = check(template, Topic::New).unwrap_err().to_string();
            assert!(said.contains(part), "{template}: {said}");
        }
    }

    #[test]
    fn a_text_speaks_of_everything_that_happens_under_its_topic() {
        let urged = "{% if step == \"督办\" %}领导督办{% elif step == \"居民催单\" %}居民在催{% endif %} {{ number }}";
        check(urged, Topic::Urged).unwrap();
        let say = |step| render(urged, &Words::sample(step, Time::from_micros(0), "")).unwrap();
        assert!(say("督办").starts_with("领导督办") && say("居民催单").starts_with("居民在催"));
        let half = "{% if step == \"督办\" %}{{ number }}{% endif %}";
        let refused = check(half, Topic::Urged).unwrap_err().to_string();
        assert!(refused.contains("居民催单") && refused.contains("空的"), "{refused}");
        // What fails in one case alone is found as well.
        let broken = "{% if step == \"不同意申请\" %}{% for i in range(9999) %}{{ i }}{% endfor %}{% else %}好{% endif %}";
        assert!(check(broken, Topic::Decided).unwrap_err().to_string().contains("太复杂"));
    }

    #[test]
    fn a_place_can_neither_mention_nor_mark_anything_in_a_chat() {
        let words =
            Words::new(["A", "<@all>\n[x](http://y)", "*b*"], Time::from_micros(0), "新诉求", String::new());
        assert!(!words.place.contains(['<', '[', '@', '\n']) && !words.category.contains('*'));
    }

    #[test]
    fn the_most_particular_text_is_chosen() {
        let text = |level1: &str, text: &str| Text {
            topic: Topic::New,
            level1: level1.into(),
            text: text.into(),
            changed_at: Time::from_micros(0),
            changed_by: String::new(),
        };
        let texts = [text("", "all"), text("03", "lift")];
        assert_eq!(chosen(&texts, Topic::New, "03"), "lift");
        assert_eq!(chosen(&texts, Topic::New, "01"), "all");
        assert_eq!(chosen(&texts, Topic::Rework, "03"), SHIPPED);
    }
}

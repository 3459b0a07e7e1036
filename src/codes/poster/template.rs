//! From a poster's words to its SVG, through a template that the community may edit.
//! A template gets the values of [`VARIABLES`] and the filter `fit`; it cannot read files, loop
//! without end, or name what does not exist: that is an error with the file and the line.

use std::path::Path;

use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};

use super::fit::{Block, Line, Room, Unfit, fit};
use super::fonts::{self, Weight};
use super::{Poster, PosterSize, card, check, render};
use crate::codes::qr::Qr;
use crate::error::{Error, Result};

/// The names that a template may use.
const VARIABLES: [&str; 12] = [
    "code",
    "community",
    "demo",
    "matters",
    "origin",
    "phones",
    "place",
    "printed_on",
    "promise",
    "qr",
    "url",
    "version",
];

/// Steps that one poster may take; the built-in ones take under 3,000.
const FUEL: u64 = 100_000;

/// The largest template file that is read.
const MOST_BYTES: u64 = 512 << 10;

/// Draws posters from the built-in templates or from a community's own.
pub struct Posters {
    environment: Environment<'static>,
}

impl Posters {
    /// With the built-in templates; files of the same name in `folder` (`a4.svg`, `a5.svg`, `a6.svg`,
    /// `sticker.svg`) take their place. Each of those is tried out on sample posters first: a fault is
    /// an error on the field `template` that names file and line.
    pub fn new(folder: Option<&Path>) -> Result<Posters> {
        let mut environment = environment();
        let mut own = Vec::new();
        for size in PosterSize::ALL.iter().copied() {
            let source = match folder.map(|folder| folder.join(size.template())) {
                Some(file) if file.exists() => {
                    own.push(size);
                    read(&file)?
                }
                _ => built_in(size).to_owned(),
            };
            environment.add_template_owned(size.template(), source).map_err(fault)?;
        }
        environment.add_template(card::TEMPLATE, include_str!("card.svg")).map_err(fault)?;
        let posters = Posters { environment };
        for size in own {
            posters.try_out(size)?;
        }
        Ok(posters)
    }

    /// The template of `size` filled in, not yet looked at, and how many modules its code has a side.
    pub(super) fn fill(&self, poster: &Poster, size: PosterSize) -> Result<(String, usize)> {
        poster.agree()?;
        let template = self.environment.get_template(size.template()).map_err(fault)?;
        let qr = Qr::of(&poster.url)?;
        let modules = qr.modules;
        Ok((template.render(values(poster, size, qr)?).map_err(fault)?, modules))
    }

    /// The built-in template `name` filled in with `values`.
    pub(super) fn fill_with(&self, name: &str, values: Value) -> Result<String> {
        self.environment.get_template(name).and_then(|template| template.render(values)).map_err(fault)
    }

    /// Names that do not exist are found even in branches that no sample takes.
    fn try_out(&self, size: PosterSize) -> Result<()> {
        let file = size.template();
        let template = self.environment.get_template(file).map_err(fault)?;
        let mut unknown: Vec<_> = template
            .undeclared_variables(false)
            .into_iter()
            .filter(|name| !VARIABLES.contains(&name.as_str()))
            .filter(|name| self.environment.globals().all(|(global, _)| global != name))
            .collect();
        unknown.sort();
        if !unknown.is_empty() {
            return Err(Error::invalid(
                "template",
                format!(
                    "海报模板 {file} 用了不存在的内容：{}。可用的名称见模板文件夹里的 README.md",
                    unknown.join("、")
                ),
            ));
        }
        let fonts = fonts::shared()?;
        for poster in [sample_full(), sample_bare()] {
            let (tree, quiet) = render::tree(self, &poster, size, &fonts)?;
            check::found(&tree, quiet, &poster, size)?;
        }
        Ok(())
    }
}

fn built_in(size: PosterSize) -> &'static str {
    match size {
        PosterSize::A4 => include_str!("../../../qr_templates/a4.svg"),
        PosterSize::A5 => include_str!("../../../qr_templates/a5.svg"),
        PosterSize::A6 => include_str!("../../../qr_templates/a6.svg"),
        PosterSize::Sticker => include_str!("../../../qr_templates/sticker.svg"),
    }
}

fn read(file: &Path) -> Result<String> {
    let name = file.display();
    let unreadable = |why: &str| Error::invalid("template", format!("海报模板 {name} 读不了：{why}"));
    let length = std::fs::metadata(file).map_err(|err| unreadable(&err.to_string()))?.len();
    if length > MOST_BYTES {
        return Err(unreadable("文件超过 512 KB"));
    }
    std::fs::read_to_string(file).map_err(|err| unreadable(&err.to_string()))
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.add_filter("fit", fit_filter);
    environment
}

/// `text | fit(width=, size=, height=any, lines=1, least=half of size, leading=1.25, bold=true)`.
fn fit_filter(text: String, kwargs: Kwargs) -> std::result::Result<Value, minijinja::Error> {
    let size: f32 = kwargs.get("size")?;
    let room = Room {
        width: kwargs.get("width")?,
        height: kwargs.get::<Option<f32>>("height")?.unwrap_or(f32::MAX),
        size,
        least: kwargs.get::<Option<f32>>("least")?.unwrap_or(size / 2.0),
        lines: kwargs.get::<Option<usize>>("lines")?.unwrap_or(1),
        leading: kwargs.get::<Option<f32>>("leading")?.unwrap_or(1.25),
    };
    let weight = match kwargs.get::<Option<bool>>("bold")?.unwrap_or(true) {
        true => Weight::Bold,
        false => Weight::Regular,
    };
    kwargs.assert_all_used()?;
    let wrong = |message: String| minijinja::Error::new(ErrorKind::InvalidOperation, message);
    let sane = |number: f32| number.is_finite() && number > 0.0;
    if !(sane(room.width) && sane(room.size) && sane(room.least) && sane(room.leading)) {
        return Err(wrong("fit 的 width、size、least、leading 都要大于 0".into()));
    }
    let fonts = fonts::shared().map_err(|err| wrong(err.to_string()))?;
    let ruler = fonts.ruler(weight).map_err(|err| wrong(err.to_string()))?;
    match fit(&ruler, &text, room) {
        Ok(block) => Ok(shown(block)),
        Err(Unfit::TooLong) => Err(wrong(format!("“{text}”太长，海报上放不下，请缩短"))),
        Err(Unfit::Unknown(sign)) => Err(wrong(format!(
            "“{}”里有字库没有的字（{}），请换一个写法",
            text.escape_debug(),
            sign.escape_default()
        ))),
    }
}

/// A block as templates see it: `size` and `lines` with `text` and `y`.
fn shown(block: Block) -> Value {
    let line = |line: Line| context! { text => line.text, y => line.y };
    context! { size => block.size, lines => block.lines.into_iter().map(line).collect::<Vec<_>>() }
}

fn values(poster: &Poster, size: PosterSize, qr: Qr) -> Result<Value> {
    let module = size.qr_mm() / qr.modules as f32;
    if module < PosterSize::LEAST_MODULE_MM {
        return Err(Error::invalid(
            "base_url",
            format!(
                "网址太长：印在“{size}”上时二维码的小格只有 {module:.2} 毫米，老手机扫不出。请换用更短的域名或更大的海报"
            ),
        ));
    }
    Ok(context! {
        community => &poster.community,
        place => &poster.place,
        code => poster.code.grouped(),
        url => &poster.url,
        origin => poster.origin()?,
        qr => context! { path => qr.path, modules => qr.modules, module },
        phones => context! {
            community => &poster.phones.community,
            grid_worker => &poster.phones.grid_worker,
            property => &poster.phones.property,
            gas => &poster.phones.gas,
        },
        matters => poster.matters.join("、"),
        promise => &poster.promise,
        version => poster.version,
        printed_on => poster.printed_on.format("%Y-%m-%d").to_string(),
        demo => poster.demo,
    })
}

/// A template's fault, or a text that does not fit, as one sentence with file and line.
fn fault(err: minijinja::Error) -> Error {
    let file = err.name().unwrap_or("海报模板").to_owned();
    let line = err.line().map(|line| format!("第 {line} 行")).unwrap_or_default();
    let what = match (err.kind(), err.detail()) {
        (ErrorKind::OutOfFuel, _) => "步骤太多，可能有停不下来的循环".to_owned(),
        (ErrorKind::UndefinedError, _) => "用了不存在的内容，可用的名称见模板文件夹里的 README.md".to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    };
    Error::invalid("template", format!("海报模板 {file} {line}：{what}"))
}

/// The longest that a template must bear.
fn sample_full() -> Poster {
    Poster {
        community: "天宫院街道天宫院中里社区".into(),
        place: "天宫院中里北区 28号院甲3号楼2单元".into(),
        url: "https://lm.example.cn/c/ABCDEFGHJK".into(),
        code: super::Code::parse("ABCDEFGHJK").unwrap_or_else(|_| super::Code::random()),
        phones: super::Phones {
            community: "010-6120 0000".into(),
            grid_worker: Some("138 0000 0000".into()),
            property: Some("010-6120 0001".into()),
            gas: Some("96777".into()),
        },
        matters: Poster::MATTERS.map(str::to_owned).to_vec(),
        promise: Some("24 小时内给您回电话，7 天内答复办理结果".into()),
        version: 12,
        printed_on: chrono::NaiveDate::default(),
        demo: true,
    }
}

/// The least that a community fills in.
fn sample_bare() -> Poster {
    Poster {
        community: "中里社区".into(),
        place: "3号楼".into(),
        phones: super::Phones { community: "61200000".into(), ..Default::default() },
        promise: None,
        demo: false,
        ..sample_full()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::poster;
    use super::*;

    /// The fault of an A5 template in a folder of its own.
    fn refusal(change: impl Fn(&str) -> String) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a5.svg"), change(built_in(PosterSize::A5))).unwrap();
        match Posters::new(Some(folder.path())) {
            Ok(_) => panic!("the template was taken"),
            Err(err) => err.to_string(),
        }
    }

    #[test]
    fn the_built_in_templates_pass_what_is_asked_of_others() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("qr_templates");
        Posters::new(Some(&folder)).unwrap();
    }

    #[test]
    fn a_communitys_own_template_takes_the_place_of_the_built_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let own = built_in(PosterSize::A5).replace("您扫我办", "您说我办");
        std::fs::write(folder.path().join("a5.svg"), own).unwrap();
        let posters = Posters::new(Some(folder.path())).unwrap();
        assert!(posters.fill(&poster(), PosterSize::A5).unwrap().0.contains("您说我办"));
        assert!(posters.fill(&poster(), PosterSize::A6).unwrap().0.contains("您扫我办"));
    }

    #[test]
    fn a_faulty_template_is_refused_with_its_file_and_what_to_mend() {
        fn line(line: &str) -> impl Fn(&str) -> String {
            move |svg| svg.replace("</svg>", &format!("{line}</svg>"))
        }
        let unknown = refusal(line("{% if false %}{{ telefon }}{% endif %}"));
        assert!(unknown.contains("a5.svg") && unknown.contains("telefon"), "{unknown}");
        let missing = refusal(line("{{ phones.fax.number }}"));
        assert!(missing.contains("a5.svg 第 "), "{missing}");
        let syntax = refusal(line("{% if %}"));
        assert!(syntax.contains("第 "), "{syntax}");
        let endless =
            refusal(line("{% for a in range(9999) %}{% for b in range(9999) %}.{% endfor %}{% endfor %}"));
        assert!(endless.contains("循环"), "{endless}");
        let broken = refusal(line("<g>"));
        assert!(broken.contains("不是有效的 SVG"), "{broken}");
        let long = refusal(line("{{ (\"楼\"*300)|fit(width=10, size=10) }}"));
        assert!(long.contains("放不下") || long.contains("第 "), "{long}");
    }

    #[test]
    fn a_template_that_harms_the_code_is_refused() {
        let no_code = refusal(|svg| svg.replace("id=\"qr\"", "id=\"other\""));
        assert!(no_code.contains("没有二维码"), "{no_code}");
        let small = refusal(|svg| svg.replace("scale({{ qr.module }})", "scale(1)"));
        assert!(small.contains("1.1 毫米"), "{small}");
        let pale = refusal(|svg| {
            svg.replace("d=\"{{ qr.path }}\" fill=\"#000\"", "d=\"{{ qr.path }}\" fill=\"#fff\"")
        });
        assert!(pale.contains("扫不出来"), "{pale}");
        let stained =
            refusal(|svg| svg.replace("</svg>", "<rect y=\"50\" width=\"148\" height=\"1\"/></svg>"));
        assert!(stained.contains("留白"), "{stained}");
        let covered = refusal(|svg| {
            svg.replace("</svg>", "<rect x=\"50\" y=\"70\" width=\"40\" height=\"40\"/></svg>")
        });
        assert!(covered.contains("扫不出来"), "{covered}");
        let text =
            refusal(|svg| svg.replace("</svg>", "<text x=\"60\" y=\"90\" font-size=\"5\">好</text></svg>"));
        assert!(text.contains("“好”压住了"), "{text}");
        let off =
            refusal(|svg| svg.replace("</svg>", "<text x=\"140\" y=\"90\" font-size=\"15\">好</text></svg>"));
        assert!(off.contains("超出了页面"), "{off}");
        let page = refusal(|svg| svg.replace("width=\"148mm\"", "width=\"100mm\""));
        assert!(page.contains("148 × 210"), "{page}");
    }

    #[test]
    fn words_cannot_become_marks() {
        let posters = Posters::new(None).unwrap();
        let sly = Poster { community: "<script>&\"{{ 7 }}".into(), ..poster() };
        let (svg, _) = posters.fill(&sly, PosterSize::A5).unwrap();
        assert!(svg.contains("&lt;script&gt;&amp;") && !svg.contains("<script>"), "escaped");
        assert!(svg.contains("{{ 7 }}"), "shown as typed");
    }

    #[test]
    fn a_sticker_refuses_an_address_that_makes_its_code_too_fine() {
        let url = format!("https://{}.cn/c/ABCDEFGHJK", "a".repeat(32));
        let long = Poster { url, ..poster() };
        let posters = Posters::new(None).unwrap();
        assert!(posters.svg(&long, PosterSize::A6).is_ok());
        let refusal = posters.svg(&long, PosterSize::Sticker).unwrap_err().to_string();
        assert!(refusal.contains("更短的域名"), "{refusal}");
    }

    #[test]
    fn every_poster_says_what_it_must() {
        let posters = Posters::new(None).unwrap();
        for size in PosterSize::ALL.iter().copied() {
            let (svg, _) = posters.fill(&Poster { demo: true, ..poster() }, size).unwrap();
            // Narrow sizes print phones without spaces.
            let svg = svg.replace(' ', "");
            for words in [
                "天宫院中里社区",
                "一楼一码 · 您扫我办",
                "本码仅限：",
                "3号楼2单元",
                "微信扫一扫，反映身边事",
                "扫码",
                "说事拍照",
                "查进度",
                "楼道灯",
                "24 小时内回电",
                "010-6120 0000",
                "139 0000 0000",
                "火警119",
                "匪警110",
                "急救120",
                "燃气96777",
                "12345",
                "lm.example.cn",
                "ABCDE-FGHJK",
                "第 1 版",
                "2026-01-15",
                "演示数据",
            ] {
                assert!(svg.contains(&words.replace(' ', "")), "{size}: {words}");
            }
            let bare = Poster {
                phones: super::super::Phones { community: "1".into(), ..Default::default() },
                promise: None,
                ..poster()
            };
            let (svg, _) = posters.fill(&bare, size).unwrap();
            for words in ["网格员", "物业", "燃气", "承诺", "演示数据", "none"] {
                assert!(!svg.contains(words), "{size}: {words}");
            }
        }
    }
}

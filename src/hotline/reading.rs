//! Reading the hotline's tables: which column means what, and what of a row is kept.
//!
//! The names of columns are those seen in practice, in any order, in the first twenty rows (domain §8). Columns of the
//! caller are never kept, and words are masked before they are stored. Pure: no database.

use chrono::Datelike;
use sha2::{Digest, Sha256};

use super::Nature;
use crate::clock::at_local;
use crate::db::Time;
use crate::error::Result;
use crate::keys::hex;
use crate::mask;
use crate::tables::{Column, Reason, Reject, Rejects, Row, Table};
use crate::tickets::Satisfaction;

const fn column(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases, required: false }
}

const COLUMNS: &[Column] = &[
    Column {
        name: "工单编号",
        aliases: &["工单号", "工单编码", "诉求编号", "受理编号", "编号"],
        required: true,
    },
    Column {
        name: "来电时间",
        aliases: &["受理时间", "创建时间", "登记时间", "来话时间", "反映时间", "工单时间"],
        required: true,
    },
    column("主办单位", &["承办单位", "办理单位", "责任单位", "二级承办单位简称", "二级承办单位", "处置单位"]),
    column("村/社区", &["村社区", "所在村社区", "所属社区", "所在社区", "社区", "村居"]),
    column("小区点位", &["问题点位", "点位", "详细地址", "发生地点", "地址", "小区"]),
    column("小区", &["小区名称", "所在小区"]),
    column("问题分类", &["诉求分类", "事项分类", "工单分类", "分类"]),
    column("一级分类", &["问题一级分类", "诉求一级分类", "一级问题分类", "一级事项", "一级"]),
    column("二级分类", &["问题二级分类", "诉求二级分类", "二级问题分类", "二级事项", "二级"]),
    column("三级分类", &["问题三级分类", "诉求三级分类", "三级问题分类", "三级事项", "三级"]),
    column("主要内容", &["诉求内容", "工单内容", "反映内容", "来电内容", "问题描述", "内容"]),
    column("办结时间", &["办理完成时间", "完成时间", "结案时间"]),
    column("是否解决", &["解决情况", "解决结果"]),
    column("是否满意", &["满意度", "评价结果", "满意情况"]),
    column("工单类型", &["性质", "工单性质", "诉求性质", "诉求类型", "来电类型"]),
    column("标签", &["工单标签", "标签名称"]),
];

/// What the title of a column about the caller holds.
const PERSONAL: &[&str] = &[
    "来电人",
    "诉求人",
    "反映人",
    "投诉人",
    "联系人",
    "姓名",
    "电话",
    "手机",
    "号码",
    "联系方式",
    "身份证",
    "证件",
    "性别",
    "年龄",
    "微信",
    "邮箱",
    "住址",
];
/// Longer words than this of a row are cut: they serve to find the same matter here, nothing else.
const CONTENT: usize = 300;
const SHORT: usize = 100;
/// Calls before this are slips of the pen: no town had a hotline yet.
const FIRST_YEAR: i32 = 1983;

/// A ticket of the hotline, as the table tells it.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct NewRow {
    /// The number in the margin of the table.
    pub line: u32,
    pub number: String,
    pub received_at: Time,
    pub closed_at: Option<Time>,
    pub place: String,
    /// `一级->二级->三级`.
    pub matter: String,
    pub party: String,
    pub nature: Option<Nature>,
    /// Masked.
    pub content: String,
    pub solved: Option<bool>,
    pub satisfied: Option<Satisfaction>,
    pub tags: String,
}

impl NewRow {
    /// The same for the same ticket with the same particulars, wherever it stands in the table.
    pub fn digest(&self) -> String {
        let word = |text: &str| text.replace('\u{1f}', " ");
        let parts = [
            self.received_at.0.timestamp_micros().to_string(),
            self.closed_at.map(|at| at.0.timestamp_micros().to_string()).unwrap_or_default(),
            word(&self.place),
            word(&self.matter),
            word(&self.party),
            self.nature.map(|nature| nature.word().to_owned()).unwrap_or_default(),
            word(&self.content),
            self.solved.map(|solved| solved.to_string()).unwrap_or_default(),
            self.satisfied.map(|satisfied| satisfied.word().to_owned()).unwrap_or_default(),
            word(&self.tags),
        ];
        hex(&Sha256::digest(parts.join("\u{1f}").as_bytes())[..16])
    }
}

/// What a table holds.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// Those that can be taken, in the order of the table; each number once.
    pub rows: Vec<NewRow>,
    /// Those that cannot, with the reason.
    pub rejects: Vec<Reject>,
    /// Titles of columns about the caller: they are not kept.
    pub personal: Vec<String>,
    /// Titles of columns that nobody asked for.
    pub ignored: Vec<String>,
}

/// Reads a workbook or delimited text for the community of this name; `now` ends what can have happened. A file that is no
/// such table is Invalid, field `file`; a row that cannot be taken is listed with its reason and the others stand.
/// Slow for large files: not for a thread that answers requests.
pub fn read(bytes: &[u8], file_name: &str, community: &str, now: Time) -> Result<Read> {
    let table = Table::read(bytes, file_name)?;
    let headed = table.columns(COLUMNS)?;
    let (personal, ignored) = headed.unasked().into_iter().partition(|title| is_personal(title));
    let (mut rows, mut rejects) = (Vec::new(), Rejects::new());
    let mut seen = std::collections::HashMap::<String, u32>::new();
    for line in headed.rows() {
        let Some(row) = rejects.keep(line.number(), read_row(&line, community, now)) else { continue };
        match seen.get(&row.number) {
            Some(first) => {
                rejects.add(row.line, format!("和第 {first} 行是同一个工单编号，只按第 {first} 行计一件"));
            }
            None => {
                seen.insert(row.number.clone(), row.line);
                rows.push(row);
            }
        }
    }
    Ok(Read { rows, rejects: rejects.list().to_vec(), personal, ignored })
}

fn is_personal(title: &str) -> bool {
    PERSONAL.iter().any(|word| title.contains(word))
}

fn read_row(line: &Row, community: &str, now: Time) -> std::result::Result<NewRow, Reason> {
    let number: String = line.required_text("工单编号")?.split_whitespace().collect();
    if number.chars().count() > 64 {
        return Err(Reason::new("「工单编号」最多 64 个字"));
    }
    let received = line.date("来电时间")?.ok_or_else(|| Reason::new("「来电时间」没有填"))?;
    let received_at = at_local(received);
    if received.year() < FIRST_YEAR || received_at > now.plus_minutes(24 * 60) {
        return Err(Reason::new(format!("「来电时间」是 {}，不会是这一天", received.format("%Y-%m-%d"))));
    }
    let text = |name: &'static str| line.text(name).map(|text| tidy(&text));
    let theirs = text("村/社区")?;
    if !theirs.is_empty() && !same_community(&theirs, community) {
        return Err(Reason::new(format!("属于「{theirs}」，不是「{community}」")));
    }
    // A day of closing that cannot be read takes no ticket out of the count.
    let closed_at = line.date("办结时间").ok().flatten().map(at_local).filter(|at| *at >= received_at);
    Ok(NewRow {
        line: line.number(),
        number: number.to_uppercase(),
        received_at,
        closed_at,
        place: cut(&mask::outward(&joined(&text("小区")?, &text("小区点位")?)), SHORT),
        matter: matter(line)?,
        party: cut(&mask::text(&text("主办单位")?), SHORT),
        nature: nature(&text("工单类型")?),
        content: mask::outward(&cut(&text("主要内容")?, CONTENT)),
        solved: solved(&text("是否解决")?),
        satisfied: satisfied(&text("是否满意")?),
        tags: cut(&mask::outward(&text("标签")?), SHORT),
    })
}

/// Single spaces, half-width letters and digits.
fn tidy(text: &str) -> String {
    let narrow = |sign: char| match sign {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' | '＃' => {
            char::from_u32(sign as u32 - 0xFEE0).unwrap_or(sign)
        }
        sign => sign,
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().map(narrow).collect()
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// The compound and the spot in it, where the table has both and the spot does not say the compound itself.
fn joined(compound: &str, spot: &str) -> String {
    match (compound, spot) {
        ("", spot) => spot.to_owned(),
        (compound, "") => compound.to_owned(),
        (compound, spot) if spot.contains(compound) => spot.to_owned(),
        (compound, spot) => format!("{compound} {spot}"),
    }
}

/// Whether the table's name for a community means this one: 「天宫院街道天宫院中里社区」.
fn same_community(theirs: &str, ours: &str) -> bool {
    const ENDS: [&str; 4] = ["社区居委会", "居委会", "社区", "村"];
    let bare = |name: &str| {
        let name: String = name.split_whitespace().collect();
        let cut = ENDS.iter().find_map(|end| name.strip_suffix(end));
        cut.unwrap_or(&name).to_owned()
    };
    let (theirs, ours) = (bare(theirs), bare(ours));
    !ours.is_empty()
        && (theirs == ours
            || theirs.ends_with(&format!("街道{ours}"))
            || theirs.ends_with(&format!("镇{ours}")))
}

fn matter(line: &Row) -> std::result::Result<String, Reason> {
    let whole = tidy(&line.text("问题分类")?);
    let levels = if whole.is_empty() {
        let mut levels = Vec::new();
        for name in ["一级分类", "二级分类", "三级分类"] {
            levels.push(tidy(&line.text(name)?));
        }
        levels
    } else {
        split(&whole)
    };
    let levels: Vec<String> = levels.into_iter().filter(|level| !level.is_empty()).collect();
    Ok(cut(&levels.join("->"), SHORT))
}

/// The levels of a category in one cell: `一级->二级->三级`, also with `→`, `>`, `＞`, `/`, `|`.
fn split(whole: &str) -> Vec<String> {
    let marks = ["-->", "->", "—>", "→", "＞", ">", "｜", "|", "／", "/", "\\"];
    let mark = marks.iter().find(|mark| whole.contains(*mark));
    match mark {
        Some(mark) => whole.split(mark).map(|level| level.trim().to_owned()).collect(),
        None => vec![whole.to_owned()],
    }
}

fn nature(text: &str) -> Option<Nature> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match () {
        () if has(&["咨询"]) => Some(Nature::Inquiry),
        () if has(&["诉求", "求助", "投诉", "举报", "建议", "意见"]) => Some(Nature::Demand),
        () if has(&["表扬", "感谢", "其他"]) => Some(Nature::Other),
        () => None,
    }
}

fn solved(text: &str) -> Option<bool> {
    match text {
        "是" | "已解决" | "解决" | "1" | "Y" => Some(true),
        "否" | "未解决" | "没有解决" | "不解决" | "0" | "N" => Some(false),
        _ => None,
    }
}

fn satisfied(text: &str) -> Option<Satisfaction> {
    match text {
        "是" | "满意" | "非常满意" | "很满意" => Some(Satisfaction::Satisfied),
        "基本满意" => Some(Satisfaction::Mostly),
        "否" | "不满意" | "非常不满意" => Some(Satisfaction::Unsatisfied),
        _ => None,
    }
}

//! What will happen in the demonstration, drawn before it is lived: who reports what, where and when.
//!
//! Most lives are ordinary. Some tell what the product does beyond that ([`Tale`]): each kind several times in the past,
//! spread evenly, and some just now, so that every list holds something.

use chrono::{Datelike, Days};
use rand::RngExt;
use rand::rngs::StdRng;

use super::TICKETS_IN_TEN_DAYS;
use super::community::World;
use crate::clock::midnight;
use crate::db::{Time, now};
use crate::error::{Error, Result};
use crate::routing::Category;
use crate::tickets::Channel;

/// The life of one ticket, drawn before it is lived.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) at: Time,
    pub(super) door: usize,
    pub(super) category: Category,
    pub(super) text: String,
    pub(super) channel: Channel,
    pub(super) phone: String,
    pub(super) photos: bool,
    pub(super) dice: [f64; 12],
    pub(super) tale: Tale,
}

/// What a life tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tale {
    /// Reported, handled, answered, in one way or another.
    Ordinary,
    /// Done at once, so that what comes again at its place comes again.
    Prompt,
    /// 挂账: asked for and not decided yet, standing, or taken off again.
    OnAccount(Account),
    /// 延期: asked for, granted or refused.
    MoreTime(Answer),
    /// 退回 twice: decided by the community lead, or waiting for that.
    Bounced(Decided),
    /// 转派, before or after somebody took it.
    HandedOn,
    /// 协办.
    Helped,
    /// 重办 twice.
    TwiceAgain,
    /// 督办 by the community lead.
    Urged,
    /// 督办 by the street, 催单 by the resident.
    Pressed,
    /// 拆分.
    Split,
    /// 转出.
    PassedOn,
    /// An outside link, up to this point.
    Outside(Reach),
    /// Colleagues are reminded, and follow.
    Reminded,
    /// 停水, told by three.
    Outage(Course),
    /// The same person reports the same again.
    Twin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    Asked,
    Standing,
    TakenOff,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Waiting,
    Granted,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decided {
    NotYet,
    ByLead,
}

/// How far an outside link came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    Sent,
    Taken,
    Asked,
    Answered,
    Reported,
    Checked,
}

/// How far an incident came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Course {
    Proposed,
    Confirmed,
    Closed,
}

/// A kind of tale: how often in the past, and how many minutes before the present it begins otherwise.
struct Strand {
    tale: Tale,
    /// A level-2 category and its words.
    matter: (&'static str, &'static str),
    past: usize,
    recent: &'static [i64],
}

const DAY: i64 = 1440;

#[rustfmt::skip]
fn strands() -> Vec<Strand> {
    use Tale::*;
    let strand = |tale, matter, past, recent| Strand { tale, matter, past, recent };
    vec![
        strand(OnAccount(Account::TakenOff), ("0103", "顶层屋顶漏雨，修过两次还漏，想整体翻修"), 7, &[]),
        strand(OnAccount(Account::Standing), ("0103", "外墙渗水，屋里墙皮大片发霉，要整面做防水"), 0, &[35 * DAY, 130 * DAY]),
        strand(OnAccount(Account::Standing), ("0602", "晚上没有车位，希望把楼后空地划成车位"), 0, &[64 * DAY]),
        strand(OnAccount(Account::Asked), ("0203", "老人上下楼困难，想加装电梯，楼里意见不一致"), 0, &[3 * DAY]),
        strand(MoreTime(Answer::Granted), ("0106", "楼前路面坑洼，下雨积水，轮椅过不去"), 8, &[9 * DAY]),
        strand(MoreTime(Answer::Refused), ("0703", "楼道堆着旧家具，多次说都没有搬"), 4, &[]),
        strand(MoreTime(Answer::Waiting), ("0702", "充电桩坏了一排，说要换主板，等了好几天"), 0, &[6 * DAY, 7 * DAY]),
        strand(Bounced(Decided::ByLead), ("0805", "单元门口墙上刚刷过，又贴满小广告"), 6, &[]),
        strand(Bounced(Decided::NotYet), ("0903", "楼侧绿地被围起来种菜，还堆肥"), 0, &[2 * DAY]),
        strand(HandedOn, ("0605", "共享单车堵住单元门，推不开"), 8, &[]),
        strand(Helped, ("1004", "小区东门外每天傍晚占道摆摊，垃圾留在门口"), 10, &[600, 900]),
        strand(TwiceAgain, ("0102", "单元门闭门器坏了，关门声音大，夜里吵醒人"), 5, &[5 * DAY]),
        strand(Urged, ("0802", "垃圾桶三天没有清运，污水流到路上"), 5, &[700]),
        strand(Pressed, ("0101", "四层楼道灯不亮，报了还没有人来"), 8, &[2 * DAY, 1500]),
        strand(Split, ("0801", "楼道没人打扫，另外五层的扶手也松了"), 6, &[1000]),
        strand(PassedOn, ("1003", "对门长期短租，每天换人，担心安全"), 6, &[]),
        strand(Outside(Reach::Sent), ("0501", "一单元夜里跳闸，推上去又跳"), 0, &[150]),
        strand(Outside(Reach::Taken), ("0507", "架空的通信线断了一根，垂到人行道上"), 0, &[2 * DAY]),
        strand(Outside(Reach::Asked), ("0504", "燃气表不走字，灶打不着火"), 0, &[500]),
        strand(Outside(Reach::Answered), ("0505", "暖气只有十四度，邻居家都热"), 0, &[800]),
        strand(Outside(Reach::Reported), ("0403", "楼前污水井往外冒，味道大"), 0, &[420, 1300]),
        strand(Outside(Reach::Checked), ("0501", "整个单元没有电，别的单元正常"), 9, &[]),
        strand(Reminded, ("1201", "独居老人两天没有下楼，邻居不放心"), 8, &[300, 720, DAY]),
        strand(Outage(Course::Closed), ("0401", "早上起来没有水，也没有看到通知"), 4, &[]),
        strand(Outage(Course::Confirmed), ("0401", "家里突然停水，做饭做到一半"), 0, &[260]),
        strand(Outage(Course::Proposed), ("0501", "刚才停电了，电梯也不走"), 0, &[75]),
        strand(Twin, ("0704", "一层消火栓箱的玻璃碎了，水带也不见了"), 14, &[200]),
    ]
}

/// What comes again and again: where, and what.
const CHRONIC: &[(usize, &str, &str)] = &[
    (4, "0403", "地漏又往上返水，和上次一样"),
    (17, "0101", "楼道灯修好没几天又不亮了"),
    (31, "0102", "单元门锁又坏了，门一推就开"),
];
/// Days before the present at which it came.
const AGAIN: &[i64] = &[310, 262, 205, 151, 96, 44];

/// The days that are drawn apart.
const LATELY: i64 = 20;
/// Of a hundred reports, how many come in each hour of the day.
const HOURS: [u32; 24] = [1, 0, 0, 0, 0, 1, 3, 7, 8, 8, 7, 6, 5, 4, 5, 5, 6, 6, 8, 8, 6, 4, 1, 1];

/// Draws all plans, in the order of their submission.
pub(super) fn plans(world: &World, categories: &[Category], rng: &mut StdRng) -> Result<Vec<Plan>> {
    let pool = Pool { world, categories, texts: texts()? };
    let days = (now().0 - world.began.0).num_days();
    let many = days * TICKETS_IN_TEN_DAYS / 10;
    let mut plans: Vec<Plan> = (0..many).map(|number| pool.ordinary(rng, number, days)).collect();
    for strand in strands() {
        let spread = (days - 120).max(1);
        let past = (0..strand.past as i64).map(|turn| {
            let part = spread / (strand.past as i64 + 1);
            (60 + part * (turn + 1)) * DAY
        });
        for back in past.chain(strand.recent.iter().copied()) {
            plans.push(pool.told(rng, back, strand.tale, strand.matter));
        }
    }
    for (door, code, text) in CHRONIC {
        for back in AGAIN {
            plans.push(Plan { door: *door, ..pool.told(rng, back * DAY, Tale::Prompt, (code, text)) });
        }
    }
    plans.retain(|plan| plan.at > world.began);
    plans.sort_by_key(|plan| plan.at);
    Ok(plans)
}

pub(super) fn texts() -> Result<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(include_str!("../../defaults/demo_reports.csv").as_bytes());
    reader.deserialize().collect::<Result<_, _>>().map_err(Error::internal)
}

/// From what plans are drawn.
struct Pool<'a> {
    world: &'a World,
    categories: &'a [Category],
    texts: Vec<(String, String)>,
}

impl Pool<'_> {
    fn ordinary(&self, rng: &mut StdRng, number: i64, days: i64) -> Plan {
        // The last days and hours are drawn apart, so that every queue holds something and no month stands out.
        let at = match number {
            _ if number % 300 == 1 => back(rng.random_range(1..180)),
            _ if number % 100 == 0 => back(rng.random_range(1..LATELY * DAY)),
            _ => self.by_day(rng, days - LATELY),
        };
        let month = at.day().month();
        let (code, text) = loop {
            let (code, text) = &self.texts[rng.random_range(0..self.texts.len())];
            // What happens every week is told more often than what happens once a year.
            if in_season(code, month) && rng.random_bool(usual(code)) {
                break (code, text);
            }
        };
        self.plan(rng, at, Tale::Ordinary, (code, text))
    }

    fn told(&self, rng: &mut StdRng, minutes: i64, tale: Tale, (code, text): (&str, &str)) -> Plan {
        let at = match minutes {
            // Long ago, at an hour at which people report.
            ..=10_080 => back(minutes),
            _ => midnight(back(minutes).day()).plus_minutes(rng.random_range(9 * 60..17 * 60)),
        };
        let mut plan = self.plan(rng, at, tale, (code, text));
        // Whoever has a tale leaves a phone.
        plan.dice[6] = 0.0;
        plan
    }

    fn plan(&self, rng: &mut StdRng, at: Time, tale: Tale, (code, text): (&str, &str)) -> Plan {
        let category = self.categories.iter().find(|each| each.code == *code).unwrap_or(&self.categories[0]);
        let channel = match rng.random_range(0..100) {
            ..62 => Channel::Scan,
            62..80 => Channel::Phone,
            80..90 => Channel::WalkIn,
            90..95 => Channel::Visit,
            _ => Channel::Patrol,
        };
        let doors = self.world.doors.len();
        // The oldest houses have more than their share.
        let old = rng.random_bool(0.12);
        Plan {
            at,
            door: rng.random_range(0..if old { doors / 5 } else { doors }),
            category: category.clone(),
            text: text.to_owned(),
            channel: if tale == Tale::Ordinary { channel } else { Channel::Scan },
            phone: format!("100{:08}", rng.random_range(0..99_999_999)),
            photos: rng.random_range(0..25) == 0,
            dice: std::array::from_fn(|_| rng.random()),
            tale,
        }
    }

    fn by_day(&self, rng: &mut StdRng, days: i64) -> Time {
        let day = self.world.began.day() + Days::new(rng.random_range(0..days.max(1)) as u64);
        let mut left = rng.random_range(0..HOURS.iter().sum());
        let hour = HOURS.iter().position(|share| {
            let here = left < *share;
            left = left.saturating_sub(*share);
            here
        });
        midnight(day).plus_minutes(hour.unwrap_or(9) as i64 * 60 + rng.random_range(0..60))
    }
}

fn back(minutes: i64) -> Time {
    Time(now().0 - chrono::TimeDelta::minutes(minutes))
}

/// Whether such a thing happens in that month.
fn in_season(code: &str, month: u32) -> bool {
    match code {
        "0505" | "0506" => matches!(month, 11 | 12 | 1..=3),
        "0807" => matches!(month, 12 | 1 | 2),
        "0404" => matches!(month, 6..=9),
        "0806" => matches!(month, 5..=10),
        _ => true,
    }
}

/// How usual such a thing is.
fn usual(code: &str) -> f64 {
    match code {
        "0101" | "0102" | "0701" | "0703" | "0801" | "0802" | "1206" => 1.0,
        "0602" | "0605" | "0702" | "0805" | "1101" | "1105" | "0305" => 0.7,
        "0104" | "0107" | "0201" | "0402" | "0502" | "0503" | "0902" | "1106" => 0.15,
        _ => 0.35,
    }
}

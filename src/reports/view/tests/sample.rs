//! Pages of residents as they may be filled, also with what nobody should write.

use super::*;

/// What a page must never let through as markup.
const EVIL: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

fn shell(title: &str) -> Shell {
    Shell {
        title: title.into(),
        community: "天宫院中里社区".into(),
        demo: true,
        here: "/q/7KQ4MZT9WX".into(),
        phones: vec![
            Contact { label: "社区".into(), number: "010-6123 4567".into() },
            Contact { label: "物业".into(), number: "010-61234568".into() },
        ],
        icp: "京ICP备00000000号".into(),
        police: "京公网安备00000000000000号".into(),
        ..Shell::default()
    }
}

fn tiles() -> Vec<Tile> {
    [
        ("01", "房子和公共设施", "楼道灯、单元门、漏雨", "有东西要掉下来：请远离下方并绕行"),
        ("02", "电梯", "停运、困人", "困人：请先按轿厢内应急按钮，或拨打 119"),
        ("03", "物业服务", "保安、收费、态度", ""),
        ("04", "水", "停水、跑水、下水堵", "跑水：请先关闭户内总阀"),
        ("05", "电、燃气、暖气、网络", "停电、不热、断网", "闻到燃气味：开窗离开，到室外打电话"),
        ("06", "停车和出行", "堵车、乱停、占通道", ""),
        ("07", "消防和电动车", "飞线充电、楼道堆物", ""),
        ("08", "环境卫生", "垃圾、异味、小广告", ""),
        ("09", "绿化和公共空间", "修树、占地种菜", ""),
        ("10", "违建和装修", "私搭乱建、拆墙", ""),
        ("11", "邻里和治安", "噪声、养狗、高空抛物", ""),
        ("12", "民生服务", "养老、证明、办事", ""),
    ]
    .map(|(code, label, hint, danger)| Tile {
        code: code.into(),
        label: label.into(),
        hint: hint.into(),
        danger: danger.into(),
        planned: String::new(),
        checked: false,
    })
    .into()
}

pub(super) fn form() -> FormPage {
    FormPage {
        shell: shell("反映问题 · 天宫院中里 3号楼2单元"),
        action: "/q/7KQ4MZT9WX".into(),
        place: "天宫院中里 3号楼2单元".into(),
        tiles: tiles(),
        text_limit: 500,
        notice: Notice {
            collected: vec!["您写的文字：派人去办。".into(), EVIL.into()],
            recipients: vec!["社区工作人员".into()],
            url: "/notice/TGY/2025-06-01".into(),
            version: "2025-06-01".into(),
            short: "天宫院中里社区居委会收集这些内容，只用来办您反映的事和回访，办结 12 个月后删除联系方式。".into(),
            full: "谁收集：天宫院中里社区居委会，电话 010-61234567。\n收集什么：地点和您写的内容（必需）；照片、电话（可以不给）。\n做什么用：核实、处理、回访、按类统计。\n保存多久：联系方式在办结后 12 个月删除，举报和挂账的 24 个月。\n您的权利：在进度页上查看、更正、下载、删除，或打电话给社区。".into(),
        },
        ..FormPage::default()
    }
}

fn problem(field: &str, message: &str) -> FieldProblem {
    FieldProblem { field: field.into(), message: message.into() }
}

pub(super) fn form_again() -> FormPage {
    let mut page = form();
    page.tiles[3].checked = true;
    page.text = format!("{}\n{EVIL}", "二楼楼道灯不亮，晚上看不清台阶。".repeat(12));
    page.phone = "1380013".into();
    page.share_phone = true;
    page.idempotency_key = "0123456789abcdef0123456789abcdef".into();
    page.place_note = "此码已更换，门口有新码；这次仍然可以在这里反映。".into();
    page.kept = vec![
        KeptPhoto { key: "a1".into(), url: "/static/x/icon.svg".into(), removed: false },
        KeptPhoto { key: "a2".into(), url: "/static/x/icon.svg".into(), removed: true },
    ];
    page.errors = vec![
        problem("category", "请选一类，选不准就选最像的"),
        problem("phone", "电话少了几位，请检查；不想留可以清空"),
    ];
    page
}

fn steps(now: usize) -> Vec<Step> {
    ["已提交", "已受理", "处理中", "已办结"]
        .iter()
        .enumerate()
        .map(|(at, label)| Step {
            label: (*label).into(),
            time: if at <= now { format!("6月{}日 09:3{at}", at + 1) } else { String::new() },
            progress: match at.cmp(&now) {
                std::cmp::Ordering::Less => Progress::Done,
                std::cmp::Ordering::Equal => Progress::Now,
                std::cmp::Ordering::Greater => Progress::Ahead,
            },
            note: if at == now { "网格员王师傅已接单".into() } else { String::new() },
        })
        .collect()
}

pub(super) fn ticket() -> TicketPage {
    TicketPage {
        shell: shell("TG2506010012X 的进度"),
        path: "/t/tg-AAAAAAAAAAAAAAAAAAAAAA".into(),
        number: "TG2506010012X".into(),
        query_code: "7KQ4 MZT9".into(),
        headline: "已提交，等社区受理".into(),
        held_by: "天宫院中里社区居委会".into(),
        until: "最晚 6月2日 09:30 前联系您".into(),
        promise: "您没有留电话，进度请看这个页面。".into(),
        steps: steps(0),
        can_write: true,
        can_withdraw: true,
        place: "天宫院中里 3号楼2单元".into(),
        matter: "房子和公共设施".into(),
        text: "二楼楼道灯不亮，晚上看不清台阶。\n已经三天了。".into(),
        form_key: "0123456789abcdef0123456789abcdef".into(),
        ..TicketPage::default()
    }
}

fn ticket_received() -> TicketPage {
    TicketPage { received: true, ..ticket() }
}

fn photo() -> Photo {
    Photo { url: "/p/1".into(), thumb: "/p/1/small".into() }
}

pub(super) fn ticket_closed() -> TicketPage {
    let grades = ["满意", "基本满意", "不满意"].map(|label| Choice {
        word: label.into(),
        label: label.into(),
        checked: label == "不满意",
    });
    TicketPage {
        headline: "已办结，请您评价".into(),
        held_by: String::new(),
        until: String::new(),
        promise: String::new(),
        steps: steps(3),
        result: format!("已更换二楼声控灯，并检查了整个单元。{EVIL}"),
        photos: vec![photo(), photo()],
        repaired: vec![photo()],
        questions: Some(Questions { grades: grades.into(), comment: EVIL.into(), ..Questions::default() }),
        rework: Some(Rework {
            rule: "6月18日以前都可以要求再办一次。".into(), reason: EVIL.into()
        }),
        messages: vec![
            Message {
                photos: Vec::new(),
                who: "社区工作人员".into(),
                time: "6月2日 10:12".into(),
                text: EVIL.into(),
                mine: false,
                chinese: true,
            },
            Message {
                photos: Vec::new(),
                who: String::new(),
                time: "6月2日 11:00".into(),
                text: "好的，谢谢".into(),
                mine: true,
                chinese: false,
            },
        ],
        can_withdraw: false,
        errors: vec![problem("rework_reason", "请写一下哪里没有办好"), problem("message", "消息太长了")],
        draft: EVIL.into(),
        ..ticket()
    }
}

pub(super) fn ticket_refused() -> TicketPage {
    let mut page = ticket();
    page.headline = "不予受理".into();
    page.held_by.clear();
    page.until.clear();
    page.steps[0].progress = Progress::Done;
    page.steps[1..].iter_mut().for_each(|step| step.progress = Progress::Never);
    page.ending = Some(Ending {
        title: "为什么不予受理".into(),
        reason: format!("这件事正在法院审理，社区不能处理。{EVIL}"),
        next: "有疑问请打社区电话。".into(),
    });
    page.can_withdraw = false;
    page.can_write = false;
    page.answered = vec!["联系过".into(), "没解决".into()];
    page
}

fn gone(kind: Gone) -> GonePage {
    let way_on_url = if kind == Gone::ReplacedCode { "/q/7KQ4MZT9WX".into() } else { String::new() };
    GonePage {
        shell: shell(&Shell::default().t(kind.title()).to_string()),
        kind,
        place: "天宫院中里 3号楼2单元".into(),
        way_on_url,
    }
}

fn slip() -> SlipPage {
    SlipPage {
        shell: shell("回执单 TG2506010012X"),
        slip: Slip {
            number: "TG2506010012X".into(),
            query_code: "7KQ4 MZT9".into(),
            place: "天宫院中里 3号楼2单元".into(),
            matter: "房子和公共设施 · 楼道灯不亮".into(),
            text: "二楼楼道灯不亮，老人上下楼不方便。".into(),
            came: "来访，2025年6月1日 09:00".into(),
            held_by: "天宫院中里社区居委会".into(),
            until: "6月2日 09:30 前打电话给您".into(),
            taken_by: "李敏".into(),
            taken_at: "2025年6月1日 09:30".into(),
            lookup_address: "louma.example.cn/t".into(),
        },
        back_url: "/console/tickets".into(),
    }
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let mut empty = form();
    empty.shell = Shell { title: "反映问题".into(), ..Shell::default() };
    let mut large = form();
    large.shell.look.print = crate::words::Print::Large;
    let lookup = LookupPage {
        state_error: String::new(),
        shell: shell("查进度"),
        number: EVIL.into(),
        query_code: "7KQ4".into(),
        error: "单号和查询码对不上，请照着回执再输一次；还是不行请打电话问社区。".into(),
    };
    let error = ErrorPage {
        shell: shell("系统出了问题"),
        status: 500,
        headline: "系统出了问题".into(),
        sentence: "您的内容没有丢失，请稍后再试；着急的话请打电话。".into(),
        way_on_url: "/q/7KQ4MZT9WX".into(),
        way_on_label: "再试一次".into(),
        arrived: false,
        trace: "a1b2c3".into(),
    };
    vec![
        ("form", form().render().unwrap()),
        ("form-again", form_again().render().unwrap()),
        ("form-empty", empty.render().unwrap()),
        ("form-large", large.render().unwrap()),
        ("ticket", ticket().render().unwrap()),
        ("ticket-received", ticket_received().render().unwrap()),
        ("ticket-closed", ticket_closed().render().unwrap()),
        ("ticket-refused", ticket_refused().render().unwrap()),
        ("lookup", lookup.render().unwrap()),
        ("gone-unknown", gone(Gone::UnknownCode).render().unwrap()),
        ("gone-replaced", gone(Gone::ReplacedCode).render().unwrap()),
        ("gone-stopped", gone(Gone::StoppedCode).render().unwrap()),
        ("gone-ticket", gone(Gone::UnknownTicket).render().unwrap()),
        ("error", error.render().unwrap()),
        ("slip", slip().render().unwrap()),
    ]
}

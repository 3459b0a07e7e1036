//! What people type about a ticket, read at the edge: once made, a note or a phone cannot be invalid.

use crate::error::{Error, Result};

/// Words of a person that must not be empty, trimmed, at most 2,000 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// Reads a note from `field`; `ask` says what to write when it is empty.
    pub fn parse(field: &'static str, text: &str, ask: &'static str) -> Result<Note> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(Error::invalid(field, ask)),
            1..=2000 => Ok(Note(text.to_owned())),
            long => Err(Error::invalid(field, format!("最多 2000 字，现在是 {long} 字，请删短一些"))),
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A phone number, digits only, as people in China dial it.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Reads a phone from a field that may be empty: a mobile number (11 digits beginning with 1) or a
    /// landline (7 to 12 digits).
    pub fn parse(field: &'static str, text: &str) -> Result<Option<Phone>> {
        let half = text.chars().map(|sign| match sign {
            '０'..='９' => char::from_u32(sign as u32 - '０' as u32 + '0' as u32).unwrap_or(sign),
            sign => sign,
        });
        let kept = half
            .filter(|sign| !sign.is_whitespace() && !matches!(sign, '-' | '－' | '(' | ')' | '（' | '）'));
        let text: String = kept.collect();
        let digits = text.strip_prefix("+86").unwrap_or(&text);
        let length = digits.len();
        if digits.is_empty() {
            return Ok(None);
        }
        let mobile = length == 11 && digits.starts_with('1');
        let landline = (7..=12).contains(&length) && !digits.starts_with('1');
        if digits.bytes().all(|sign| sign.is_ascii_digit()) && (mobile || landline) {
            return Ok(Some(Phone(digits.to_owned())));
        }
        Err(Error::invalid(field, "电话号码好像不对：手机是 11 位，座机请带区号；也可以不留"))
    }

    /// The digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

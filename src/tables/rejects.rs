//! Why rows of an import were refused: every row's reason is shown before anything is imported.

use std::borrow::Cow;

use crate::error::{Error, Problem, Result};

/// How many reasons one answer lists; a page that lists more helps nobody.
const LISTED: usize = 100;

/// Why a cell or a row cannot be taken, as a sentence without its row number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(Cow<'static, str>);

impl Reason {
    /// A reason in words for the person who brought the table.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Reason {
        Reason(text.into())
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A row that was refused. A row with two faults is listed twice.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Reject {
    /// The number in the margin of the table, from 1.
    pub row: u32,
    /// What to change.
    pub reason: String,
}

impl std::fmt::Display for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "第 {} 行：{}", self.row, self.reason)
    }
}

/// All refusals of one import. While there is one, nothing is imported.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use = "an import with rejects must not go on"]
pub struct Rejects {
    list: Vec<Reject>,
}

impl Rejects {
    /// None yet.
    pub fn new() -> Rejects {
        Rejects::default()
    }

    /// Refuses a row.
    pub fn add(&mut self, row: u32, reason: impl std::fmt::Display) {
        self.list.push(Reject { row, reason: reason.to_string() });
    }

    /// The value, or nothing and the reason noted for this row.
    pub fn keep<T>(&mut self, row: u32, value: std::result::Result<T, Reason>) -> Option<T> {
        value.map_err(|reason| self.add(row, reason)).ok()
    }

    /// All refusals, in the order in which they were found.
    pub fn list(&self) -> &[Reject] {
        &self.list
    }

    /// Whether every row was fine.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Fine when no row was refused; else Invalid with a problem of the field `file` for each of the
    /// first hundred reasons and one for the rest.
    pub fn finish(self) -> Result<()> {
        if self.list.is_empty() {
            return Ok(());
        }
        let problem = |message: String| Problem { field: "file", message: message.into() };
        let mut problems: Vec<_> =
            self.list.iter().take(LISTED).map(|each| problem(each.to_string())).collect();
        if self.list.len() > LISTED {
            problems.push(problem(format!("另有 {} 处问题没有列出", self.list.len() - LISTED)));
        }
        Err(Error::Invalid(problems))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_told_with_its_row_and_the_rest_is_counted() {
        let mut rejects = Rejects::new();
        assert_eq!(rejects.keep(3, Ok(5)), Some(5));
        assert!(rejects.is_empty() && rejects.clone().finish().is_ok());
        assert_eq!(rejects.keep::<()>(12, Err(Reason::new("「件数」没有填"))), None);
        assert_eq!(rejects.clone().finish().unwrap_err().to_string(), "第 12 行：「件数」没有填");
        (0..150).for_each(|row| rejects.add(row, "重复"));
        let Err(Error::Invalid(problems)) = rejects.finish() else { panic!("refused") };
        assert_eq!(problems.len(), 101);
        assert_eq!(problems[100].message, "另有 51 处问题没有列出");
    }
}

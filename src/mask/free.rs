//! What people wrote, as a type that cannot be shown unmasked by mistake.

use std::fmt;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;

/// Words of a person as they are stored. Shown anywhere (`Display`, `Debug`, JSON) they are masked; the words themselves
/// come out by [`FreeText::unmasked`] alone.
#[derive(Clone, Default, PartialEq, Eq, AsExpression, FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = Text)]
#[schema(value_type = String)]
pub struct FreeText(String);

impl FreeText {
    /// The words as they were written: for storing, comparing, sorting and learning, and for a reveal that is logged.
    pub fn unmasked(&self) -> &str {
        &self.0
    }

    /// The words as people inside may read them.
    pub fn shown(&self) -> String {
        super::text(&self.0)
    }

    /// The words as they may leave the house: rooms are hidden too.
    pub fn outward(&self) -> String {
        super::outward(&self.0)
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether masking hides anything of it.
    pub fn hides(&self) -> bool {
        self.shown() != self.0
    }
}

impl From<String> for FreeText {
    fn from(text: String) -> FreeText {
        FreeText(text)
    }
}

impl From<&str> for FreeText {
    fn from(text: &str) -> FreeText {
        FreeText(text.to_owned())
    }
}

impl fmt::Display for FreeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown())
    }
}

impl fmt::Debug for FreeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown(), f)
    }
}

impl serde::Serialize for FreeText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

impl<DB: Backend> ToSql<Text, DB> for FreeText
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for FreeText
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(FreeText)
    }
}

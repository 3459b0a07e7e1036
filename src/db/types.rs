//! The values that the two backends store differently: identifiers and moments.
//!
//! [`Id`] is `uuid` on PostgreSQL and a 16-byte BLOB on SQLite; [`Time`] is `timestamptz` and an
//! integer of microseconds since 1970, UTC. Code above sees neither difference.

use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{self, HasSqlType, SqlType};
use diesel::sqlite::{Sqlite, SqliteValue};

use super::MultiBackend;

/// The column type of an [`Id`].
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Uid;

/// The column type of a [`Time`].
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct Ts;

impl sql_types::SqlOrd for Ts {}
impl sql_types::SqlOrd for Uid {}

/// The identifier of a row: a UUID of version 7, so that rows made later sort later.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    AsExpression,
    FromSqlRow,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[diesel(sql_type = Uid)]
#[serde(transparent)]
pub struct Id(pub uuid::Uuid);

impl Id {
    /// A new identifier.
    pub fn new() -> Id {
        Id(uuid::Uuid::now_v7())
    }

    /// The sixteen bytes, for derived secrets and associated data.
    pub fn bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl Default for Id {
    fn default() -> Id {
        Id::new()
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A moment, UTC, to the microsecond (what both backends keep).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    AsExpression,
    FromSqlRow,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[diesel(sql_type = Ts)]
#[serde(transparent)]
pub struct Time(pub DateTime<Utc>);

impl Time {
    /// This moment and `minutes` more.
    pub fn plus_minutes(self, minutes: i64) -> Time {
        Time(self.0 + chrono::TimeDelta::minutes(minutes))
    }

    /// The moment `micros` microseconds after 1970; clamped to what a date can hold.
    pub fn from_micros(micros: i64) -> Time {
        Time(DateTime::from_timestamp_micros(micros).unwrap_or_default())
    }
}

/// The present moment. Inside a transaction use `tx.now` instead, so that all of it has one time.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
pub fn now() -> Time {
    Time::from_micros(Utc::now().timestamp_micros())
}

/// 2000-01-01 in microseconds since 1970: where PostgreSQL's clock begins.
const PG_EPOCH: i64 = 946_684_800_000_000;

impl ToSql<Uid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}
impl FromSql<Uid, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Id(uuid::Uuid::from_slice(value.as_bytes())?))
    }
}
impl ToSql<Uid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(&self.0.as_bytes()[..]);
        Ok(IsNull::No)
    }
}
impl FromSql<Uid, Sqlite> for Id {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<sql_types::Binary, Sqlite>>::from_sql(value)?;
        Ok(Id(uuid::Uuid::from_slice(&bytes)?))
    }
}
impl ToSql<Ts, Pg> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(self.0.timestamp_micros() - PG_EPOCH).to_be_bytes())?;
        Ok(IsNull::No)
    }
}
impl FromSql<Ts, Pg> for Time {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?) + PG_EPOCH;
        Ok(Time(DateTime::from_timestamp_micros(micros).ok_or("a moment out of range")?))
    }
}
impl ToSql<Ts, Sqlite> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.timestamp_micros());
        Ok(IsNull::No)
    }
}
impl FromSql<Ts, Sqlite> for Time {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<sql_types::BigInt, Sqlite>>::from_sql(value)?;
        Ok(Time(DateTime::from_timestamp_micros(micros).ok_or("a moment out of range")?))
    }
}

/// Makes a column type and its value, known on each backend, usable through `Conn`.
macro_rules! on_both {
    ($column:ty, $value:ty) => {
        impl HasSqlType<$column> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                MultiBackend::lookup_sql_type::<$column>(lookup)
            }
        }
        impl ToSql<$column, MultiBackend> for $value {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((<$column>::default(), self));
                Ok(IsNull::No)
            }
        }
        impl FromSql<$column, MultiBackend> for $value {
            fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<$value, $column>()
            }
        }
    };
}
on_both!(Uid, Id);
on_both!(Ts, Time);

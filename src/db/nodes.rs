//! Query nodes for what diesel can say to each backend but not to both at once.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, QueryResult, SqliteConnection};

use super::{Conn, MultiBackend};

/// A query that compiles for PostgreSQL and for SQLite but that the joint backend cannot express
/// itself, such as `ON CONFLICT`.
pub struct Both<Q>(pub Q);

impl<Q> QueryFragment<MultiBackend> for Both<Q>
where
    Q: QueryFragment<Pg> + QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}

impl<Q: QueryId> QueryId for Both<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Both<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Conn> for Both<Q> {}

/// A query whose rows are held until the end of the transaction, leaving out those that somebody else holds. SQLite has one
/// writer, so there the query alone does the same.
pub struct SkipLocked<Q>(pub Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for SkipLocked<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" FOR UPDATE SKIP LOCKED");
        Ok(())
    }
}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for SkipLocked<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl<Q: QueryId> QueryId for SkipLocked<Q> {
    type QueryId = SkipLocked<Q::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for SkipLocked<Q> {
    type SqlType = Q::SqlType;
}

/// An insert of many rows in one statement. Both databases know it, but diesel writes it to each in its own way. A
/// statement carries at most 32,766 values on SQLite and 65,535 on PostgreSQL.
pub struct Rows<Q>(pub Q);

impl<Q: ExecuteDsl<PgConnection> + ExecuteDsl<SqliteConnection>> Rows<Q> {
    /// Inserts them all.
    pub fn execute(self, conn: &mut Conn) -> QueryResult<usize> {
        match conn {
            Conn::Postgres(conn) => ExecuteDsl::execute(self.0, conn),
            Conn::Sqlite(conn) => ExecuteDsl::execute(self.0, conn),
        }
    }
}

/// Inserts of rows that come to be together. PostgreSQL takes all of them as one statement: what others wait for is held
/// that much shorter. SQLite has no such statement and no way to the server to save: there they run one by one.
///
/// References between the rows hold, because PostgreSQL looks at them when the statement ends.
pub struct Together<T>(pub T);

impl<T> RunQueryDsl<PgConnection> for Together<T> {}

macro_rules! together {
    ($($name:ident)+; $last:ident) => {
        impl<$($name,)+ $last> Together<($($name,)+ $last)>
        where
            $($name: QueryFragment<Pg> + QueryId + ExecuteDsl<SqliteConnection>,)+
            $last: QueryFragment<Pg> + QueryId + ExecuteDsl<SqliteConnection>,
        {
            /// Runs them all.
            pub fn execute(self, conn: &mut Conn) -> QueryResult<()> {
                match conn {
                    Conn::Postgres(conn) => {
                        RunQueryDsl::execute(self, conn)?;
                    }
                    #[allow(non_snake_case, reason = "each goes by the name of its type")]
                    Conn::Sqlite(conn) => {
                        let ($($name,)+ $last) = self.0;
                        $(ExecuteDsl::execute($name, conn)?;)+
                        ExecuteDsl::execute($last, conn)?;
                    }
                }
                Ok(())
            }
        }

        #[allow(non_snake_case, reason = "each goes by the name of its type")]
        impl<$($name: QueryFragment<Pg>,)+ $last: QueryFragment<Pg>> QueryFragment<Pg> for Together<($($name,)+ $last)> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                let ($($name,)+ $last) = &self.0;
                let mut before = "WITH ";
                $(
                    out.push_sql(std::mem::replace(&mut before, ", "));
                    out.push_sql(concat!(stringify!($name), " AS ("));
                    $name.walk_ast(out.reborrow())?;
                    out.push_sql(")");
                )+
                out.push_sql(" ");
                $last.walk_ast(out)
            }
        }

        impl<$($name: QueryId,)+ $last: QueryId> QueryId for Together<($($name,)+ $last)> {
            type QueryId = Together<($($name::QueryId,)+ $last::QueryId)>;
            const HAS_STATIC_QUERY_ID: bool =
                $($name::HAS_STATIC_QUERY_ID &&)+ $last::HAS_STATIC_QUERY_ID;
        }
    };
}

together!(One; Two);
together!(One Two; Three);
together!(One Two Three; Four);

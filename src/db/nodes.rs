//! Query nodes for what diesel can say to each backend but not to both at once.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sqlite::Sqlite;

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

impl<Q> diesel::query_dsl::RunQueryDsl<Conn> for Both<Q> {}

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

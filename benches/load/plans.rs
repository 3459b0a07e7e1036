//! Which way the databases go to the rows of the pages that matter: their own accounts of it, printed.

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection};
use louma::db::now;
use louma::keys::hex;

use crate::seed::Door;

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    text: String,
}

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The conditions of each query as the product asks them, `AT` being a moment and `ID` and `HASH` bytes.
const QUERIES: [(&str, &str); 7] = [
    ("inbox, first page", "status = 'archived' order by due_at desc, id desc limit 26"),
    (
        "inbox, deep page",
        "status = 'archived' and due_at <= AT and (due_at < AT or id < ID) order by due_at desc, id desc limit 26",
    ),
    ("overdue, first page", "open_due_at < AT order by open_due_at, id limit 26"),
    ("search, a number", "number >= 'TGY2609' and number < 'TGY2609~' order by number desc limit 26"),
    (
        "search, words that stand nowhere",
        "(lower(text) like '%12345%' or place_id in (ID) or number like '%12345_' or number like '%12345') order by due_at desc, id desc limit 26",
    ),
    ("ticket page", "secret_hash = HASH"),
    ("month", "submitted_at >= AT and submitted_at < NEXT"),
];

/// Prints the plans for the community of this door.
pub(crate) fn print(url: &str, door: &Door) {
    let year_ago = now().plus_minutes(-365 * 1440);
    let (year_ago, next) = (year_ago, year_ago.plus_minutes(30 * 1440));
    let sqlite = url.strip_prefix("sqlite:");
    let quote = if sqlite.is_some() { "x'" } else { "'" };
    let at = |time: louma::db::Time| match sqlite {
        Some(_) => time.0.timestamp_micros().to_string(),
        None => format!("timestamptz '{}'", time.0.to_rfc3339()),
    };
    let community = format!("{quote}{}'", hex(door.community.id.bytes()));
    for (name, condition) in QUERIES {
        let hash = if sqlite.is_some() { "x'00ff'" } else { "'\\x00ff'::bytea" };
        let condition =
            condition.replace("AT", &at(year_ago)).replace("NEXT", &at(next)).replace("HASH", hash);
        let condition = condition.replace("ID", &community);
        let query = format!("select * from tickets where community_id = {community} and {condition}");
        println!("\n{name}:");
        for line in explain(url, &query) {
            println!("    {line}");
        }
    }
}

fn explain(url: &str, query: &str) -> Vec<String> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let mut conn = SqliteConnection::establish(path).expect("the file");
        let rows = diesel::sql_query(format!("explain query plan {query}")).load::<Detail>(&mut conn);
        return rows.expect("a plan").into_iter().map(|row| row.detail).collect();
    }
    let mut conn = PgConnection::establish(url).expect("the database");
    let rows = diesel::sql_query(format!("explain (analyze, buffers) {query}")).load::<Step>(&mut conn);
    rows.expect("a plan").into_iter().map(|row| row.text).collect()
}

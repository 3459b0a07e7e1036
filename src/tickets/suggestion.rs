//! What is suggested as level 2 of a ticket, to whoever may set it.
//!
//! A guess is made when somebody looks at a ticket that has level 1 alone, and kept after the page was answered, so that
//! a GET never waits for a write. What they then choose is kept beside it by [`super::acts::categorize`].

use actix_web::rt;

use super::Act;
use super::sheet::Sheet;
use crate::console::desk::Desk;
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::routing::suggest::{self, Source, Suggestion};
use crate::routing::{self, Kind};
use crate::web::log_fault;

/// A suggestion in words, as page and API show it.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Suggested {
    /// Four digits.
    pub category: String,
    /// `电梯 › 电梯困人`.
    pub name: String,
    /// The kind to take with it: the ticket's own where somebody said one, else that of the category.
    pub kind: Kind,
    /// In how many of a hundred such cases it is right.
    pub percent: i32,
    /// By what.
    pub made_by: Source,
}

/// The suggestion for a ticket without level 2, where the actor may set it and the guess is sure enough.
pub fn suggestion(tx: &mut Tx, community_id: Id, sheet: &Sheet) -> Result<Option<Suggested>> {
    if sheet.category.is_some() || !sheet.acts.contains(&Act::Categorize) {
        return Ok(None);
    }
    let found = match suggest::of_ticket(tx, (community_id, sheet.id))? {
        Some(kept) => Some(kept),
        None => suggest::guess(tx, &sheet.text)?,
    };
    found.map(|found| worded(tx, sheet.kind, found)).transpose()
}

fn worded(tx: &mut Tx, kind: Kind, found: Suggestion) -> Result<Suggested> {
    let category = routing::category(tx, &found.category)?;
    Ok(Suggested {
        name: format!("{} › {}", category.level1, category.level2),
        // 求助 is what a report is until somebody says otherwise.
        kind: if kind == Kind::Help { category.default_kind } else { kind },
        category: found.category,
        percent: found.percent,
        made_by: found.made_by,
    })
}

/// Keeps that it was shown, after the answer.
pub(super) fn shown(desk: &Desk, ticket: Id, suggested: &Suggested) {
    let (db, home) = (desk.db.clone(), desk.actor().community_id);
    let kept = Suggestion {
        category: suggested.category.clone(),
        percent: suggested.percent,
        made_by: suggested.made_by,
    };
    rt::spawn(async move {
        if let Err(err) = db.write(move |tx| suggest::note(tx, (home, ticket), &kept)).await {
            log_fault(&err);
        }
    });
}

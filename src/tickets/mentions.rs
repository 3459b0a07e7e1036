//! Colleagues who are reminded in a note: chosen in its form, or written as `@姓名` in its words.
//!
//! Only somebody who may see the ticket can be reminded; others do not exist here. Who is told of it is asked by [`of`].

use diesel::prelude::*;
use serde_json::json;

use super::acts::{may, record};
use super::store::Change;
use super::{Act, Audience, Line, Note, Ticket, store};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, Role, absences};
use crate::schema::{mentions, staff};

/// A colleague who may see a ticket.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Colleague {
    pub id: Id,
    pub name: String,
    pub role: Role,
}

/// The colleagues of the community who may see a ticket, without the actor.
pub fn colleagues(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<Vec<Colleague>> {
    let all = absences::colleagues(tx, ticket.community_id)?;
    let seeing = store::seeing(tx, ticket, all)?;
    let others = seeing.into_iter().filter(|each| each.staff_id != actor.staff_id);
    Ok(others
        .filter_map(|each| Some(Colleague { id: each.staff_id?, name: each.name, role: each.role }))
        .collect())
}

/// 内部备注: never shown to the resident; `reminded` and whoever is named by `@姓名` are reminded of it.
pub fn note(tx: &mut Tx, actor: &Actor, id: Id, note: &Note, reminded: &[Id]) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Note)?;
    let colleagues = colleagues(tx, actor, &ticket)?;
    let mut whom = named(note.as_str(), &colleagues);
    for id in reminded {
        let known = colleagues.iter().any(|each| each.id == *id);
        if !known {
            return Err(Error::invalid("remind", "只能提醒看得到这件诉求的同事，请从列表中选择"));
        }
        whom.push(*id);
    }
    whom.sort();
    whom.dedup();
    let data = json!({ "mentions": whom });
    let line = Line { act: Act::Note.word(), audience: Audience::Staff, note: note.as_str(), data };
    let ticket = record(tx, actor, &ticket, Change::default(), line)?;
    for staff_id in whom {
        let row = (
            mentions::community_id.eq(ticket.community_id),
            mentions::ticket_id.eq(ticket.id),
            mentions::seq.eq(ticket.events),
            mentions::staff_id.eq(staff_id),
            mentions::at.eq(tx.now),
        );
        diesel::insert_into(mentions::table).values(row).execute(tx.conn)?;
    }
    Ok(ticket)
}

/// Whoever is named by `@姓名`: the longest name that fits at each sign; people of one name are all meant.
fn named(text: &str, colleagues: &[Colleague]) -> Vec<Id> {
    let mut found = Vec::new();
    for rest in text.split(['@', '＠']).skip(1) {
        let fitting = colleagues.iter().filter(|each| rest.starts_with(&each.name));
        let longest = fitting.clone().map(|each| each.name.len()).max();
        found.extend(fitting.filter(|each| Some(each.name.len()) == longest).map(|each| each.id));
    }
    found
}

/// Who was reminded in one event.
pub fn of(tx: &mut Tx, community_id: Id, ticket_id: Id, seq: i32) -> Result<Vec<Id>> {
    let own = mentions::community_id.eq(community_id).and(mentions::ticket_id.eq(ticket_id));
    let rows = mentions::table.filter(own.and(mentions::seq.eq(seq)));
    Ok(rows.select(mentions::staff_id).load(tx.conn)?)
}

/// Somebody who was reminded, and by which event.
#[derive(Debug, Clone, Queryable, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Reminded {
    pub seq: i32,
    pub name: String,
}

/// Whoever was reminded on a ticket, in the order of the events.
pub fn names(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Reminded>> {
    let own = mentions::community_id.eq(ticket.community_id).and(mentions::ticket_id.eq(ticket.id));
    let rows = mentions::table.inner_join(staff::table.on(staff::id.eq(mentions::staff_id)));
    let ordered = rows.filter(own).order((mentions::seq, staff::name));
    Ok(ordered.select((mentions::seq, staff::name)).load(tx.conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_after_the_sign_is_meant() {
        let colleague =
            |name: &str| Colleague { id: Id::new(), name: name.to_owned(), role: Role::GridWorker };
        let all = [colleague("网格员 1"), colleague("网格员 10"), colleague("张工"), colleague("张工")];
        let ids = |places: &[usize]| places.iter().map(|place| all[*place].id).collect::<Vec<_>>();
        assert_eq!(named("请@网格员 10看一下", &all), ids(&[1]));
        assert_eq!(named("＠网格员 1，@张工", &all), ids(&[0, 2, 3]));
        assert_eq!(named("张工去过；a@b.cn", &all), []);
    }
}

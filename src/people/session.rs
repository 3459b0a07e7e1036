//! Sessions: a row for each sign-in, found by the keyed hash of its token, ended by deleting it.
//!
//! A browser session ends after 8 hours without use and 7 days in any case; a bearer token lives as
//! long as it was made for. A closed account has none.

use diesel::prelude::*;

use super::{Actor, Extent, Login, Staff, absences, store};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::{self, Keys};
use crate::schema::{communities, sign_ins, staff};

/// Minutes without use after which a browser session ends.
pub const IDLE_MINUTES: i64 = 8 * 60;
/// Minutes after which a browser session ends in any case.
pub const LIFE_MINUTES: i64 = 7 * 24 * 60;

text_enum! {
    /// How a session is carried.
    pub enum Carrier {
        Browser = "browser", "浏览器";
        Bearer = "bearer", "接口令牌";
    }
}

/// A valid session and who it is.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whoever is signed in.
    pub actor: Actor,
    /// Cookie or bearer token: only a cookie can be abused across sites.
    pub carrier: Carrier,
    /// When it was last used, to the few minutes.
    pub seen_at: Time,
    /// The row.
    pub token_hash: Vec<u8>,
}

/// A successful check of a password: what a session is made from.
#[derive(Clone)]
pub struct SignIn(Staff);

/// The account and its password hash for a sign-in name, if there is one that is open.
pub fn candidate(tx: &mut Tx, login: &Login) -> Result<Option<(Staff, String)>> {
    Ok(store::by_login(tx, login)?.filter(|(staff, _)| staff.disabled_at.is_none()))
}

/// Checks the password; takes the same time whether or not there is such an account. Slow: outside
/// transactions.
pub fn check(candidate: Option<(Staff, String)>, password: &str) -> Result<SignIn> {
    // A hash of nothing anybody knows, so that an unknown name takes as long as a wrong password.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$bG91bWEtbm9ib2R5LTAx$XnGUZM9LTFYbYmV2pBzCJRrIqrwfe3bCvYMu3cvKJO8";
    let hash = candidate.as_ref().map_or(NOBODY, |(_, hash)| hash);
    match (keys::check_password(password, hash), candidate) {
        (true, Some((staff, _))) => Ok(SignIn(staff)),
        _ => Err(Error::invalid("password", "登录名或密码不对，请再试一次；忘记密码请找社区负责人重设")),
    }
}

/// Makes a session and returns its token, which is stored nowhere.
pub fn start(tx: &mut Tx, keys: &Keys, sign_in: SignIn, label: &str) -> Result<String> {
    let community = home(tx, &sign_in.0)?;
    insert(tx, keys, &sign_in.0, community, Carrier::Browser, label, LIFE_MINUTES)
}

/// Makes a bearer token for scripts that act as `actor`, valid for `days`.
pub fn start_bearer(tx: &mut Tx, keys: &Keys, actor: &Actor, label: &str, days: u16) -> Result<String> {
    if label.trim().is_empty() || label.chars().count() > 60 || !(1..=366).contains(&days) {
        return Err(Error::invalid("label", "请写明令牌用途（最多 60 字），有效期 1 到 366 天"));
    }
    let staff = store::find(tx, actor.staff()?)?;
    insert(tx, keys, &staff, Some(actor.community_id), Carrier::Bearer, label, i64::from(days) * 1440)
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row, used twice above")]
fn insert(
    tx: &mut Tx,
    keys: &Keys,
    staff: &Staff,
    community: Option<Id>,
    carrier: Carrier,
    label: &str,
    minutes: i64,
) -> Result<String> {
    let token = keys::token();
    let row = (
        sign_ins::token_hash.eq(keys.session_hash(&token)),
        sign_ins::staff_id.eq(staff.id),
        sign_ins::community_id.eq(community),
        sign_ins::kind.eq(carrier),
        sign_ins::label.eq(label.chars().take(200).collect::<String>()),
        sign_ins::created_at.eq(tx.now),
        sign_ins::seen_at.eq(tx.now),
        sign_ins::expires_at.eq(tx.now.plus_minutes(minutes)),
    );
    diesel::insert_into(sign_ins::table).values(row).execute(tx.conn)?;
    Ok(token)
}

/// The session that a token opens, or [`Error::SignedOut`].
pub fn find(tx: &mut Tx, keys: &Keys, token: &str) -> Result<Session> {
    let token_hash = keys.session_hash(token);
    type Row = (Carrier, Time, Time, Option<Id>, Staff);
    let row: Option<Row> = sign_ins::table
        .inner_join(staff::table)
        .filter(sign_ins::token_hash.eq(&token_hash))
        .filter(sign_ins::expires_at.gt(tx.now).and(staff::disabled_at.is_null()))
        .select((
            sign_ins::kind,
            sign_ins::seen_at,
            sign_ins::expires_at,
            sign_ins::community_id,
            Staff::as_select(),
        ))
        .first(tx.conn)
        .optional()?;
    let Some((carrier, seen_at, _, community, staff)) = row else { return Err(Error::SignedOut) };
    if carrier == Carrier::Browser && seen_at.plus_minutes(IDLE_MINUTES) < tx.now {
        return Err(Error::SignedOut);
    }
    let grids = absences::grids_of(tx, &staff)?;
    let actor = Actor {
        role: staff.role,
        staff_id: Some(staff.id),
        name: staff.name,
        // An installation without any community yet: an id that owns nothing.
        community_id: community.or(staff.community_id).unwrap_or(Id(uuid::Uuid::nil())),
        party_id: staff.party_id,
        grids,
    };
    Ok(Session { actor, carrier, seen_at, token_hash })
}

/// Notes that a session is in use.
pub fn touch(tx: &mut Tx, token_hash: &[u8]) -> Result<()> {
    let row = sign_ins::table.find(token_hash);
    diesel::update(row).set(sign_ins::seen_at.eq(tx.now)).execute(tx.conn)?;
    Ok(())
}

/// Ends one session.
pub fn end(tx: &mut Tx, token_hash: &[u8]) -> Result<()> {
    diesel::delete(sign_ins::table.find(token_hash)).execute(tx.conn)?;
    Ok(())
}

/// A session as its owner sees it in the list of the own ones.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::sign_ins)]
#[allow(missing_docs)]
pub struct Own {
    pub token_hash: Vec<u8>,
    pub kind: Carrier,
    /// What a bearer token is for; what a browser calls itself.
    pub label: String,
    pub created_at: Time,
    pub seen_at: Time,
    pub expires_at: Time,
}

/// The sessions and tokens of the actor's account that still open something, latest used first.
pub fn own(tx: &mut Tx, actor: &Actor) -> Result<Vec<Own>> {
    let idle =
        sign_ins::seen_at.lt(tx.now.plus_minutes(-IDLE_MINUTES)).and(sign_ins::kind.eq(Carrier::Browser));
    let rows = sign_ins::table
        .filter(sign_ins::staff_id.eq(actor.staff()?))
        .filter(sign_ins::expires_at.gt(tx.now).and(diesel::dsl::not(idle)))
        .order(sign_ins::seen_at.desc());
    Ok(rows.select(Own::as_select()).load(tx.conn)?)
}

/// Ends one session of the actor's own account. Those of others do not exist for it.
pub fn end_own(tx: &mut Tx, actor: &Actor, token_hash: &[u8]) -> Result<()> {
    let row = sign_ins::table.find(token_hash).filter(sign_ins::staff_id.eq(actor.staff()?));
    match diesel::delete(row).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::NotFound),
    }
}

/// Ends all sessions of an account but one.
pub fn end_others(tx: &mut Tx, staff_id: Id, kept: &[u8]) -> Result<()> {
    let others = sign_ins::staff_id.eq(staff_id).and(sign_ins::token_hash.ne(kept));
    diesel::delete(sign_ins::table.filter(others)).execute(tx.conn)?;
    Ok(())
}

/// Ends all sessions of an account.
pub fn end_all(tx: &mut Tx, staff_id: Id) -> Result<()> {
    diesel::delete(sign_ins::table.filter(sign_ins::staff_id.eq(staff_id))).execute(tx.conn)?;
    Ok(())
}

/// Deletes the sessions that have ended.
pub fn forget_expired(tx: &mut Tx) -> Result<()> {
    diesel::delete(sign_ins::table.filter(sign_ins::expires_at.lt(tx.now))).execute(tx.conn)?;
    Ok(())
}

/// Moves the session to another community that its account reaches. Others do not exist for it.
pub fn move_to(tx: &mut Tx, session: &Session, community: Id) -> Result<()> {
    let staff = store::find(tx, session.actor.staff()?)?;
    if !reachable(tx, &staff)?.contains(&community) {
        return Err(Error::NotFound);
    }
    let row = sign_ins::table.find(&session.token_hash);
    diesel::update(row).set(sign_ins::community_id.eq(community)).execute(tx.conn)?;
    Ok(())
}

/// The communities the account reaches, oldest first.
pub fn reachable(tx: &mut Tx, staff: &Staff) -> Result<Vec<Id>> {
    let all = communities::table.select(communities::id).order(communities::id).into_boxed();
    Ok(match (staff.role.extent(), &staff.street) {
        (Extent::Everywhere, _) => all.load(tx.conn)?,
        (Extent::Street, Some(street)) => all.filter(communities::street.eq(street)).load(tx.conn)?,
        (Extent::Street, None) => Vec::new(),
        (Extent::Own | Extent::Party | Extent::Grids | Extent::Community, _) => {
            staff.community_id.into_iter().collect()
        }
    })
}

/// The communities that the actor's account reaches.
pub fn reachable_by(tx: &mut Tx, actor: &Actor) -> Result<Vec<Id>> {
    let staff = store::find(tx, actor.staff()?)?;
    reachable(tx, &staff)
}

fn home(tx: &mut Tx, staff: &Staff) -> Result<Option<Id>> {
    match staff.community_id {
        Some(own) => Ok(Some(own)),
        None => Ok(reachable(tx, staff)?.first().copied()),
    }
}

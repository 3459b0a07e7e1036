//! The demonstration: one community that shows the whole life of a ticket, made from a fixed seed.
//!
//! Its tickets begin with the year that the hotline's figures are known of, so that whole years stand side by side.
//!
//! People in it are role labels, phones begin with 100 and cannot exist, and every page says 「演示数据」. It is made by
//! the same verbs as real life, at past moments; the only thing that is special is the clock.

mod community;
mod desk;
mod handed_up;
mod hotline;
mod lives;
mod outside;
mod plans;
mod publicly;
mod shots;
mod story;
mod tales;
mod together;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::db::{Db, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::Actor;
use crate::photos::Photos;
use crate::places::{self, Community};
use crate::settings::{self, Rules};

/// Everybody sees the same demonstration.
const SEED: u64 = 20_241_122;
/// The prefix of its ticket numbers.
pub(crate) const PREFIX: &str = "TGY";
/// Ordinary tickets in ten days.
const TICKETS_IN_TEN_DAYS: i64 = 19;

/// An account of the demonstration, with the password that is shown once.
pub struct Account {
    role: &'static str,
    login: String,
    password: String,
}

/// What was made, or found.
pub struct Made {
    accounts: Vec<Account>,
    form: String,
}

/// That the demonstration is whole and its passwords were shown: written last, kept beside the rules of its community.
#[derive(Default, Serialize, Deserialize)]
struct Whole {
    whole: bool,
}

impl Rules for Whole {
    const NAME: &str = "demonstration";
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// Makes the demonstration community where there is none, or finds the one that was made before. Refused where other
/// communities are, and where an earlier start was broken off ([`finish`]).
pub fn make(db: &Db, keys: &Keys, photos: &Photos) -> Result<Made> {
    if db.read_now(whole)? {
        let form = db.read_now(|tx| community::first_form(tx, PREFIX))?.unwrap_or_default();
        return Ok(Made { accounts: Vec::new(), form });
    }
    let mut rng = StdRng::seed_from_u64(SEED);
    eprintln!("② 建演示社区：天宫院中里，24 栋楼……");
    let (staff, accounts) = community::make_accounts()?;
    let world = db.write_now(move |tx| community::build(tx, staff))?;
    desk::rules(db, &world)?;
    eprintln!("③ 生成演示照片……");
    let shots = shots::shots(photos, &mut rng)?;
    eprintln!("④ 生成从 {} 起的诉求……", world.began.day());
    let scene = story::Scene { keys: keys.clone(), world: world.clone(), shots };
    lives::fill(db, scene, &mut rng)?;
    publicly::show(db, keys, world.clone())?;
    hotline::bring(db, &world)?;
    handed_up::issue(db, &world)?;
    desk::around(db, keys, world)?;
    let form = db.read_now(|tx| community::first_form(tx, PREFIX))?.unwrap_or_default();
    Ok(Made { accounts, form })
}

/// Whether the demonstration is there, whole. Nothing made up is laid beside what is real.
fn whole(tx: &mut Tx) -> Result<bool> {
    let all = places::communities(tx)?;
    let Some(made) = all.iter().find(|each| each.demo && each.prefix == PREFIX) else {
        let Some(real) = all.first() else { return Ok(false) };
        return Err(Error::conflict(format!(
            "这里已有社区「{}」，不能在里面建演示。请用 LOUMA_DATA_DIR（和 LOUMA_DATABASE_URL）另指一个空的数据目录，再运行 louma demo",
            real.name
        )));
    };
    if settings::at::<Whole>(tx, made.id, tx.now)?.whole {
        return Ok(true);
    }
    Err(Error::conflict(
        "上一次启动演示没有做完就停了，数据不全，账号和密码也没有显示过。请删除数据目录（用 PostgreSQL 的，把那个库也清空），再运行一次 louma demo",
    ))
}

/// Notes that the demonstration is whole: whoever made it calls this last, when everything is there and was told. What was
/// noted before stays.
pub fn finish(db: &Db) -> Result<()> {
    db.write_now(|tx| {
        let Some(Community { id, .. }) = places::community_by_prefix(tx, PREFIX)? else { return Ok(()) };
        if settings::at::<Whole>(tx, id, tx.now)?.whole {
            return Ok(());
        }
        settings::set(tx, &Actor::timer(id), &Whole { whole: true }, tx.now)
    })
}

impl Made {
    /// Prints where to go and who may sign in.
    pub fn tell(&self, config: &Config) {
        println!("\n══ 楼码演示（演示数据，电话均不存在） ══");
        println!("居民扫码页：{}{}", config.base_url, self.form);
        println!("工作台：    {}/console", config.base_url);
        match self.accounts.as_slice() {
            [] => println!("数据早已建好，账号和密码在第一次启动时显示过；忘了可删除数据目录重来。"),
            accounts => {
                println!("账号（密码只显示这一次）：");
                for account in accounts {
                    println!("  {:<10} {:<12} {}", account.role, account.login, account.password);
                }
            }
        }
    }
}

/// Does `work` as if it were `at`.
fn back_then<T>(tx: &mut Tx, at: Time, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    work(&mut Tx { conn: &mut *tx.conn, now: at })
}

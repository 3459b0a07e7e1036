//! `louma init`, `louma community add` and `louma user add`: what must exist before anybody can sign in.

use std::io::{BufRead, Write};

use anyhow::Context;

use super::{bring_up, open, open_all, said};
use crate::codes::code::random_signs;
use crate::config::Config;
use crate::keys::Keys;
use crate::people::{self, Login, NewStaff, PasswordHash, Role};
use crate::places::{self, NewCommunity};
use crate::routing::{self, NewParty, PartyKind};
use crate::settings;

/// Sets an empty installation up: key, database, categories, and the first admin.
pub(super) fn init(config: &Config, login: Option<String>) -> anyhow::Result<()> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("无法创建目录 {}", config.data_dir.display()))?;
    let db = open(config)?;
    Keys::create(&config.key_file)?;
    let steps = bring_up(&db)?;
    println!("数据库就绪（{steps} 步）；密钥在 {}，请与数据库分开备份", config.key_file.display());
    let login = match login {
        Some(login) => login,
        None => ask("管理员登录名：")?,
    };
    let login = Login::parse(&login).map_err(said)?;
    let password = random_signs(16);
    let hash = PasswordHash::make(&password).map_err(said)?;
    db.write_now(move |tx| {
        routing::plant_categories(tx)?;
        let admin = NewStaff {
            login,
            name: "系统管理员".to_owned(),
            password: hash,
            role: Role::Admin,
            street: None,
            community_id: None,
            party_id: None,
        };
        people::add_unchecked(tx, admin)
    })
    .map_err(said)?;
    println!("管理员密码（只显示这一次，登录后请改）：{password}");
    println!("下一步：louma community add 名称 --prefix TGY --street 街道 --district 区 --phone 电话");
    Ok(())
}

/// Makes a community with its fallback party and the shipped rules.
pub(super) fn found(config: &Config, new: NewCommunity) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let community = db
        .write_now(move |tx| {
            let community = places::found(tx, new)?;
            settings::plant(tx, community.id)?;
            let office = NewParty {
                name: "社区居委会".to_owned(),
                aliases: String::new(),
                kind: PartyKind::Committee,
                phone: community.phone.clone(),
            };
            routing::add_party(tx, community.id, office)?;
            Ok(community)
        })
        .map_err(said)?;
    println!("已建社区「{}」（前缀 {}）", community.name, community.prefix);
    println!("下一步：louma import places 表格.csv --community {}", community.prefix);
    Ok(())
}

/// What `louma user add` was asked for.
pub(super) struct Wanted {
    pub(super) login: String,
    pub(super) role: String,
    pub(super) name: String,
    pub(super) community: Option<String>,
    pub(super) party: Option<String>,
    pub(super) street: Option<String>,
}

/// Makes an account and prints its random password.
pub(super) fn add(config: &Config, wanted: Wanted) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let login = Login::parse(&wanted.login).map_err(said)?;
    let role = Role::parse(&wanted.role).filter(|role| Role::STAFF.contains(role)).with_context(|| {
        format!(
            "没有岗位「{}」；可用：{}",
            wanted.role,
            Role::STAFF.iter().map(|role| role.word()).collect::<Vec<_>>().join("、")
        )
    })?;
    let password = random_signs(16);
    let hash = PasswordHash::make(&password).map_err(said)?;
    let staff = db
        .write_now(move |tx| {
            let community = wanted.community.map(|name| places::community_by_name(tx, &name)).transpose()?;
            let party = match (&community, wanted.party) {
                (Some(community), Some(name)) => {
                    let all = routing::parties(tx, community.id)?;
                    let found = all.into_iter().find(|party| party.name == name).ok_or_else(|| {
                        crate::error::Error::invalid("party", format!("本社区没有单位「{name}」"))
                    })?;
                    Some(found.id)
                }
                _ => None,
            };
            let new = NewStaff {
                login,
                name: wanted.name,
                password: hash,
                role,
                street: wanted.street,
                community_id: community.map(|community| community.id),
                party_id: party,
            };
            people::add_unchecked(tx, new)
        })
        .map_err(said)?;
    println!("已建账号 {}（{}），密码（只显示这一次）：{password}", staff.login, staff.role.label());
    Ok(())
}

fn ask(question: &str) -> anyhow::Result<String> {
    print!("{question}");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

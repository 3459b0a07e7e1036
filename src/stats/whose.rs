//! Whose tickets stand behind a figure: those of one community or of several, all of them or those of a category or channel.

use serde::Serialize;
use url::form_urlencoded::Serializer;

use super::levels::{self, Level, Reach, Within};
use super::material::Material;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, session};
use crate::places::{self, Community};
use crate::tickets::Channel;

/// The tickets of so many communities are listed together at most: of a street, of a small district.
pub(super) const MOST: usize = 50;

/// Which tickets of a community are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FigureSieve)]
pub struct Sieve {
    /// Only this level-1 category.
    pub level1: Option<String>,
    /// Only this channel.
    pub channel: Option<Channel>,
}

impl Sieve {
    /// Reads what was asked for; empty text asks for nothing.
    pub(super) fn asked(level1: &Option<String>, channel: &Option<String>) -> Result<Sieve> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let channel = said(channel).map(|word| {
            Channel::parse(&word).ok_or_else(|| Error::invalid("channel", "没有这个渠道，请重新选"))
        });
        Ok(Sieve { level1: said(level1), channel: channel.transpose()? })
    }

    /// Whether only some of the tickets are looked at.
    pub fn partial(&self) -> bool {
        self.level1.is_some() || self.channel.is_some()
    }

    /// Keeps what is looked at.
    pub(super) fn sift(&self, material: &mut Material) {
        let fits = |level1: &str, channel: Channel| {
            self.level1.as_deref().is_none_or(|own| own == level1)
                && self.channel.is_none_or(|own| own == channel)
        };
        material.rows.retain(|row| fits(&row.level1, row.channel));
        // Neighbours scan.
        material.voices.retain(|voice| fits(&voice.row.level1, Channel::Scan));
    }

    /// What an address says of it.
    pub(super) fn append(&self, query: &mut Serializer<String>) {
        if let Some(code) = &self.level1 {
            query.append_pair("level1", code);
        }
        if let Some(channel) = self.channel {
            query.append_pair("channel", channel.word());
        }
    }
}

/// Whose tickets. All of the community of the session, where nothing else is said.
#[derive(Debug, Clone, Default)]
pub struct Whose {
    /// This community.
    pub community: Option<Id>,
    /// Or all of a level, as far as the account reaches.
    pub level: Option<(Level, Within)>,
    /// And of them these.
    pub sieve: Sieve,
}

/// All of the community of the session.
pub(super) static OWN: Whose =
    Whose { community: None, level: None, sieve: Sieve { level1: None, channel: None } };

impl Whose {
    /// All of a community.
    pub fn community(id: Id) -> Whose {
        Whose { community: Some(id), ..Whose::default() }
    }

    /// The communities, at least one. None exist that the account does not reach; more than [`MOST`] are refused.
    pub(super) fn communities(&self, tx: &mut Tx, actor: &Actor) -> Result<Vec<Community>> {
        if let Some(id) = self.community {
            let reached = id == actor.community_id || session::reachable_by(tx, actor)?.contains(&id);
            let community = reached.then(|| places::community(tx, id)).ok_or(Error::NotFound)?;
            return Ok(vec![community?]);
        }
        let (level, within) = self.level.clone().unwrap_or((Level::Community, Within::default()));
        let Reach { communities, .. } = levels::communities(tx, actor, (level, &within))?;
        match communities.len() > MOST {
            true => Err(Error::invalid(
                "level",
                format!(
                    "一共 {} 个社区，太多了，列不到一起；请在各级汇总里点到一个街道再看",
                    communities.len()
                ),
            )),
            false => Ok(communities),
        }
    }

    /// What an address says of it.
    pub(super) fn append(&self, query: &mut Serializer<String>) {
        if let Some(id) = self.community {
            query.append_pair("community", &id.to_string());
        }
        if let Some((level, Within { district, street })) = &self.level {
            query.append_pair("level", level.word());
            for (name, said) in [("district", district), ("street", street)] {
                if let Some(said) = said {
                    query.append_pair(name, said);
                }
            }
        }
        self.sieve.append(query);
    }
}

//! The rules by which residents trust the place: the privacy notice, how long things are kept, what is too much.

use serde::{Deserialize, Serialize};

use super::{Rules, Version};
use crate::error::{Error, Result};

/// How long things are kept, in days (domain §9). Name and phone of a report stand in [`super::Windows`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Retention {
    /// The log of who looked at what.
    pub audit_days: i32,
    /// By what a report that is sent twice is recognised, and a phone that said twice whether something is fixed.
    pub key_days: i32,
    /// Reports that were set aside; so long they can be taken back.
    pub discarded_days: i32,
    /// Files that were exported and lie on the server.
    pub export_days: i32,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { audit_days: 400, key_days: 90, discarded_days: 30, export_days: 7 }
    }
}

/// Days for which a report that is sent again is surely recognised: it may have waited on a phone.
pub const LEAST_KEY_DAYS: i32 = 30;

impl Rules for Retention {
    const NAME: &str = "retention";
    fn check(&self) -> Result<()> {
        if !(180..=3660).contains(&self.audit_days) {
            return Err(Error::invalid("audit_days", "查看记录至少保存 180 天，最多 3660 天"));
        }
        if !(LEAST_KEY_DAYS..=3660).contains(&self.key_days) {
            return Err(Error::invalid("key_days", "防重复提交的记录至少保存 30 天，最多 3660 天"));
        }
        if !(1..=366).contains(&self.discarded_days) {
            return Err(Error::invalid("discarded_days", "搁置的疑似件应保存 1 到 366 天"));
        }
        if !(1..=366).contains(&self.export_days) {
            return Err(Error::invalid("export_days", "导出的文件应保存 1 到 366 天"));
        }
        Ok(())
    }
}

/// From how many reports in ten minutes on a report must come with proof of work, which phones do unseen, or is held for a
/// person to look at. Nothing is refused for it, and nobody is shut out for an address that they share. So few that a
/// script which shows no proof leaves thirty tickets at most.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Flood {
    /// At one code: a unit of thirty households, all of them at once.
    pub door: i32,
    /// From one network: a building behind one address.
    pub network: i32,
    /// In the whole community: a busy day has fewer in ten minutes.
    pub community: i32,
    /// From one phone.
    pub device: i32,
    /// So many times as many pass, counted apart, where the browser proves that it worked.
    pub proven_times: i32,
    /// So many wait for a person at most; further ones are asked to call.
    pub most_held: i32,
    /// So many of them from one network that shows nothing of ours, and five times as many from one that came by our page.
    pub held_network: i32,
    /// So many of them are kept for those who came by our page; half of them at most.
    pub held_reserved: i32,
}

impl Default for Flood {
    fn default() -> Flood {
        Flood {
            door: 30,
            network: 30,
            community: 30,
            device: 6,
            proven_times: 20,
            most_held: 500,
            held_network: 60,
            held_reserved: 200,
        }
    }
}

impl Rules for Flood {
    const NAME: &str = "flood";
    fn check(&self) -> Result<()> {
        let limits = [self.door, self.network, self.community, self.device];
        if !limits.iter().all(|limit| (1..=10_000_000).contains(limit)) {
            return Err(Error::invalid("flood", "十分钟内的件数应在 1 到 1000 万之间"));
        }
        if !(1..=100).contains(&self.proven_times) {
            return Err(Error::invalid("proven_times", "倍数应在 1 到 100 之间"));
        }
        if !(10..=10_000).contains(&self.most_held) {
            return Err(Error::invalid("most_held", "待核对的件数上限应在 10 到 10000 之间"));
        }
        if !(1..=self.most_held).contains(&self.held_network) {
            return Err(Error::invalid("held_network", "一个网络的件数应在 1 到待核对的上限之间"));
        }
        if !(0..=self.most_held / 2).contains(&self.held_reserved) {
            return Err(Error::invalid("held_reserved", "留给扫码页的件数最多是待核对上限的一半"));
        }
        Ok(())
    }
}

/// The privacy notice above the report button (domain §9), with its two lists. Its version is stored on each ticket, and
/// every version that ever held stays readable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Notice {
    /// Its name.
    pub version: String,
    /// One or two sentences.
    pub short: String,
    /// What is collected, and what for: one thing in each line. Versions of old have no lists.
    #[serde(default)]
    pub collected: Vec<String>,
    /// To whom it may go, and when: one in each line.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// The whole text.
    pub full: String,
}

impl Default for Notice {
    fn default() -> Notice {
        Notice {
            version: "2026-11-2".to_owned(),
            short: "提交即表示同意社区用这些内容办理您反映的事。电话只给社区工作人员回访用。".to_owned(),
            collected: lines(include_str!("collected.txt")),
            recipients: lines(include_str!("recipients.txt")),
            full: include_str!("notice.txt").to_owned(),
        }
    }
}

impl Rules for Notice {
    const NAME: &str = "notice";
    fn check(&self) -> Result<()> {
        if self.version.trim().is_empty() || self.short.trim().is_empty() || self.full.trim().is_empty() {
            return Err(Error::invalid("notice", "告知书的版本、短文和全文都要填"));
        }
        let sound = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '.' | '_');
        if self.version.chars().count() > 40 || !self.version.chars().all(sound) {
            return Err(Error::invalid("notice", "版本名称最多 40 个字，只用字母、数字、汉字和 - . _"));
        }
        if self.collected.is_empty() || self.recipients.is_empty() {
            return Err(Error::invalid("notice", "两张清单都要填：收集什么、可能给谁，一行一项"));
        }
        Ok(())
    }
    fn beside(&self, begun: &Version<Notice>) -> Result<()> {
        // Each ticket names the version that was read: one name is one text.
        if begun.rules.version == self.version && begun.rules != *self {
            return Err(Error::invalid("notice", "这个版本名称用过了，内容改了请换一个名称，例如加上日期"));
        }
        Ok(())
    }
}

/// The lines of a text that say something.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

//! The channels of a community: by which ways messages leave, and which topics go by which.
//!
//! Managed by the community lead. The address and the secrets of a channel are sealed and never shown again; empty
//! fields of a change keep what is there. Nothing is sent here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::reach::{self, Named};
use super::store::channels as store;
use super::told::Topic;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::Actor;
use crate::routing;

text_enum! {
    /// What is at the other end.
    #[schema(as = ChannelKind)]
    pub enum Kind {
        Wecom = "wecom", "企业微信群机器人";
        Dingtalk = "dingtalk", "钉钉群机器人";
        Feishu = "feishu", "飞书群机器人";
        Webhook = "webhook", "通用回调";
        Mail = "mail", "电子邮件";
        Sms = "sms", "短信网关";
    }
}

impl Kind {
    /// Whether it is a group chat, which many read.
    pub fn robot(self) -> bool {
        matches!(self, Kind::Wecom | Kind::Dingtalk | Kind::Feishu)
    }

    /// Whether its messages go to one person each.
    pub fn personal(self) -> bool {
        matches!(self, Kind::Mail | Kind::Sms)
    }

    /// Whether people read it, who want their night's rest.
    pub fn rests(self) -> bool {
        self != Kind::Webhook
    }

    /// The topics that it begins with; the lead changes them.
    pub fn default_topics(self) -> Vec<Topic> {
        match self {
            Kind::Webhook => Topic::ALL.iter().copied().filter(|topic| self.may_send(*topic)).collect(),
            Kind::Sms => vec![Topic::Given, Topic::Rework, Topic::Urged, Topic::Overdue, Topic::Escalated],
            Kind::Mail => Topic::ALL.iter().copied().filter(|topic| *topic != Topic::Closed).collect(),
            _ => {
                use Topic::*;
                vec![New, Given, Returned, Unhappy, Rework, Urged, DueSoon, Overdue, Escalated, Outside]
            }
        }
    }

    /// Whether a topic may go by it: what concerns single people goes to them alone.
    pub fn may_send(self, topic: Topic) -> bool {
        self.personal() || !topic.private()
    }

    /// The hosts of the chats themselves: the only ones that a group robot may have, unless the settings name another.
    fn hosts(self) -> &'static [&'static str] {
        match self {
            Kind::Wecom => &["qyapi.weixin.qq.com"],
            Kind::Dingtalk => &["oapi.dingtalk.com"],
            Kind::Feishu => &["open.feishu.cn", "open.larksuite.com"],
            _ => &[],
        }
    }
}

/// Where a channel leads and what opens it; sealed as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// The address; for a gateway with placeholders.
    pub url: String,
    /// What messages are signed with; empty for a robot that asks for none.
    pub secret: String,
    /// `GET` or `POST`, of a gateway.
    pub method: String,
    /// `Name: value`, a line each, of a gateway.
    pub headers: String,
    /// Of a gateway, with placeholders.
    pub body: String,
    /// Words that the answer of a gateway must contain to count as success; may be empty.
    pub expect: String,
}

impl Target {
    /// The part of the address by which its chat knows a robot, however the rest is written.
    fn robot(&self, kind: Kind) -> Option<String> {
        let url = url::Url::parse(&self.url).ok()?;
        let value =
            |name: &str| url.query_pairs().find(|pair| pair.0 == name).map(|pair| pair.1.into_owned());
        match kind {
            Kind::Wecom => value("key"),
            Kind::Dingtalk => value("access_token"),
            Kind::Feishu => Some(url.path().trim_end_matches('/').to_owned()),
            Kind::Webhook | Kind::Mail | Kind::Sms => None,
        }
    }
}

/// A channel, without what is sealed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::notice_channels, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Channel {
    pub community_id: Id,
    pub id: Id,
    pub kind: Kind,
    pub name: String,
    pub sealed: Vec<u8>,
    /// What may be seen of where it leads: the host.
    pub shown: String,
    /// Words of [`Topic`], separated by spaces.
    pub topics: String,
    pub party_id: Option<Id>,
    /// From when on it may send again.
    pub free_at: Time,
    pub made_at: Time,
    pub made_by: String,
    pub disabled_at: Option<Time>,
}

impl Channel {
    /// The topics that it sends.
    pub fn topics(&self) -> Vec<Topic> {
        self.topics.split(' ').filter_map(Topic::parse).collect()
    }

    /// What names the robot at its other end, as a keyed hash: the same for every channel that leads there. Nothing for what
    /// is no robot, or does not open.
    pub fn robot(&self, keys: &Keys) -> Option<String> {
        let named = self.target(keys).ok()?.robot(self.kind)?;
        Some(keys.stamp("robot", &format!("{} {named}", self.kind.word())))
    }

    /// Opens where it leads.
    pub fn target(&self, keys: &Keys) -> Result<Target> {
        serde_json::from_str(&keys.unseal(self.id, &self.sealed)?).map_err(Error::internal)
    }
}

/// What a channel is made from, or changed to: then an empty `url`, `secret`, `headers` or `body` stays as it is.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct NewChannel {
    /// `wecom`, `dingtalk`, `feishu`, `webhook`, `mail` or `sms`; of no meaning for a change.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Words of topics; nothing at all stands for what its kind begins with.
    pub topics: Option<Vec<String>>,
    /// Only tickets that this party has.
    pub party_id: Option<Id>,
    /// The address.
    pub url: String,
    /// The signing secret of a robot, or `whsec_…` of a webhook; a webhook without one gets one.
    pub secret: String,
    /// `GET` or `POST`, of a gateway.
    pub method: String,
    /// `Name: value`, a line each, of a gateway.
    pub headers: String,
    /// Of a gateway; `{phone}`, `{text}` and `{id}` are filled in, as in its address.
    pub body: String,
    /// Words that the answer of a gateway contains when it worked.
    pub expect: String,
}

/// Every channel of the community, by age.
pub fn list(tx: &mut Tx, community_id: Id) -> Result<Vec<Channel>> {
    store::all(tx, community_id)
}

/// One channel.
pub fn find(tx: &mut Tx, community_id: Id, id: Id) -> Result<Channel> {
    store::find(tx, community_id, id)
}

/// Makes a channel. Returns the secret that was made for a webhook which brought none, to be shown once.
pub fn add(
    tx: &mut Tx,
    (keys, named): (&Keys, &Named),
    actor: &Actor,
    new: NewChannel,
) -> Result<(Channel, Option<String>)> {
    let kind = Kind::parse(&new.kind).ok_or_else(|| Error::invalid("kind", "请选择渠道的种类"))?;
    let (name, topics) = (name(&new.name)?, topics(&new, kind)?);
    check_party(tx, actor, new.party_id)?;
    let mut target = merged(&new, Target::default());
    let told = (kind == Kind::Webhook && target.secret.is_empty()).then(fresh_secret);
    target.secret = told.clone().unwrap_or(target.secret);
    let shown = check(named, kind, &mut target)?;
    let id = Id::new();
    let channel = Channel {
        community_id: actor.community_id,
        id,
        kind,
        name,
        sealed: keys.seal(id, &serde_json::to_string(&target).map_err(Error::internal)?)?,
        shown,
        topics,
        party_id: new.party_id,
        free_at: tx.now,
        made_at: tx.now,
        made_by: actor.name.clone(),
        disabled_at: None,
    };
    store::insert(tx, &channel)?;
    Ok((channel, told))
}

/// Changes a channel.
pub fn change(
    tx: &mut Tx,
    (keys, named): (&Keys, &Named),
    actor: &Actor,
    id: Id,
    new: NewChannel,
) -> Result<Channel> {
    let mut channel = store::find(tx, actor.community_id, id)?;
    channel.name = name(&new.name)?;
    channel.topics = topics(&new, channel.kind)?;
    check_party(tx, actor, new.party_id)?;
    channel.party_id = new.party_id;
    let mut target = merged(&new, channel.target(keys)?);
    channel.shown = check(named, channel.kind, &mut target)?;
    channel.sealed = keys.seal(id, &serde_json::to_string(&target).map_err(Error::internal)?)?;
    store::update(tx, &channel)?;
    Ok(channel)
}

/// Takes a channel out of use; what waits to be sent by it is given up, visibly, and can be sent again later.
pub fn disable(tx: &mut Tx, actor: &Actor, id: Id) -> Result<()> {
    let channel = store::find(tx, actor.community_id, id)?;
    store::set_disabled(tx, &channel, Some(tx.now))?;
    super::store::sending::give_up_all(tx, &channel, "渠道已停用")
}

/// Brings a channel back.
pub fn enable(tx: &mut Tx, actor: &Actor, id: Id) -> Result<()> {
    let channel = store::find(tx, actor.community_id, id)?;
    store::set_disabled(tx, &channel, None)
}

/// A channel whose turn to send is taken now, so that a message outside the queue does not break its limit either.
pub fn turn(tx: &mut Tx, keys: &Keys, community_id: Id, id: Id) -> Result<Channel> {
    let channel = store::find(tx, community_id, id)?;
    let free = Time(tx.now.0 + chrono::TimeDelta::milliseconds(channel.kind.gap_millis()));
    let busy = match channel.robot(keys) {
        Some(robot) if channel.free_at <= tx.now => super::store::sending::robot_turn(tx, &robot, free)?,
        _ => Some(channel.free_at).filter(|free| *free > tx.now),
    };
    if let Some(until) = busy {
        let seconds = (until.0 - tx.now.0).num_seconds() + 1;
        return Err(Error::conflict(format!("这个渠道刚发过消息，请等 {seconds} 秒再试")));
    }
    super::store::sending::rest(tx, community_id, id, free)?;
    Ok(channel)
}

fn name(text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 40 {
        return Err(Error::invalid("name", "请给渠道起个名字，最多 40 个字，例如：社区工作群"));
    }
    Ok(name.to_owned())
}

fn topics(new: &NewChannel, kind: Kind) -> Result<String> {
    let topics = match &new.topics {
        None => kind.default_topics(),
        Some(words) => {
            let known = |word: &String| {
                let topic = Topic::parse(word).filter(|topic| kind.may_send(*topic));
                topic.ok_or_else(|| Error::invalid("topics", "请从列表中选择要通知的事"))
            };
            words.iter().map(known).collect::<Result<_>>()?
        }
    };
    Ok(topics.iter().map(|topic| topic.word()).collect::<Vec<_>>().join(" "))
}

fn check_party(tx: &mut Tx, actor: &Actor, party: Option<Id>) -> Result<()> {
    let Some(party) = party else { return Ok(()) };
    let known = routing::party(tx, actor.community_id, party);
    known.map(|_| ()).map_err(|_| Error::invalid("party_id", "请选择列表中的单位"))
}

fn merged(new: &NewChannel, before: Target) -> Target {
    let keep = |new: &str, old: String| if new.trim().is_empty() { old } else { new.trim().to_owned() };
    Target {
        url: keep(&new.url, before.url),
        secret: keep(&new.secret, before.secret),
        method: keep(&new.method, before.method),
        headers: keep(&new.headers, before.headers),
        body: keep(&new.body, before.body),
        expect: new.expect.trim().to_owned(),
    }
}

/// Whether the target makes sense for its kind; returns what may be seen of it.
fn check(named: &Named, kind: Kind, target: &mut Target) -> Result<String> {
    if kind == Kind::Mail {
        *target = Target::default();
        return Ok("登记了邮箱的工作人员".to_owned());
    }
    // The placeholders of a gateway are no part of an address.
    let bare = target.url.replace(['{', '}'], "");
    let url = reach::target(named, "url", if kind == Kind::Sms { &bare } else { &target.url })?;
    listed(named, kind, &url)?;
    match kind {
        Kind::Webhook => {
            webhook_key(&target.secret)?;
        }
        Kind::Sms => check_gateway(target)?,
        _ => {}
    }
    Ok(url.host_str().unwrap_or_default().to_owned())
}

/// Refuses a host that is on no list: the chats' own for robots, those that the settings name for everything.
pub(super) fn listed(named: &Named, kind: Kind, url: &url::Url) -> Result<()> {
    let host = url.host_str().unwrap_or_default();
    if kind.hosts().contains(&host) || named.names(host) {
        return Ok(());
    }
    let sentence = match kind.hosts().first() {
        Some(first) => format!("{}的网址应以 https://{first}/ 开头，请从群设置里重新复制", kind.label()),
        None => format!(
            "{host} 不在允许的主机里：请管理员把它写进 LOUMA_NOTICE_HOSTS（多个用逗号分开），重启后再保存"
        ),
    };
    Err(Error::invalid("url", sentence))
}

fn check_gateway(target: &mut Target) -> Result<()> {
    if target.method.is_empty() {
        target.method = "POST".to_owned();
    }
    if !["GET", "POST"].contains(&target.method.as_str()) {
        return Err(Error::invalid("method", "请选择 GET 或 POST"));
    }
    let host = target.url.split('/').nth(2).unwrap_or_default();
    if host.contains(['{', '}']) {
        return Err(Error::invalid("url", "主机名里不能有占位符"));
    }
    let all = format!("{}{}", target.url, target.body);
    if !all.contains("{phone}") || !all.contains("{text}") {
        return Err(Error::invalid("body", "网址或正文里要有 {phone}（号码）和 {text}（内容）"));
    }
    headers(&target.headers).map(|_| ())
}

/// The headers of a gateway.
pub fn headers(lines: &str) -> Result<Vec<(String, String)>> {
    use reqwest::header::{HeaderName, HeaderValue};
    let wrong =
        || Error::invalid("headers", "请求头每行一条，写成“名称: 值”，例如 Authorization: APPCODE 123");
    let mut headers = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let (name, value) = (name.trim(), value.trim());
        let fits = HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_str(value).is_ok();
        if !fits || name.eq_ignore_ascii_case("host") {
            return Err(wrong());
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    Ok(headers)
}

/// The key inside a secret of a webhook: `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks).
pub fn webhook_key(secret: &str) -> Result<Vec<u8>> {
    let bytes = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    bytes.filter(|key| (24..=64).contains(&key.len())).ok_or_else(|| {
        Error::invalid("secret", "密钥应是 whsec_ 开头的 base64（24 到 64 字节），也可以留空由系统生成")
    })
}

fn fresh_secret() -> String {
    use rand::Rng;
    let mut key = [0u8; 32];
    rand::rng().fill_bytes(&mut key);
    format!("whsec_{}", STANDARD.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(kind: Kind, text: &str) -> Result<String> {
        let mut target = Target { url: text.to_owned(), secret: fresh_secret(), ..Target::default() };
        if kind == Kind::Sms {
            target.body = "{phone}{text}".into();
        }
        check(&Named::new(&["relay.inside".into(), "hub.example".into()]), kind, &mut target)
    }

    #[test]
    fn a_robot_has_the_host_of_its_chat_or_one_that_the_settings_name() {
        assert_eq!(
            url(Kind::Wecom, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1").unwrap(),
            "qyapi.weixin.qq.com"
        );
        assert!(url(Kind::Wecom, "https://oapi.dingtalk.com/robot/send?access_token=1").is_err());
        assert!(url(Kind::Feishu, "https://evil.example/open-apis/bot/v2/hook/1").is_err());
        assert!(url(Kind::Dingtalk, "http://relay.inside/robot/send").is_ok());
    }

    #[test]
    fn webhooks_and_gateways_go_only_where_the_settings_say() {
        for kind in [Kind::Webhook, Kind::Sms] {
            assert_eq!(url(kind, "https://hub.example/hook").unwrap(), "hub.example");
            assert!(url(kind, "http://relay.inside/hook").is_ok());
            for text in
                ["https://anything.example/hook", "https://hub.example.evil.cn/", "https://open.feishu.cn/"]
            {
                let refused = url(kind, text).unwrap_err().to_string();
                assert!(refused.contains("LOUMA_NOTICE_HOSTS"), "{text}: {refused}");
            }
        }
    }

    #[test]
    fn a_robot_is_the_same_however_its_address_is_written() {
        let robot = |kind, url: &str| Target { url: url.into(), ..Target::default() }.robot(kind);
        let wecom = |query: &str| {
            robot(Kind::Wecom, &format!("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?{query}"))
        };
        assert_eq!(wecom("key=1"), wecom("debug=1&key=1#x"));
        assert_ne!(wecom("key=1"), wecom("key=2"));
        assert_eq!(
            robot(Kind::Feishu, "https://open.feishu.cn/open-apis/bot/v2/hook/1/"),
            Some("/open-apis/bot/v2/hook/1".into())
        );
        assert_eq!(robot(Kind::Webhook, "https://hub.example/hook"), None);
    }

    #[test]
    fn a_gateway_says_where_number_and_words_go_and_hides_nothing_in_its_host() {
        let check = |url: &str, body: &str, headers: &str| {
            let mut target =
                Target { url: url.into(), body: body.into(), headers: headers.into(), ..Target::default() };
            check(&Named::new(&["sms.example".into()]), Kind::Sms, &mut target).map(|_| target.method)
        };
        assert_eq!(
            check("https://sms.example/send", "to={phone}&m={text}", "X-Key: 1\nA: b").unwrap(),
            "POST"
        );
        assert!(check("https://sms.example/send?to={phone}&m={text}", "", "").is_ok());
        assert!(check("https://sms.example/send", "to={phone}", "").is_err());
        assert!(check("https://{phone}.example/?m={text}", "", "").is_err());
        assert!(check("https://sms.example/", "{phone}{text}", "no colon").is_err());
        assert!(check("https://sms.example/", "{phone}{text}", "Host: inside").is_err());
    }

    #[test]
    fn the_secret_of_a_webhook_is_long_enough_and_well_formed() {
        assert_eq!(webhook_key(&fresh_secret()).unwrap().len(), 32);
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "secret", "whsec_!!!"] {
            assert!(webhook_key(text).is_err(), "{text}");
        }
    }
}

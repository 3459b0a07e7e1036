//! Where messages may go: robots to the hosts of their chats, everything else to hosts that the installation's settings name;
//! by HTTPS to public addresses, unless the settings name the host.
//!
//! The address that is connected to is the one that was checked: names are resolved here, so that a name that changes
//! its mind between the check and the connection reaches nothing new. No redirect is followed, no proxy is asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::error::{Error, Result};

/// How long a target has to answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The hosts that the settings name: webhooks and gateways go to these alone. They may lie inside the own network, and may do
/// without TLS.
#[derive(Debug, Clone, Default)]
pub struct Named(Vec<String>);

impl Named {
    /// Those of the setting `notice_hosts`.
    pub fn new(hosts: &[String]) -> Named {
        Named(hosts.iter().map(|host| host.to_lowercase()).collect())
    }

    /// Whether the settings name this host.
    pub fn names(&self, host: &str) -> bool {
        self.0.iter().any(|named| named.eq_ignore_ascii_case(host.trim_matches(['[', ']'])))
    }
}

/// Reads the address of a target. Refuses what is no address, carries a password, does without TLS, or is a number
/// of the own network.
pub fn target(named: &Named, field: &'static str, text: &str) -> Result<Url> {
    let wrong = |sentence: &'static str| Error::invalid(field, sentence);
    let url = Url::parse(text.trim()).map_err(|_| wrong("请粘贴完整的网址，以 https:// 开头"))?;
    let host = url.host_str().ok_or_else(|| wrong("网址里没有主机名，请粘贴完整的网址"))?;
    let allowed = named.names(host);
    if url.scheme() != "https" && !(allowed && url.scheme() == "http") {
        return Err(wrong("网址要以 https:// 开头；内网地址请先让管理员写进 LOUMA_NOTICE_HOSTS"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("网址里不要写用户名和密码"));
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    if !allowed && address.is_some_and(|address| !public(address)) {
        return Err(wrong("这是内网地址，不能使用；确实需要请让管理员写进 LOUMA_NOTICE_HOSTS"));
    }
    Ok(url)
}

/// Whether an address belongs to the public internet: not private, not this machine, not the link, not reserved.
pub fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => public_v4(address),
        IpAddr::V6(address) => public_v6(address),
    }
}

fn public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = match (a, b, c) {
        // 0/8; shared by carriers; protocol assignments; measuring; relays that are no more; the future and broadcast.
        (0, ..) | (100, 64..=127, _) | (192, 0, 0) | (198, 18..=19, _) | (192, 88, 99) | (240.., ..) => true,
        _ => false,
    };
    !(reserved
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast())
}

fn public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let inside = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match parts {
        // Addresses of IPv4 in other clothes: mapped, by NAT64, by 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            public_v4(inside(high, low))
        }
        [0x2002, high, low, ..] => public_v4(inside(high, low)),
        // Teredo and other special assignments; documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Only this eighth is given out at all: unique-local, link-local, multicast and loopback lie outside.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Said where every address of a name is refused.
#[derive(Debug, thiserror::Error)]
#[error("内网地址，已拒绝连接")]
pub struct Inside;

/// Resolves names and lets through what may be connected to.
struct Guard(Named);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.names(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept: Vec<SocketAddr> = found.filter(|address| allowed || public(address.ip())).collect();
            match kept.is_empty() {
                true => Err(Inside.into()),
                false => Ok(Box::new(kept.into_iter()) as Addrs),
            }
        })
    }
}

/// Makes ring do the cryptography of every connection out of this program.
pub fn use_ring() {
    // A second start in one process (tests) keeps the first choice, which is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The client by which messages leave.
pub fn client(named: &Named) -> anyhow::Result<reqwest::Client> {
    use_ring();
    reqwest::Client::builder()
        .dns_resolver(std::sync::Arc::new(Guard(named.clone())))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .user_agent(concat!("louma/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("无法建立发送消息的客户端")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_own_network_is_known_in_every_dress() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2002:c0a8:101::",
            "2001::1",
            "::7f00:1",
        ] {
            assert!(!public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "2606:4700::1",
            "::ffff:8.8.8.8",
            "240e::1",
        ] {
            assert!(public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_target_is_public_and_by_tls_unless_the_settings_name_it() {
        let nobody = Named::default();
        for text in [
            "",
            "hooks.example.cn",
            "http://hooks.example.cn/a",
            "ftp://hooks.example.cn/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://u:p@hooks.example.cn/",
            "https://192.168.0.4:8443/x",
            "file:///etc/passwd",
        ] {
            assert!(target(&nobody, "url", text).is_err(), "{text}");
        }
        assert!(target(&nobody, "url", " https://hooks.example.cn/a?b=c ").is_ok());
        let named = Named::new(&["127.0.0.1".into(), "Hub.Inside".into(), "::1".into()]);
        for text in ["http://127.0.0.1:9/x", "https://hub.inside/", "http://HUB.inside/", "http://[::1]:8/"] {
            assert!(target(&named, "url", text).is_ok(), "{text}");
        }
        assert!(target(&named, "url", "http://127.0.0.2/").is_err());
    }

    #[actix_web::test]
    async fn a_name_that_leads_into_the_own_network_is_not_connected_to() {
        let refused =
            client(&Named::default()).unwrap().get("https://localhost:9/").send().await.unwrap_err();
        let mut cause: Option<&dyn std::error::Error> = Some(&refused);
        let mut found = false;
        while let Some(err) = cause {
            found |= err.is::<Inside>();
            cause = err.source();
        }
        assert!(found, "{refused:?}");
    }
}

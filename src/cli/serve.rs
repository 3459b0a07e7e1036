//! `louma serve` and `louma demo`.

use std::net::{IpAddr, TcpListener, UdpSocket};

use anyhow::Context;

use super::{bring_up, open, open_all, said};
use crate::app::{self, Parts};
use crate::config::Config;
use crate::demo;
use crate::keys::Keys;
use crate::photos::Photos;

/// Serves an installation until it is asked to stop.
pub(super) fn serve(config: Config) -> anyhow::Result<()> {
    let (db, keys, photos) = open_all(&config)?;
    let listener = bind(&config)?;
    work(listener, Parts::new(config, db, keys, photos))
}

/// The demonstration answers in the local network, so that a phone can scan what is on the screen. Whoever says where
/// to listen is listened to; whoever gives an address for residents has it printed.
pub(super) fn for_demo(config: &mut Config) {
    let Ok(plain) = Config::from_values(&Default::default()) else { return };
    if plain.base_url != config.base_url {
        return;
    }
    if plain.listen == config.listen {
        config.listen = "0.0.0.0:8080".to_owned();
    }
    config.base_url = reached_at(&config.listen);
}

/// The address under which others reach what listens there: its own, or this machine's where it listens on every one.
fn reached_at(listen: &str) -> String {
    let (host, port) = listen.rsplit_once(':').unwrap_or((listen, "8080"));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(every) if every.is_unspecified() => format!("http://{}:{port}", local_address()),
        Ok(IpAddr::V6(one)) => format!("http://[{one}]:{port}"),
        _ => format!("http://{host}:{port}"),
    }
}

/// This machine's address in the local network. Connecting a datagram socket sends nothing; it only picks the way.
fn local_address() -> IpAddr {
    let here = || -> std::io::Result<IpAddr> {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.connect("192.0.2.1:9")?;
        Ok(socket.local_addr()?.ip())
    };
    here().unwrap_or(IpAddr::from([127, 0, 0, 1]))
}

/// Makes the demonstration community where there is none, and serves it. It is whole when the accounts were shown: who
/// breaks the first start off before that is told so at the next one.
pub(super) fn demo(config: Config) -> anyhow::Result<()> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("无法创建目录 {}", config.data_dir.display()))?;
    let keys = Keys::create(&config.key_file)?;
    let db = open(&config)?;
    eprintln!("① 准备数据库……");
    bring_up(&db)?;
    // A port that is taken is said before the long work, not after it.
    let listener = bind(&config)?;
    let photos = Photos::open(&config.photos_dir())?;
    let made = demo::make(&db, &keys, &photos).map_err(said)?;
    let posters = config.data_dir.join("posters");
    if !posters.exists() {
        eprintln!("⑤ 生成全部楼门的海报……");
        super::export::print(&config, super::export::Print::demonstration(posters.clone()))?;
    }
    made.tell(&config);
    println!("海报（A5，全部楼门）：{}\n停止：Ctrl-C\n", posters.display());
    demo::finish(&db).map_err(said)?;
    work(listener, Parts::new(config, db, keys, photos))
}

fn bind(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(&config.listen)
        .with_context(|| format!("无法监听 {}：端口可能被占用，可用 LOUMA_LISTEN 换一个", config.listen))
}

/// Works until SIGTERM or Ctrl-C; then answers what is under way and writes what waits.
fn work(listener: TcpListener, parts: Parts) -> anyhow::Result<()> {
    tracing::info!(listen = parts.config.listen, "serving");
    actix_web::rt::System::new().block_on(async move {
        app::run(listener, parts.clone())?.await?;
        parts.scans.flush(&parts.db).await;
        tracing::info!("stopped");
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo(values: &[(&str, &str)]) -> Config {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut config = Config::from_values(&values).unwrap();
        for_demo(&mut config);
        config
    }

    #[test]
    fn the_demonstration_prints_an_address_that_leads_to_where_it_listens() {
        let here = local_address();
        for (listen, printed) in [
            ("0.0.0.0:9090", format!("http://{here}:9090")),
            ("[::]:9090", format!("http://{here}:9090")),
            ("127.0.0.1:9090", "http://127.0.0.1:9090".to_owned()),
            ("[::1]:9090", "http://[::1]:9090".to_owned()),
            ("192.168.1.5:80", "http://192.168.1.5:80".to_owned()),
            ("localhost:9090", "http://localhost:9090".to_owned()),
        ] {
            let config = demo(&[("listen", listen)]);
            assert_eq!((config.listen.as_str(), config.base_url), (listen, printed));
        }
        let plain = demo(&[]);
        assert_eq!((plain.listen.as_str(), plain.base_url), ("0.0.0.0:8080", format!("http://{here}:8080")));
    }

    #[test]
    fn an_address_that_was_given_is_printed_as_it_is() {
        let config = demo(&[("listen", "127.0.0.1:9090"), ("base_url", "https://louma.example.cn")]);
        assert_eq!(config.base_url, "https://louma.example.cn");
        assert_eq!(config.listen, "127.0.0.1:9090");
    }
}

//! The settings of an installation: environment variables over an optional file over defaults.
//!
//! Every setting stands once in [`SETTINGS`] with its documentation; README's table is compared with it
//! by a test. What is wrong is refused at start with a sentence that says how to mend it. What differs
//! between communities is never here: it is rows.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// One setting: its name in the file (the environment variable is `LOUMA_` and the name in capitals),
/// its default, and what it is for.
pub struct Setting {
    /// The name in the file.
    pub name: &'static str,
    /// What holds where nothing is set.
    pub default: &'static str,
    /// For the person who runs the installation.
    pub doc: &'static str,
}

const fn setting(name: &'static str, default: &'static str, doc: &'static str) -> Setting {
    Setting { name, default, doc }
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    setting("data_dir", "data", "数据目录：数据库文件、照片、密钥、导出的海报和报表"),
    setting(
        "database_url",
        "",
        "数据库：空为数据目录中的 SQLite；或 sqlite:文件路径；或 postgres://用户:密码@主机/库名",
    ),
    setting("key_file", "", "密钥文件，空为数据目录中的 louma.key；请与数据库分开备份"),
    setting("listen", "127.0.0.1:8080", "监听地址和端口"),
    setting("base_url", "http://127.0.0.1:8080", "居民看到的网址，印在二维码里；正式使用必须是 https://"),
    setting("trusted_proxies", "", "可信反向代理的 IP，用逗号分开；只有它们传来的 X-Forwarded-For 才算数"),
    setting(
        "metrics_token",
        "",
        "取 /metrics 要带的令牌（Authorization: Bearer …，至少 16 位）；空为只答本机和可信反向代理自己",
    ),
    setting("templates_dir", "", "海报模板目录；空为程序自带的模板"),
    setting("icp", "", "页脚的 ICP 备案号"),
    setting("police", "", "页脚的公安联网备案号"),
    setting("log", "info", "日志级别：error、warn、info、debug"),
    setting("log_format", "text", "日志格式：text 或 json"),
    setting("workers", "0", "处理请求的线程数；0 为处理器核数"),
    setting("smtp_url", "", "发信服务器：smtps://用户:密码@主机 或 smtp://主机:25；空为不发邮件"),
    setting("smtp_from", "", "发信人，例如 楼码 <louma@example.cn>"),
    setting(
        "notice_hosts",
        "",
        "通用回调和短信网关可以发往的主机，用逗号分开，可以在内网、可以不带 TLS；群机器人只发往各自的官方网址，不用写",
    ),
    setting(
        "allow_unsafe_postgres",
        "false",
        "true 表示知情：允许 PostgreSQL 关闭 fsync 或 synchronous_commit",
    ),
];

/// How much may be logged, the least first.
const LOG_LEVELS: &[&str] = &["error", "warn", "info", "debug"];

/// The settings, read and checked.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Config {
    pub data_dir: PathBuf,
    pub database_url: String,
    pub key_file: PathBuf,
    pub listen: String,
    /// Without a slash at the end.
    pub base_url: String,
    pub trusted_proxies: Vec<IpAddr>,
    /// Empty for none.
    pub metrics_token: String,
    pub templates_dir: Option<PathBuf>,
    pub icp: String,
    pub police: String,
    /// `error`, `warn`, `info` or `debug`.
    pub log: String,
    pub log_json: bool,
    pub workers: usize,
    /// With its password: never shown.
    pub smtp_url: String,
    pub smtp_from: String,
    pub notice_hosts: Vec<String>,
    pub allow_unsafe_postgres: bool,
}

impl Config {
    /// Reads the file (if one is given or `louma.toml` lies here) and the environment.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Config> {
        let mut values = BTreeMap::new();
        let default = Path::new("louma.toml");
        if let Some(path) = file.or(default.exists().then_some(default)) {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("读不到配置文件 {}", path.display()))?;
            values = read_file(&text).with_context(|| format!("配置文件 {} 有误", path.display()))?;
        }
        for setting in SETTINGS {
            let variable = variable(setting.name);
            match std::env::var(&variable) {
                Ok(value) => drop(values.insert(setting.name.to_owned(), value)),
                Err(std::env::VarError::NotPresent) => {}
                Err(err) => bail!("环境变量 {variable} 不是文字：{err}"),
            }
        }
        Config::from_values(&values)
    }

    /// The settings that `values` give, by name; defaults for the rest.
    pub fn from_values(values: &BTreeMap<String, String>) -> anyhow::Result<Config> {
        let get = |name: &str| {
            let default = || SETTINGS.iter().find(|each| each.name == name).map_or("", |each| each.default);
            values.get(name).map_or_else(default, |value| value.trim())
        };
        let data_dir = PathBuf::from(get("data_dir"));
        let path_or = |name: &str, file: &str| match get(name) {
            "" => data_dir.join(file),
            path => PathBuf::from(path),
        };
        let database_url = match get("database_url") {
            "" => format!("sqlite:{}", data_dir.join("louma.db").display()),
            url => url.to_owned(),
        };
        let base_url = get("base_url").trim_end_matches('/').to_owned();
        ensure!(
            base_url.starts_with("http://") || base_url.starts_with("https://"),
            "LOUMA_BASE_URL 应以 https:// 开头（演示可用 http://），现在是「{base_url}」"
        );
        ensure!(
            base_url.matches('/').count() == 2,
            "LOUMA_BASE_URL 只写到域名为止，不带路径，例如 https://louma.example.cn"
        );
        let listen = get("listen").to_owned();
        ensure!(
            listen.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()),
            "LOUMA_LISTEN 应是 地址:端口，例如 0.0.0.0:8080，现在是「{listen}」"
        );
        Ok(Config {
            key_file: path_or("key_file", "louma.key"),
            data_dir: data_dir.clone(),
            database_url,
            listen,
            base_url,
            trusted_proxies: proxies(get("trusted_proxies"))?,
            metrics_token: token("metrics_token", get("metrics_token"))?,
            templates_dir: Some(get("templates_dir")).filter(|dir| !dir.is_empty()).map(PathBuf::from),
            icp: get("icp").to_owned(),
            police: get("police").to_owned(),
            log: LOG_LEVELS[one_of("log", get("log"), LOG_LEVELS)?].to_owned(),
            log_json: one_of("log_format", get("log_format"), &["text", "json"])? == 1,
            workers: get("workers")
                .parse()
                .with_context(|| format!("LOUMA_WORKERS 应是数字，现在是「{}」", get("workers")))?,
            smtp_url: get("smtp_url").to_owned(),
            smtp_from: get("smtp_from").to_owned(),
            notice_hosts: hosts(get("notice_hosts"))?,
            allow_unsafe_postgres: one_of(
                "allow_unsafe_postgres",
                get("allow_unsafe_postgres"),
                &["false", "true"],
            )? == 1,
        })
    }

    /// Whether residents reach the service by HTTPS; decides cookie names and attributes.
    pub fn https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// Where photos lie.
    pub fn photos_dir(&self) -> PathBuf {
        self.data_dir.join("photos")
    }

    /// Where the pieces of what phones are sending lie.
    pub fn uploads_dir(&self) -> PathBuf {
        self.data_dir.join("uploads")
    }
}

/// The environment variable of a setting.
pub fn variable(name: &str) -> String {
    format!("LOUMA_{}", name.to_uppercase())
}

fn read_file(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let table: toml::Table = text.parse()?;
    let mut values = BTreeMap::new();
    for (name, value) in table {
        let known = SETTINGS.iter().any(|setting| setting.name == name);
        ensure!(known, "没有叫「{name}」的设置；可用的有：{}", names());
        let text = match value {
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        values.insert(name, text);
    }
    Ok(values)
}

fn names() -> String {
    SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>().join("、")
}

fn one_of(name: &str, value: &str, words: &[&str]) -> anyhow::Result<usize> {
    let place = words.iter().position(|word| *word == value);
    place.with_context(|| format!("{} 应是 {} 之一，现在是「{value}」", variable(name), words.join("、")))
}

fn token(name: &str, value: &str) -> anyhow::Result<String> {
    let sound = value.is_empty() || value.len() >= 16 && value.bytes().all(|sign| sign.is_ascii_graphic());
    ensure!(sound, "{} 应是至少 16 位的字母、数字或符号，例如 openssl rand -hex 16 的结果", variable(name));
    Ok(value.to_owned())
}

fn proxies(list: &str) -> anyhow::Result<Vec<IpAddr>> {
    let parts = list.split([',', ' ']).filter(|part| !part.is_empty());
    parts
        .map(|part| part.parse().with_context(|| format!("LOUMA_TRUSTED_PROXIES 中「{part}」不是 IP 地址")))
        .collect()
}

fn hosts(list: &str) -> anyhow::Result<Vec<String>> {
    let parts = list.split([',', ' ']).filter(|part| !part.is_empty());
    let bare = |part: &str| !part.contains(['/', '@', '*']);
    parts
        .map(|part| {
            ensure!(bare(part), "LOUMA_NOTICE_HOSTS 只写主机名或 IP，不带 https:// 和路径，现在有「{part}」");
            Ok(part.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> anyhow::Result<Config> {
        Config::from_values(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn defaults_are_a_working_installation() {
        let config = Config::from_values(&BTreeMap::new()).unwrap();
        assert_eq!(config.database_url, "sqlite:data/louma.db");
        assert!(!config.https());
    }

    #[test]
    fn what_is_wrong_is_said_with_the_name_of_its_variable() {
        for (name, value) in [
            ("base_url", "louma.example.cn"),
            ("base_url", "https://example.cn/louma"),
            ("listen", "8080"),
            ("trusted_proxies", "10.0.0.1, caddy"),
            ("notice_hosts", "https://hub.inside/x"),
            ("log", "trace"),
            ("log", "info,louma=debug"),
            ("log", ""),
            ("log_format", "xml"),
            ("workers", "many"),
            ("metrics_token", "short"),
            ("allow_unsafe_postgres", "yes"),
        ] {
            let message = format!("{:#}", with(name, value).unwrap_err());
            assert!(message.contains(&variable(name)), "{name}={value}: {message}");
        }
    }

    #[test]
    fn every_level_that_the_documentation_names_is_taken() {
        let doc = SETTINGS.iter().find(|setting| setting.name == "log").unwrap().doc;
        for level in doc.split_once('：').unwrap().1.split('、') {
            assert_eq!(with("log", level).unwrap().log, level);
        }
    }

    #[test]
    fn an_unknown_name_in_the_file_is_refused() {
        assert!(read_file("base_ulr = \"https://x\"").is_err());
        assert_eq!(read_file("workers = 3").unwrap()["workers"], "3");
    }
}

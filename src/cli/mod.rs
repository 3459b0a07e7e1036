//! The command line: one file per command that is more than a few lines. It does nothing that a verb does not do.

mod accounts;
mod backup;
mod doctor;
mod export;
mod figures;
mod hotline;
mod reports;
mod retention;
mod serve;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::clock::PeriodKind;
use crate::config::Config;
use crate::db::{Db, Durability};
use crate::error::Error;
use crate::keys::Keys;
use crate::photos::Photos;

/// 楼码：一楼一码，您扫我办。
#[derive(Parser)]
#[command(name = "louma", version, about = "楼码：一楼一码，您扫我办", disable_help_subcommand = true)]
pub struct Louma {
    /// 配置文件（默认读当前目录的 louma.toml，没有就只用环境变量）
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 建一个演示社区并启动服务，一条命令看全貌
    Demo,
    /// 新装：建数据库和密钥，并设第一个管理员
    Init {
        /// 管理员登录名（不写则在终端询问）
        #[arg(long)]
        login: Option<String>,
    },
    /// 启动服务
    Serve,
    /// 升级数据库结构
    Migrate,
    /// 列出每一项设置、现在的值和说明
    Settings,
    /// 导入表格
    #[command(subcommand)]
    Import(Import),
    /// 账号
    #[command(subcommand)]
    User(User),
    /// 社区
    #[command(subcommand)]
    Community(CommunityCommand),
    /// 二维码海报
    #[command(subcommand)]
    Codes(Codes),
    /// 导出一个月的报表（XLSX）
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Report {
        #[command(subcommand)]
        verb: Option<ReportVerb>,
        /// 社区名称或工单号前缀
        #[arg(long, required = true)]
        community: Option<String>,
        /// 月份，例如 2025-06；只写年份导出全年
        #[arg(long, required = true)]
        month: Option<String>,
        /// 按考核月（上月 19 日到本月 19 日）
        #[arg(long)]
        assessment: bool,
        /// 写到哪个目录
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
    /// 备份数据库、照片和密钥（服务不用停）
    Backup {
        /// 写到哪个目录（不能已有）
        to: PathBuf,
    },
    /// 把备份恢复到空的数据目录
    Restore {
        /// 备份所在目录
        from: PathBuf,
    },
    /// 删除保存期已过的个人信息（服务每天也会自己做一次）
    Retention {
        /// 只看会删什么，不动数据
        #[arg(long)]
        dry_run: bool,
    },
    /// 统计数字
    #[command(subcommand)]
    Stats(Stats),
    /// 检查：工单与过程记录、汇总与逐件重算、签发的报表、照片是否都对得上；只看不改
    Doctor,
    /// 导出一个社区的原始数据，供独立核对
    #[command(hide = true)]
    Raw {
        /// 社区名称或工单号前缀
        #[arg(long)]
        community: String,
        /// 写到哪个目录
        out: PathBuf,
    },
}

#[derive(Subcommand)]
enum Stats {
    /// 把已过去各月的汇总全部从工单重算一遍（服务不用停）
    Rebuild {
        /// 只算这个社区（名称或工单号前缀）
        #[arg(long)]
        community: Option<String>,
    },
}

#[derive(Subcommand)]
enum ReportVerb {
    /// 按签发时的口径重算一份已签发的报表，说出相同还是哪里不同
    Verify {
        /// 社区名称或工单号前缀
        #[arg(long)]
        community: String,
        /// 月份，例如 2025-06；只写年份是全年
        #[arg(long)]
        month: String,
        /// 按考核月（上月 19 日到本月 19 日）
        #[arg(long)]
        assessment: bool,
        /// 第几版（不写是最后一版）
        #[arg(long)]
        version: Option<i32>,
    },
}

#[derive(Subcommand)]
enum Import {
    /// 楼栋、单元、点位（CSV 或 XLSX）
    Places {
        /// 表格文件
        file: PathBuf,
        /// 社区名称或工单号前缀
        #[arg(long)]
        community: String,
    },
    /// 一年的放假和调休安排（CSV 或 XLSX）
    Calendar {
        /// 表格文件
        file: PathBuf,
        /// 社区名称或工单号前缀
        #[arg(long)]
        community: String,
    },
    /// 12345 热线件数（CSV 或 XLSX）
    Hotline {
        /// 表格文件
        file: PathBuf,
        /// 社区名称或工单号前缀
        #[arg(long)]
        community: String,
    },
    /// 12345 热线工单明细，一行一件（CSV 或 XLSX）；同一编号只算一件，再导入就是更新
    HotlineRows {
        /// 表格文件
        file: PathBuf,
        /// 社区名称或工单号前缀
        #[arg(long)]
        community: String,
        /// 只看能收多少、为什么不收，不导入
        #[arg(long)]
        preview: bool,
        /// 把不收的行和原因写到这个 CSV 文件
        #[arg(long)]
        rejects: Option<PathBuf>,
    },
    /// 撤销一批 12345 工单明细（编号在导入时打印，也在网页的批次列表里）
    HotlineUndo {
        /// 批次编号
        batch: uuid::Uuid,
        /// 社区名称或工单号前缀
        #[arg(long)]
        community: String,
    },
}

#[derive(Subcommand)]
enum User {
    /// 新建账号，打印随机密码
    Add {
        /// 登录名
        login: String,
        /// 岗位：handler、grid_worker、community_worker、community_lead、street_manager、auditor、admin
        #[arg(long)]
        role: String,
        /// 称呼，例如「社区工作者 02」
        #[arg(long)]
        name: String,
        /// 社区名称或工单号前缀
        #[arg(long)]
        community: Option<String>,
        /// 承办单位名称（经办人必填）
        #[arg(long)]
        party: Option<String>,
        /// 街道名称（街道管理员、审计员必填）
        #[arg(long)]
        street: Option<String>,
    },
}

#[derive(Subcommand)]
enum CommunityCommand {
    /// 新建社区
    Add {
        /// 社区名称
        name: String,
        /// 工单号前缀，2 到 4 个字母
        #[arg(long)]
        prefix: String,
        /// 所在街道
        #[arg(long)]
        street: String,
        /// 所在区
        #[arg(long)]
        district: String,
        /// 社区电话
        #[arg(long)]
        phone: String,
    },
}

#[derive(Subcommand)]
enum Codes {
    /// 生成全部楼门的海报，合成一个 PDF
    Print {
        /// 社区名称或工单号前缀
        #[arg(long)]
        community: String,
        /// 尺寸：a4、a5、a6、sticker
        #[arg(long, default_value = "a5")]
        size: String,
        /// 只印这一个码
        #[arg(long)]
        code: Option<String>,
        /// 写到哪个目录
        #[arg(long, default_value = ".")]
        out: PathBuf,
        /// 网址不是 https 也印（只用于试验）
        #[arg(long)]
        force: bool,
    },
}

/// Runs a command to its end.
pub fn run(louma: Louma) -> anyhow::Result<()> {
    let mut config = Config::load(louma.config.as_deref())?;
    if let Command::Demo = louma.command {
        serve::for_demo(&mut config);
    }
    start_log(&config);
    match louma.command {
        Command::Demo => serve::demo(config),
        Command::Serve => serve::serve(config),
        Command::Init { login } => accounts::init(&config, login),
        Command::Migrate => migrate(&config),
        Command::Settings => settings(&config),
        Command::Import(Import::Places { file, community }) => {
            export::import_places(&config, &file, &community)
        }
        Command::Import(Import::Calendar { file, community }) => {
            export::import_calendar(&config, &file, &community)
        }
        Command::Import(Import::Hotline { file, community }) => {
            export::import_hotline(&config, &file, &community)
        }
        Command::Import(Import::HotlineRows { file, community, preview, rejects }) => {
            hotline::import(&config, hotline::Wanted { file, community, preview, rejects })
        }
        Command::Import(Import::HotlineUndo { batch, community }) => {
            hotline::undo(&config, &community, crate::db::Id(batch))
        }
        Command::User(User::Add { login, role, name, community, party, street }) => {
            accounts::add(&config, accounts::Wanted { login, role, name, community, party, street })
        }
        Command::Community(CommunityCommand::Add { name, prefix, street, district, phone }) => {
            let new =
                crate::places::NewCommunity { name, prefix, street, district, phone, ..Default::default() };
            accounts::found(&config, new)
        }
        Command::Codes(Codes::Print { community, size, code, out, force }) => {
            export::print(&config, export::Print { community, size, code, out, force })
        }
        Command::Report {
            verb: Some(ReportVerb::Verify { community, month, assessment, version }), ..
        } => reports::verify(&config, (&community, &month), month_kind(assessment), version),
        Command::Report { community: Some(community), month: Some(month), assessment, out, .. } => {
            export::report(&config, &community, &month, month_kind(assessment), &out)
        }
        Command::Report { .. } => anyhow::bail!("请写明 --community 和 --month"),
        Command::Backup { to } => backup::backup(&config, &to),
        Command::Restore { from } => backup::restore(&config, &from),
        Command::Retention { dry_run } => retention::run(&config, dry_run),
        Command::Stats(Stats::Rebuild { community }) => figures::rebuild(&config, community.as_deref()),
        Command::Doctor => doctor::run(&config),
        Command::Raw { community, out } => export::raw(&config, &community, &out),
    }
}

fn month_kind(assessment: bool) -> PeriodKind {
    if assessment { PeriodKind::AssessmentMonth } else { PeriodKind::Month }
}

fn start_log(config: &Config) {
    use tracing_subscriber::EnvFilter;
    let log =
        tracing_subscriber::fmt().with_env_filter(EnvFilter::new(&config.log)).with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    let _ = if config.log_json { log.json().try_init() } else { log.try_init() };
}

/// Opens the database as the settings say, and brings nothing up to date.
fn open(config: &Config) -> anyhow::Result<Db> {
    let durability =
        if config.allow_unsafe_postgres { Durability::AsConfigured } else { Durability::Required };
    Db::open(&config.database_url, durability)
}

/// Opens an installation that was set up before: database, keys and photos.
fn open_all(config: &Config) -> anyhow::Result<(Db, Keys, Photos)> {
    let keys = Keys::read(&config.key_file)?;
    let db = open(config)?;
    let pending = db.pending_migrations()?;
    anyhow::ensure!(pending == 0, "数据库需要升级（{pending} 步）。请先备份，再运行 louma migrate");
    let photos = Photos::open(&config.photos_dir()).context("打不开照片目录")?;
    Ok((db, keys, photos))
}

/// Brings the schema up to date, with a line for each step: on a large database one may take minutes.
fn bring_up(db: &Db) -> anyhow::Result<usize> {
    db.migrate_telling(&mut |at, all, name| eprintln!("升级数据库 {at}/{all}：{name}"))
}

fn migrate(config: &Config) -> anyhow::Result<()> {
    let db = open(config)?;
    let done = bring_up(&db)?;
    db.write_now(crate::routing::plant_categories).map_err(said)?;
    println!("完成：{done} 步");
    Ok(())
}

fn settings(config: &Config) -> anyhow::Result<()> {
    for setting in crate::config::SETTINGS {
        println!(
            "{}（默认「{}」）\n    {}",
            crate::config::variable(setting.name),
            setting.default,
            setting.doc
        );
    }
    println!(
        "\n现在：数据库 {}，网址 {}，监听 {}",
        shown(&config.database_url),
        config.base_url,
        config.listen
    );
    Ok(())
}

/// A database address without its password.
fn shown(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

/// An error of the domain, for the terminal: with the cause where the fault is ours, and a line for each of several things
/// to mend.
fn said(err: Error) -> anyhow::Error {
    match err {
        Error::Internal(fault) => fault,
        Error::Invalid(problems) if problems.len() > 1 => {
            let lines: String = problems.iter().map(|problem| format!("\n  {}", problem.message)).collect();
            anyhow::anyhow!("有几处要改，改好再运行一次：{lines}")
        }
        err => anyhow::anyhow!("{err}"),
    }
}

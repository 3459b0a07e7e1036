//! 签发: a report that is handed up is frozen, and stays readable as it was (domain §6.7).
//!
//! [`prepare`] computes a finished period and makes all of it ready (snapshot, workbook, printed page) outside the write;
//! [`keep`] keeps it. A period has one issued report; issuing it again makes the next version with the differences as
//! 更正, and the earlier version stays. Nothing that was issued is ever changed: what is shown again are the bytes that were
//! kept, checked against their SHA-256. Next door: [`snapshot`] is what is kept, [`verify`] counts it again, [`drafts`]
//! says what waits to be issued.

pub mod api;
mod differences;
pub mod drafts;
pub mod pages;
mod paper;
mod reasons;
pub mod snapshot;
mod store;
pub mod verify;

use std::io::{Read, Write};

use sha2::{Digest, Sha256};

pub use self::differences::Correction;
pub use self::paper::Kept as Paper;
use self::snapshot::Made;
use self::store::FileRow;
use super::making::{Imprint, Material, file_name};
use super::masking::Masking;
use crate::clock::{Period, PeriodKind};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::hex;
use crate::people::Actor;
use crate::tickets::acts;

/// Issued reports on one page of the list.
pub const PAGE: usize = 24;
/// So many issued periods before a new one are looked at for 更正.
const LOOKED_BACK: i64 = 12;

text_enum! {
    /// What is kept of a report.
    #[schema(as = ReportFile)]
    pub enum File {
        Snapshot = "snapshot", "快照（JSON）";
        Workbook = "workbook", "工作簿（XLSX，脱敏）";
        Paper = "paper", "打印件（A4）";
    }
}

/// A report that was issued.
#[derive(
    Debug,
    Clone,
    PartialEq,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::issued_reports)]
#[schema(as = IssuedReport)]
pub struct Issued {
    /// Whose it is.
    #[serde(skip)]
    pub community_id: Id,
    /// Names it in addresses.
    pub id: Id,
    /// `month`, `assessment_month` or `year`.
    pub kind: String,
    /// `2025-06`, or `2025`.
    pub period: String,
    /// 1, 2, … within the period; each stays readable.
    pub version: i32,
    /// The first moment of the period.
    pub from_at: Time,
    /// The first moment after it.
    pub to_at: Time,
    /// When it was issued: also until when things were taken into account.
    pub issued_at: Time,
    /// The account.
    #[serde(skip)]
    pub issued_by: Id,
    /// By whom, by name.
    pub issuer: String,
    /// Why it was issued again; may be empty for the first version.
    pub note: String,
    /// The form of the snapshot.
    pub format: i32,
    /// SHA-256 of the snapshot, in hexadecimal digits.
    pub checksum: String,
    /// The [`Correction`]s that it lists, as JSON.
    #[serde(skip)]
    pub corrections: String,
}

/// The kinds of period that are handed up.
pub const KINDS: [PeriodKind; 3] = [PeriodKind::Month, PeriodKind::AssessmentMonth, PeriodKind::Year];

impl Issued {
    /// Which period it is of.
    pub fn of(&self) -> Result<Period> {
        let kind = PeriodKind::of_word(&self.kind);
        let kind = kind.ok_or_else(|| Error::Internal(anyhow::anyhow!("no kind {}", self.kind)))?;
        Period::parse(kind, &self.period)
    }

    /// `2025年6月（自然月）`.
    pub fn label(&self) -> String {
        let named = self.of().map(|period| format!("{}（{}）", period.label(), period.kind.label()));
        named.unwrap_or_else(|_| self.period.clone())
    }

    /// What it lists as 更正: of its own earlier version, and of earlier periods.
    pub fn corrected(&self) -> Vec<Correction> {
        serde_json::from_str(&self.corrections).unwrap_or_default()
    }

    /// `已签发，第 1 版，2025年7月2日 10:00，签发人 社区负责人 01`.
    pub fn standing(&self) -> String {
        format!("已签发，第 {} 版，{}，签发人 {}", self.version, self.issued_at.long(), self.issuer)
    }
}

/// A report with all its files, made and not kept yet.
pub struct Ready {
    row: Issued,
    files: Vec<FileRow>,
}

/// Computes a period that has ended and makes it ready to be issued by the actor. A further version needs a reason.
/// Reads only, and takes a while: not inside a write.
pub fn prepare(tx: &mut Tx, actor: &Actor, period: Period, note: &str) -> Result<Ready> {
    let (community, note) = (actor.community_id, note.trim());
    if period.to > tx.now {
        let sentence = format!("{}还没有结束，{} 以后才能签发", period.label(), period.to.long());
        return Err(Error::invalid("period", sentence));
    }
    if note.chars().count() > 500 {
        return Err(Error::invalid("note", "说明最多 500 字，请删短一些"));
    }
    let before = store::latest(tx, community, &period)?;
    if before.is_some() && note.is_empty() {
        return Err(Error::invalid("note", "这个期间已经签发过。要再签发一版，请写明为什么更正"));
    }
    let material = Material::gather(tx, community, period)?;
    if material.report.basis.service_from.is_none_or(|from| from >= period.to) {
        return Err(Error::invalid("period", "这个期间还没有挂码，也没有诉求，没有可签发的内容"));
    }
    let corrections = corrections(tx, before.as_ref(), &material, period)?;
    let mut row = Issued {
        community_id: community,
        id: Id::new(),
        kind: period.kind.word().to_owned(),
        period: period.word(),
        version: before.map_or(0, |before| before.version) + 1,
        from_at: period.from,
        to_at: period.to,
        issued_at: tx.now,
        issued_by: actor.staff()?,
        issuer: actor.name.clone(),
        note: note.to_owned(),
        format: snapshot::FORMAT,
        checksum: String::new(),
        corrections: serde_json::to_string(&corrections).map_err(Error::internal)?,
    };
    let files = files(tx, &mut row, &material, corrections)?;
    Ok(Ready { row, files })
}

/// What is listed as 更正: how this period differs from its last version; what was issued again of earlier periods since
/// the last report of another period; and what would be counted differently today in those that were not.
fn corrections(
    tx: &mut Tx,
    before: Option<&Issued>,
    material: &Material,
    period: Period,
) -> Result<Vec<Correction>> {
    let mut all = Vec::new();
    if let Some(before) = before {
        let after = serde_json::to_value(&material.report).map_err(Error::internal)?;
        let earlier = snapshot::read(&bytes(tx, before, File::Snapshot)?)?;
        let mut own = differences::differences(&period, &earlier.report, &after);
        own.extend(differences::parts(&period, &earlier.report, &after));
        reasons::explain(tx, before, &mut own)?;
        all.append(&mut own);
    }
    let earlier = store::earlier(tx, (material.report.basis.community.id, &period), LOOKED_BACK)?;
    let since = earlier.iter().filter(|each| each.version == 1).map(|each| each.issued_at).max();
    let mut seen = Vec::new();
    for each in &earlier {
        if each.version > 1 && since.is_none_or(|since| each.issued_at >= since) {
            all.extend(each.corrected().into_iter().filter(|other| other.period == each.period));
        }
        // The latest version of a period comes first.
        if !seen.contains(&&each.period) {
            seen.push(&each.period);
            all.extend(verify::changed(tx, each)?);
        }
    }
    Ok(all)
}

/// Makes the three files; the row learns its checksum.
fn files(
    tx: &mut Tx,
    row: &mut Issued,
    material: &Material,
    corrections: Vec<Correction>,
) -> Result<Vec<FileRow>> {
    let imprint = Imprint {
        standing: row.standing(),
        by: row.issuer.clone(),
        corrections: corrections.clone(),
        open: None,
    };
    let (mut kept, rules) = (Vec::new(), snapshot::rules(tx, &material.report)?);
    let workbook = material.draw(&Masking::Masked, &imprint, |grids| {
        let made =
            Made { row: &*row, rules, corrections: &corrections, report: &material.report, tables: grids };
        kept = snapshot::write(&made)?;
        row.checksum = sum(&kept);
        Ok(row.checksum.clone())
    })?;
    let paper = paper::issued(row, &material.report, &corrections)?;
    let own = (row.community_id, row.id);
    [(File::Snapshot, kept), (File::Workbook, workbook), (File::Paper, paper.into_bytes())]
        .into_iter()
        .map(|(file, bytes)| file_row(own, file, &bytes))
        .collect()
}

/// Keeps a report that was made ready; a line in the audit log. Refused where somebody issued the period meanwhile.
pub fn keep(tx: &mut Tx, actor: &Actor, ready: Ready) -> Result<Issued> {
    let Ready { row, files } = ready;
    let period = row.of()?;
    let latest = store::latest(tx, row.community_id, &period)?.map_or(0, |latest| latest.version);
    if latest + 1 != row.version || !store::insert(tx, &row)? {
        return Err(Error::conflict(format!("{}刚刚由同事签发了，请刷新后再看", row.label())));
    }
    store::insert_files(tx, &files)?;
    let line = format!("签发 {} 第 {} 版，SHA-256 {}", row.label(), row.version, row.checksum);
    acts::audit(tx, actor, "issue", &line)?;
    Ok(row)
}

/// As [`prepare`] and [`keep`] at one moment: for the demonstration and the command line.
pub fn issue(tx: &mut Tx, actor: &Actor, period: Period, note: &str) -> Result<Issued> {
    let ready = prepare(tx, actor, period, note)?;
    keep(tx, actor, ready)
}

/// An issued report of the actor's community.
pub fn find(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Issued> {
    store::find(tx, actor.community_id, id)
}

/// The version of a period that was issued last, or the one that is named.
pub fn of_period(tx: &mut Tx, community: Id, period: &Period, version: Option<i32>) -> Result<Issued> {
    let found = store::versions(tx, community, period)?;
    found
        .into_iter()
        .find(|each| version.is_none_or(|version| each.version == version))
        .ok_or(Error::NotFound)
}

/// All versions of the period of a report, the latest first.
pub fn versions(tx: &mut Tx, report: &Issued) -> Result<Vec<Issued>> {
    store::versions(tx, report.community_id, &report.of()?)
}

/// Issued reports of the community before `before` (moment and id), the latest first: at most [`PAGE`] and one more.
pub fn list(tx: &mut Tx, actor: &Actor, before: Option<(Time, Id)>) -> Result<Vec<Issued>> {
    store::page(tx, actor.community_id, before)
}

/// A file of a report, exactly as it was issued. A fault of ours where it is not.
pub fn bytes(tx: &mut Tx, report: &Issued, file: File) -> Result<Vec<u8>> {
    let row = store::file(tx, report, file)?;
    let damaged = || Error::Internal(anyhow::anyhow!("{} of report {} is damaged", file, report.id));
    let bytes = unpacked(&row.bytes).map_err(|_| damaged())?;
    let right = sum(&bytes) == row.checksum && (file != File::Snapshot || row.checksum == report.checksum);
    if right { Ok(bytes) } else { Err(damaged()) }
}

/// How many reports of a community were issued, and which of their files are not as they were.
pub fn damaged(tx: &mut Tx, community: Id) -> Result<(usize, Vec<String>)> {
    let reports = store::all(tx, community)?;
    let mut wrong = Vec::new();
    for report in &reports {
        for file in File::ALL {
            if bytes(tx, report, *file).is_err() {
                wrong.push(format!("{} 的{}与签发时不同，从备份找回", report.label(), file.label()));
            }
        }
    }
    Ok((reports.len(), wrong))
}

/// What a file of a report is called when it is saved.
pub fn name(report: &Issued, community: &str, end: &str) -> Result<String> {
    Ok(file_name(community, &report.of()?, &format!("第{}版_{end}", report.version)))
}

fn file_row((community_id, report_id): (Id, Id), file: File, bytes: &[u8]) -> Result<FileRow> {
    let mut packing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packing.write_all(bytes).map_err(Error::internal)?;
    let packed = packing.finish().map_err(Error::internal)?;
    Ok(FileRow { community_id, report_id, name: file, checksum: sum(bytes), bytes: packed })
}

fn unpacked(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out)?;
    Ok(out)
}

fn sum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

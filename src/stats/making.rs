//! How a workbook is made: what a period holds is gathered once, then drawn, masked unless two people agreed otherwise.
//!
//! The same drawing gives the file and its tables as text. What stands on each sheet is in `sheets`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::basis::Terms;
use super::grids::Grid;
use super::issued::Correction;
use super::masking::Masking;
use super::report::{Report, report_under};
use super::sheets::Sheets;
use super::store::{self, Late, Ledger};
use super::tally::Span;
use super::workbook::{Book, Mark, Text};
use crate::clock::Period;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::keys::hex;
use crate::tickets::requests::Request;

/// Lines of the ledger at most; a workbook of more opens nowhere.
const MOST_LINES: i64 = 200_000;

/// Everything that a workbook is drawn from.
pub(super) struct Material {
    pub(super) report: Report,
    ledger: Vec<Ledger>,
    late: Vec<Late>,
    accounts: BTreeMap<Id, Request>,
    parties: BTreeMap<Id, String>,
}

/// What a workbook says of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Imprint {
    /// A draft, or issued in which version.
    pub(super) standing: String,
    /// Who made it.
    pub(super) by: String,
    /// What changed in reports that were issued before.
    pub(super) corrections: Vec<Correction>,
    /// Who let out what is masked otherwise, and until when.
    pub(super) open: Option<String>,
}

impl Imprint {
    /// Of what nobody has issued.
    pub(super) fn draft(by: &str) -> Imprint {
        let standing = "草稿，没有签发；数字随数据变动".to_owned();
        Imprint { standing, by: by.to_owned(), ..Imprint::default() }
    }
}

impl Material {
    /// Gathers a period that has begun.
    pub(super) fn gather(tx: &mut Tx, community: Id, period: Period) -> Result<Material> {
        let report = report_under(tx, community, period, &Terms::default())?;
        let ledger = store::ledger(tx, community, period.from, period.to, MOST_LINES)?;
        let span = Span { from: period.from, to: period.to, cut_off: report.basis.cut_off };
        let late = store::late(tx, community, &span)?;
        let on_account: Vec<Id> =
            late.iter().filter(|line| line.suspended_at.is_some()).map(|line| line.id).collect();
        let accounts = store::accounts(tx, community, &on_account)?;
        Ok(Material { report, ledger, late, accounts, parties: store::parties(tx, community)? })
    }

    /// Draws all sheets, and the workbook. `seal` is given every table as text and answers the checksum that the first sheet
    /// prints: of all the others, and of itself without it.
    pub(super) fn draw(
        &self,
        masking: &Masking,
        imprint: &Imprint,
        seal: impl FnOnce(Vec<Grid>) -> Result<String>,
    ) -> Result<Vec<u8>> {
        let sheets = self.sheets(masking, imprint);
        let (book, tables) = self.book(&sheets, Text::Kept)?;
        finished(&sheets, book, &seal(tables)?)
    }

    /// Draws it as it stands, with the checksum of its figures.
    pub(super) fn drawn(&self, masking: &Masking, imprint: &Imprint) -> Result<Vec<u8>> {
        let sheets = self.sheets(masking, imprint);
        let (book, _) = self.book(&sheets, Text::Left)?;
        let figures = serde_json::to_vec(&self.report).map_err(Error::internal)?;
        finished(&sheets, book, &hex(&Sha256::digest(figures)))
    }

    fn sheets<'a>(&'a self, masking: &'a Masking, imprint: &'a Imprint) -> Sheets<'a> {
        Sheets {
            report: &self.report,
            ledger: &self.ledger,
            late: &self.late,
            accounts: &self.accounts,
            parties: &self.parties,
            masking,
            imprint,
        }
    }

    /// All sheets but the first, and every table as text where it is kept, those of the first sheet without its checksum before them.
    fn book(&self, sheets: &Sheets, text: Text) -> Result<(Book, Vec<Grid>)> {
        let (name, period) = (&self.report.basis.community.name, &self.report.period);
        let new = || Book::new(name, period, Mark { open: sheets.imprint.open.clone() }, text);
        let (mut book, mut first) = (new(), new());
        sheets.about(&mut first, None).map_err(Error::internal)?;
        sheets.draw(&mut book).map_err(Error::internal)?;
        let mut tables = first.take_text();
        tables.extend(book.take_text());
        Ok((book, tables))
    }
}

/// The file, with the first sheet before the others.
fn finished(sheets: &Sheets, mut book: Book, checksum: &str) -> Result<Vec<u8>> {
    sheets.about(&mut book, Some(checksum)).map_err(Error::internal)?;
    book.last_first();
    book.save().map_err(Error::internal)
}

/// Makes the workbook of a period as it stands now: its file name and its bytes. Everything in it is masked.
pub fn export(tx: &mut Tx, community: Id, period: Period, by: &str) -> Result<(String, Vec<u8>)> {
    let material = Material::gather(tx, community, period)?;
    let bytes = material.drawn(&Masking::Masked, &Imprint::draft(by))?;
    let name = file_name(&material.report.basis.community.name, &period, "脱敏.xlsx");
    Ok((name, bytes))
}

/// One table of a period as it stands now, as CSV, by its place among all: its file name and its bytes. Masked.
pub fn table(
    tx: &mut Tx,
    (community, period): (Id, Period),
    place: usize,
    by: &str,
) -> Result<(String, Vec<u8>)> {
    let material = Material::gather(tx, community, period)?;
    let imprint = Imprint::draft(by);
    let (_, tables) = material.book(&material.sheets(&Masking::Masked, &imprint), Text::Kept)?;
    let grid = tables.get(place).ok_or(Error::NotFound)?;
    let end = format!("{}_脱敏.csv", grid.name.replace(' ', "_"));
    Ok((file_name(&material.report.basis.community.name, &period, &end), grid.csv()?))
}

/// What the tables of a period are called, in their places.
pub(super) fn tables(tx: &mut Tx, (community, period): (Id, Period), by: &str) -> Result<Vec<String>> {
    let (material, imprint) = (Material::gather(tx, community, period)?, Imprint::draft(by));
    let (_, tables) = material.book(&material.sheets(&Masking::Masked, &imprint), Text::Kept)?;
    Ok(tables.into_iter().map(|grid| grid.name).collect())
}

/// `天宫院中里_一楼一码月报_2025-06_自然月_脱敏.xlsx`.
pub(super) fn file_name(community: &str, period: &Period, end: &str) -> String {
    let (report, word, kind) = (period.kind.report(), period.word(), period.kind.label());
    let name = format!("{community}_一楼一码{report}_{word}_{kind}_{end}");
    let odd = |sign: char| "\\/:*?\"<>|".contains(sign) || sign.is_control();
    name.chars().map(|sign| if odd(sign) { '_' } else { sign }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::PeriodKind;

    #[test]
    fn the_file_is_named_as_offices_file_it() {
        let june = Period::new(PeriodKind::Month, 2025, 6).unwrap();
        let named = file_name("天宫院中里", &june, "脱敏.xlsx");
        assert_eq!(named, "天宫院中里_一楼一码月报_2025-06_自然月_脱敏.xlsx");
        let year = Period::new(PeriodKind::Year, 2025, 1).unwrap();
        let quarter = Period::new(PeriodKind::Quarter, 2025, 4).unwrap();
        assert_eq!(file_name("天", &quarter, "脱敏.xlsx"), "天_一楼一码季报_2025-Q2_季度_脱敏.xlsx");
        assert_eq!(file_name("a/b", &year, "脱敏.xlsx"), "a_b_一楼一码年报_2025_自然年_脱敏.xlsx");
    }
}

//! The tables of a report as text: kept with an issued report, and handed out as CSV.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::tables::Csv;

/// Digits from which on Excel shows a number as `2.02506E+15` and loses its end.
const LONG_NUMBER: usize = 12;

/// One table: its header and its rows, as they read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// The name of its sheet; a second table of a sheet is numbered.
    pub name: String,
    /// The header.
    pub columns: Vec<String>,
    /// The cells: `—` is a gap, a share is in percent, a moment is `2025-06-03 14:05` in Shanghai.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    /// As a file that Excel and WPS open as it is; no cell of it runs, and no long number loses its end.
    pub fn csv(&self) -> Result<Vec<u8>> {
        let mut csv = Csv::new();
        csv.row(&self.columns)?;
        for row in &self.rows {
            csv.row(row.iter().map(|cell| exact(cell)))?;
        }
        csv.finish()
    }
}

/// A row of digits that is a number of somebody's, and no amount.
fn exact(cell: &str) -> String {
    let digits = cell.len() >= LONG_NUMBER && cell.bytes().all(|byte| byte.is_ascii_digit());
    if digits { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_its_numbers_and_runs_nothing() {
        let cells = ["=1+1", "-12.5%", "-3", "86.36%", "—", "20250601123456789", "+1"];
        let rows = vec![cells.map(str::to_owned).to_vec()];
        let columns = ["甲", "乙", "丙", "丁", "戊", "己", "庚"].map(str::to_owned).to_vec();
        let grid = Grid { name: "2 月度汇总".to_owned(), columns, rows };
        let text = String::from_utf8(grid.csv().unwrap()).unwrap();
        let wanted = "\u{FEFF}甲,乙,丙,丁,戊,己,庚\r\n'=1+1,-12.5%,-3,86.36%,—,'20250601123456789,'+1\r\n";
        assert_eq!(text, wanted);
    }
}

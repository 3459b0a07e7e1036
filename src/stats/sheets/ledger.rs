//! 17 工单台账: one line for each ticket of the period, masked unless two people let it out.

use super::{Done, Sheets, word};
use crate::mask::FreeText;
use crate::routing::Kind;
use crate::stats::masking::Masking;
use crate::stats::workbook::{Book, Cell, Columns, main_table};

#[rustfmt::skip]
const LEDGER: Columns = &[
    ("工单号", 19.0), ("提交时间", 17.0), ("渠道", 10.0), ("地点", 26.0), ("类型", 8.0), ("一级分类", 16.0),
    ("二级分类", 22.0), ("内容", 46.0), ("联系电话", 14.0), ("紧急程度", 9.0), ("状态", 10.0), ("主办单位", 16.0),
    ("首次联系", 17.0), ("办理期限", 17.0), ("办结时间", 17.0), ("办结结果", 13.0), ("办理情况", 46.0),
    ("解决层级", 9.0), ("有效回访", 9.0), ("联系", 7.0), ("解决", 7.0), ("满意", 10.0), ("重办次数", 9.0),
    ("退回次数", 9.0), ("12345 工单号", 18.0), ("剔除原因", 16.0), ("时限规则版本", 28.0),
];

/// What follows them where nothing is masked.
const OPEN: Columns = &[("称呼", 12.0), ("具体位置", 26.0)];

impl Sheets<'_> {
    /// 17 工单台账, masked. Phones of 举报 are left out altogether, and free descriptions of the place, which may name
    /// a room.
    pub(super) fn tickets(&self, book: &mut Book) -> Done {
        let places = self.places();
        let rows: Vec<Vec<Cell>> = self
            .ledger
            .iter()
            .map(|line| {
                let [level1, level2] = self.category(&line.level1, line.category.as_deref());
                let yes = |answer: Option<bool>| word(answer.map(|answer| if answer { "是" } else { "否" }));
                let known = self.masking.known(line.id);
                let masked = line.phone_masked.as_deref().filter(|_| line.kind != Kind::TipOff);
                let phone = known.as_ref().map_or(masked, |known| known.phone.as_deref());
                // What somebody says who reports somebody may tell who they are.
                let words = |text: &FreeText| match line.kind {
                    Kind::TipOff => Cell::Long(text.outward()),
                    _ => Cell::Long(self.masking.words(text)),
                };
                let mut cells = vec![
                    Cell::text(&line.number),
                    Cell::When(line.submitted_at),
                    Cell::text(line.channel.label()),
                    word(places.get(&line.place_id).copied()),
                    Cell::text(line.kind.label()),
                    level1,
                    level2,
                    words(&line.text),
                    word(phone),
                    Cell::text(line.urgency.label()),
                    Cell::text(line.status.label()),
                    word(self.parties.get(&line.lead_id).map(String::as_str)),
                    Cell::when(line.first_contact_at),
                    Cell::When(line.due_at),
                    Cell::when(line.closed_at),
                    word(line.result.map(|result| result.label())),
                    words(&line.result_text),
                    word(line.solved_level.map(|level| level.label())),
                    yes(line.answered_at.and(line.answer_valid)),
                    yes(line.contacted),
                    yes(line.solved),
                    word(line.satisfied.map(|satisfied| satisfied.label())),
                    Cell::Count(line.rounds.into()),
                    Cell::Count(line.returns.into()),
                    word(line.hotline_number.as_deref()),
                    word(line.excluded.map(|reason| reason.label())),
                    Cell::text(&line.rules_version),
                ];
                if let Some(known) = known {
                    cells.extend([word(known.name.as_deref()), word(Some(&known.spot))]);
                }
                cells
            })
            .collect();
        let sheet = book.sheet("17 工单台账")?;
        let columns = match self.masking {
            Masking::Masked => LEDGER.to_vec(),
            Masking::Open(_) => [LEDGER, OPEN].concat(),
        };
        main_table(sheet, &columns, &rows, 1)?;
        // Too wide for one page: three side by side, the number on each.
        sheet.set_print_fit_to_pages(3, 0).set_repeat_columns(0, 0)?;
        Ok(())
    }
}

//! How large a poster is, how large its code, and how many share an A4 sheet.
//! All in millimetres. The code's size is without its quiet zone.

text_enum! {
    /// The sizes that a community prints.
    pub enum PosterSize {
        A4 = "a4", "A4（二维码 10 厘米）";
        A5 = "a5", "A5（二维码 7.5 厘米）";
        A6 = "a6", "A6（二维码 5.5 厘米）";
        Sticker = "sticker", "不干胶或冰箱贴 9×5.4 厘米";
    }
}

/// How posters lie on a sheet of A4: `columns` × `rows`, cut along the marks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sheet {
    /// Width and height of the sheet.
    pub(super) mm: (f32, f32),
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl PosterSize {
    /// The finest module that old phones read from paper.
    pub(super) const LEAST_MODULE_MM: f32 = 1.1;

    /// Width and height of the paper.
    pub const fn mm(self) -> (f32, f32) {
        match self {
            PosterSize::A4 => (210.0, 297.0),
            PosterSize::A5 => (148.0, 210.0),
            PosterSize::A6 => (105.0, 148.0),
            PosterSize::Sticker => (90.0, 54.0),
        }
    }

    /// Side of the code without its quiet zone.
    pub const fn qr_mm(self) -> f32 {
        match self {
            PosterSize::A4 => 100.0,
            PosterSize::A5 => 75.0,
            PosterSize::A6 => 55.0,
            PosterSize::Sticker => 37.0,
        }
    }

    /// How many posters one sheet of A4 takes: 1, 2, 4 or 10.
    pub const fn per_sheet(self) -> usize {
        let sheet = self.sheet();
        sheet.columns * sheet.rows
    }

    /// The file in the template folder.
    pub(super) const fn template(self) -> &'static str {
        match self {
            PosterSize::A4 => "a4.svg",
            PosterSize::A5 => "a5.svg",
            PosterSize::A6 => "a6.svg",
            PosterSize::Sticker => "sticker.svg",
        }
    }

    pub(super) const fn sheet(self) -> Sheet {
        match self {
            PosterSize::A4 => Sheet { mm: (210.0, 297.0), columns: 1, rows: 1 },
            PosterSize::A5 => Sheet { mm: (297.0, 210.0), columns: 2, rows: 1 },
            PosterSize::A6 => Sheet { mm: (210.0, 297.0), columns: 2, rows: 2 },
            PosterSize::Sticker => Sheet { mm: (210.0, 297.0), columns: 2, rows: 5 },
        }
    }
}

impl Sheet {
    /// The left upper corner of the `at`th poster, row by row, the whole block centred.
    pub(super) fn corner(&self, size: PosterSize, at: usize) -> (f32, f32) {
        let (width, height) = size.mm();
        let left = (self.mm.0 - width * self.columns as f32) / 2.0;
        let top = (self.mm.1 - height * self.rows as f32) / 2.0;
        (left + width * (at % self.columns) as f32, top + height * (at / self.columns) as f32)
    }

    /// Short strokes outside of the posters, or in the outermost millimetres where they fill the
    /// sheet, that say where to cut: an SVG of the sheet's size.
    pub(super) fn crop_marks(&self, size: PosterSize) -> String {
        let (width, height) = size.mm();
        let (left, top) = self.corner(size, 0);
        let (sheet_width, sheet_height) = self.mm;
        // A stroke of at least 3 mm, and never longer than 6.
        let (across, down) = (left.clamp(3.0, 6.0), top.clamp(3.0, 6.0));
        let mut strokes = String::new();
        let mut stroke = |x: f32, y: f32, dx: f32, dy: f32| {
            strokes.push_str(&format!("M{x} {y}l{dx} {dy}"));
        };
        for column in 0..=self.columns {
            let x = left + width * column as f32;
            stroke(x, (top - down).max(0.0), 0.0, down);
            stroke(x, (sheet_height - top).min(sheet_height - down), 0.0, down);
        }
        for row in 0..=self.rows {
            let y = top + height * row as f32;
            stroke((left - across).max(0.0), y, across, 0.0);
            stroke((sheet_width - left).min(sheet_width - across), y, across, 0.0);
        }
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{sheet_width}mm" height="{sheet_height}mm" viewBox="0 0 {sheet_width} {sheet_height}"><path d="{strokes}" fill="none" stroke="#000" stroke-width="0.15"/></svg>"##
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sheet_holds_its_posters_without_overlap() {
        for size in PosterSize::ALL.iter().copied() {
            let (sheet, (width, height)) = (size.sheet(), size.mm());
            let corners: Vec<_> = (0..size.per_sheet()).map(|at| sheet.corner(size, at)).collect();
            for (at, (x, y)) in corners.iter().enumerate() {
                assert!(*x >= -0.51 && x + width <= sheet.mm.0 + 0.51, "{size}");
                assert!(*y >= -0.51 && y + height <= sheet.mm.1 + 0.51, "{size}");
                for (other_x, other_y) in &corners[at + 1..] {
                    assert!((x - other_x).abs() >= width - 0.01 || (y - other_y).abs() >= height - 0.01);
                }
            }
        }
        assert_eq!(PosterSize::ALL.iter().map(|size| size.per_sheet()).collect::<Vec<_>>(), [1, 2, 4, 10]);
    }

    #[test]
    fn a_code_of_version_4_is_coarse_enough_on_every_size() {
        for size in PosterSize::ALL {
            assert!(size.qr_mm() / 33.0 >= PosterSize::LEAST_MODULE_MM, "{size}");
        }
    }
}

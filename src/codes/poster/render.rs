//! Draws filled-in templates: SVG as outlines, PNG for screens, PDF for print shops, one poster a page
//! or many on a sheet with crop marks. Pages are prepared on all cores and written in order; the
//! fonts go into a PDF once, so that its text can be selected and searched.
//! Nothing is returned before [`check`] has read the code back.

use std::sync::mpsc::sync_channel;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use krilla::Document;
use krilla::geom::{Size, Transform as Move};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::tiny_skia::{Color, Pixmap, Rect, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree, WriteOptions};

use super::check::{check, luma, same_url};
use super::fonts::{self, Fonts};
use super::{Poster, PosterSize, Posters};
use crate::error::{Error, Result};

/// PDF points per millimetre.
const PT_PER_MM: f32 = 72.0 / 25.4;

/// Trees that each core prepares ahead of the writer.
const AHEAD: usize = 4;

impl Posters {
    /// The poster as one drawing. Its texts are outlines, so that it looks the same on a machine that has not the font; to
    /// select or search them, take the PDF. What is checked last are the very words of the file.
    pub fn svg(&self, poster: &Poster, size: PosterSize) -> Result<String> {
        let (svg, modules) = self.fill(poster, size)?;
        let fonts = fonts::shared()?;
        let tree = parse(&svg, &fonts, size)?;
        check(&tree, poster, size, modules)?;
        let drawn = outlines(&tree, size);
        check(&parse(&drawn, &fonts, size)?, poster, size, modules)?;
        Ok(drawn)
    }

    /// A picture of the poster for screens, `dpi` 96 to 300. The code is decoded from these very pixels.
    pub fn png(&self, poster: &Poster, size: PosterSize, dpi: u32) -> Result<Vec<u8>> {
        if !(96..=300).contains(&dpi) {
            return Err(Error::invalid("dpi", "图片的清晰度请填 96 到 300 之间的数"));
        }
        let (tree, quiet) = tree(self, poster, size, &*fonts::shared()?)?;
        let scale = dpi as f32 / 96.0;
        let side = |px: f32| (px * scale).round() as u32;
        let (width, height) = (side(tree.size().width()), side(tree.size().height()));
        let mut pixmap = Pixmap::new(width, height)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("no raster of {width} × {height}")))?;
        pixmap.fill(Color::WHITE);
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
        let rgb = flatten(&pixmap);
        drop(pixmap);
        decode_again(&rgb, width as usize, quiet, scale, (poster, size))?;

        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive)
            .write_image(&rgb, width, height, ExtendedColorType::Rgb8)
            .map_err(Error::internal)?;
        Ok(png)
    }

    /// One poster a page, in the given order. `progress` hears how many posters are drawn.
    pub fn pdf(
        &self,
        posters: &[Poster],
        size: PosterSize,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<u8>> {
        let (width, height) = size.mm();
        let paper = points(width, height)?;
        let mut document = Document::new();
        self.each_tree(posters, size, &mut |at, tree| {
            let mut page = document.start_page_with(PageSettings::new(paper));
            let mut surface = page.surface();
            draw(&mut surface, &tree, paper)?;
            surface.finish();
            page.finish();
            progress(at + 1);
            Ok(())
        })?;
        finish(document, posters)
    }

    /// As many posters as an A4 sheet takes ([`PosterSize::per_sheet`]), in reading order, with crop
    /// marks. A4 posters are their own sheets and have none.
    pub fn sheet_pdf(
        &self,
        posters: &[Poster],
        size: PosterSize,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<u8>> {
        if size.per_sheet() == 1 {
            return self.pdf(posters, size, progress);
        }
        let sheet = size.sheet();
        let (paper, poster_size) = (points(sheet.mm.0, sheet.mm.1)?, points(size.mm().0, size.mm().1)?);
        let marks = parse(&sheet.crop_marks(size), &*fonts::shared()?, size)?;
        let mut document = Document::new();
        let mut waiting = Vec::with_capacity(size.per_sheet());
        self.each_tree(posters, size, &mut |at, tree| {
            waiting.push(tree);
            if waiting.len() == size.per_sheet() || at + 1 == posters.len() {
                let mut page = document.start_page_with(PageSettings::new(paper));
                let mut surface = page.surface();
                for (place, tree) in waiting.drain(..).enumerate() {
                    let (left, top) = sheet.corner(size, place);
                    surface.push_transform(&Move::from_translate(left * PT_PER_MM, top * PT_PER_MM));
                    draw(&mut surface, &tree, poster_size)?;
                    surface.pop();
                }
                draw(&mut surface, &marks, paper)?;
                surface.finish();
                page.finish();
            }
            progress(at + 1);
            Ok(())
        })?;
        finish(document, posters)
    }

    /// Prepares and checks the posters on all cores and hands them over in order. Memory is bounded:
    /// a core that is [`AHEAD`] waits. The first fault ends the run.
    fn each_tree(
        &self,
        posters: &[Poster],
        size: PosterSize,
        each: &mut dyn FnMut(usize, Tree) -> Result<()>,
    ) -> Result<()> {
        let fonts = fonts::shared()?;
        let lanes = std::thread::available_parallelism().map_or(1, usize::from).min(posters.len()).max(1);
        std::thread::scope(|scope| {
            let lanes: Vec<_> = (0..lanes)
                .map(|lane| {
                    let (sender, receiver) = sync_channel(AHEAD);
                    let (fonts, step) = (&fonts, lanes);
                    scope.spawn(move || {
                        for poster in posters.iter().skip(lane).step_by(step) {
                            let drawn = tree(self, poster, size, fonts).map(|(tree, _)| tree);
                            if sender.send(drawn).is_err() {
                                return;
                            }
                        }
                    });
                    receiver
                })
                .collect();
            for at in 0..posters.len() {
                each(at, lanes[at % lanes.len()].recv().map_err(Error::internal)??)?;
            }
            Ok(())
        })
    }
}

/// The poster as shapes, checked, and where its code with the quiet zone lies (CSS pixels).
pub(super) fn tree(
    posters: &Posters,
    poster: &Poster,
    size: PosterSize,
    fonts: &Fonts,
) -> Result<(Tree, Rect)> {
    let (svg, modules) = posters.fill(poster, size)?;
    let tree = parse(&svg, fonts, size)?;
    let quiet = check(&tree, poster, size, modules)?;
    Ok((tree, quiet))
}

fn parse(svg: &str, fonts: &Fonts, size: PosterSize) -> Result<Tree> {
    shapes(svg, fonts).map_err(|err| super::check::fault(size, &format!("不是有效的 SVG（{err}）")))
}

/// An SVG as shapes, drawn with the built-in fonts alone.
pub(super) fn shapes(svg: &str, fonts: &Fonts) -> std::result::Result<Tree, resvg::usvg::Error> {
    let options = Options {
        fontdb: fonts.database.clone(),
        font_family: fonts::FAMILY.to_owned(),
        languages: vec!["zh-CN".to_owned()],
        // A template may carry pictures in itself, and never read a file of this machine.
        image_href_resolver: ImageHrefResolver {
            resolve_string: Box::new(|_, _| None),
            ..ImageHrefResolver::default()
        },
        ..Options::default()
    };
    Tree::from_str(svg, &options)
}

/// A drawing without texts and fonts, in millimetres: programs for print take a bare number for something else.
fn outlines(tree: &Tree, size: PosterSize) -> String {
    let drawn = tree.to_string(&WriteOptions::default());
    let ((width, height), (across, down)) = (size.mm(), (tree.size().width(), tree.size().height()));
    drawn.replacen(
        &format!("width=\"{across}\" height=\"{down}\""),
        &format!("width=\"{width}mm\" height=\"{height}mm\" viewBox=\"0 0 {across} {down}\""),
        1,
    )
}

fn points(width_mm: f32, height_mm: f32) -> Result<Size> {
    Size::from_wh(width_mm * PT_PER_MM, height_mm * PT_PER_MM)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("no page of {width_mm} × {height_mm} mm")))
}

fn draw(surface: &mut krilla::surface::Surface<'_>, tree: &Tree, size: Size) -> Result<()> {
    surface
        .draw_svg(tree, size, SvgSettings::default())
        .ok_or_else(|| Error::internal(anyhow::anyhow!("the poster could not be drawn into the PDF")))
}

fn finish(mut document: Document, posters: &[Poster]) -> Result<Vec<u8>> {
    let Some(first) = posters.first() else {
        return Err(Error::invalid("posters", "请至少选一个要印的楼门"));
    };
    let title = format!("{} 一楼一码", first.community);
    document.set_metadata(Metadata::new().title(title).language("zh-CN".to_owned()));
    document.finish().map_err(|err| Error::internal(anyhow::anyhow!("the PDF could not be written: {err:?}")))
}

/// Opaque pixels without their (full) alpha.
pub(super) fn flatten(pixmap: &Pixmap) -> Vec<u8> {
    pixmap.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}

/// Reads the code from the part of the picture around it.
fn decode_again(
    rgb: &[u8],
    width: usize,
    quiet: Rect,
    scale: f32,
    (poster, size): (&Poster, PosterSize),
) -> Result<()> {
    let (left, top) = ((quiet.left() * scale) as usize, (quiet.top() * scale) as usize);
    let (across, down) = ((quiet.width() * scale) as usize, (quiet.height() * scale) as usize);
    let grey = |x: usize, y: usize| {
        let at = ((top + y) * width + left + x) * 3;
        luma(rgb[at], rgb[at + 1], rgb[at + 2])
    };
    same_url(across, down, grey, poster, size)
}

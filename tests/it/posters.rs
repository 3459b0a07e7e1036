//! Posters as a print shop and a phone see them: read by programs that are not ours.
//! A missing program skips its test loudly; `LOUMA_TEST_REQUIRE_ALL=1` makes that a failure.

mod console;

use std::path::Path;
use std::process::Command;

use louma::codes::code::Code;
use louma::codes::poster::{Phones, Poster, PosterSize, Posters};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree};

fn poster(place: &str) -> Poster {
    let code = Code::random();
    Poster {
        community: "天宫院中里社区".into(),
        place: place.into(),
        url: format!("https://lm.example.cn/c/{code}"),
        code,
        phones: Phones { community: "010-6120 0000".into(), ..Phones::default() },
        matters: Poster::MATTERS.map(str::to_owned).to_vec(),
        promise: None,
        version: 1,
        printed_on: chrono::NaiveDate::from_ymd_opt(2026, 1, 15).unwrap(),
        demo: false,
    }
}

/// What the program printed, or `None` when it is not on this machine.
pub fn run(program: &str, arguments: &[&str], folder: &Path) -> Option<String> {
    match Command::new(program).args(arguments).current_dir(folder).output() {
        Ok(output) => {
            assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => {
            let required = std::env::var("LOUMA_TEST_REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(!required, "{program} is missing and LOUMA_TEST_REQUIRE_ALL=1");
            eprintln!("SKIPPED: {program} is not installed; this test proved nothing");
            None
        }
        Err(err) => panic!("{program}: {err}"),
    }
}

/// What a phone reads from a file of posters, whichever kind it is; `None` where a program is missing.
pub fn scanned(folder: &Path, file: &str) -> Option<Vec<String>> {
    let pictures = match file.rsplit('.').next().unwrap() {
        "png" => vec![file.to_owned()],
        "svg" => {
            let svg = std::fs::read_to_string(folder.join(file)).unwrap();
            without_fonts(&svg, 2.0).save(folder.join("drawn.png")).unwrap();
            vec!["drawn.png".to_owned()]
        }
        _ => {
            run("pdftoppm", &["-r", "200", "-png", file, "page"], folder)?;
            let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
            let names = names.map(|name| name.into_string().unwrap());
            names.filter(|name| name.starts_with("page-")).collect()
        }
    };
    let mut read = Vec::new();
    for picture in pictures {
        let said = run("zbarimg", &["--quiet", "--raw", &picture], folder)?;
        read.extend(said.lines().map(str::to_owned));
        std::fs::remove_file(folder.join(picture)).unwrap();
    }
    read.sort();
    Some(read)
}

#[test]
fn a_phone_reads_every_size_of_picture() {
    let (posters, folder) = (Posters::new(None).unwrap(), tempfile::tempdir().unwrap());
    for size in PosterSize::ALL.iter().copied() {
        let poster = poster("天宫院中里 3号楼2单元");
        std::fs::write(folder.path().join("p.png"), posters.png(&poster, size, 150).unwrap()).unwrap();
        let Some(read) = run("zbarimg", &["--quiet", "--raw", "p.png"], folder.path()) else { return };
        assert_eq!(read.trim(), poster.url, "{size}");
    }
}

#[test]
fn a_phone_reads_the_printed_page_and_a_person_can_select_its_text() {
    let (posters, folder) = (Posters::new(None).unwrap(), tempfile::tempdir().unwrap());
    let pages = [poster("天宫院中里 3号楼2单元"), poster("天宫院中里 28号院甲3号楼")];
    let pdf = posters.pdf(&pages, PosterSize::A5, &mut |_| ()).unwrap();
    std::fs::write(folder.path().join("p.pdf"), pdf).unwrap();

    if let Some(text) = run("pdftotext", &["-layout", "p.pdf", "-"], folder.path()) {
        let text = text.replace(' ', "");
        assert!(text.contains("天宫院中里3号楼2单元"), "{text}");
        assert!(text.contains("28号院甲3号楼"), "{text}");
        assert!(text.contains(&pages[1].code.grouped()), "{text}");
    }
    if run("pdftoppm", &["-r", "110", "-png", "p.pdf", "page"], folder.path()).is_none() {
        return;
    }
    for (page, poster) in pages.iter().enumerate() {
        let file = format!("page-{}.png", page + 1);
        let Some(read) = run("zbarimg", &["--quiet", "--raw", &file], folder.path()) else { return };
        assert_eq!(read.trim(), poster.url);
    }
}

/// A drawing as whoever has no font at all sees it, at `scale` dots for each of its own.
pub fn without_fonts(svg: &str, scale: f32) -> image::RgbaImage {
    let tree = Tree::from_str(svg, &Options::default()).unwrap();
    let side = |length: f32| (length * scale).round() as u32;
    let mut pixmap = Pixmap::new(side(tree.size().width()), side(tree.size().height())).unwrap();
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    image::RgbaImage::from_raw(pixmap.width(), pixmap.height(), pixmap.take()).unwrap()
}

#[test]
fn the_drawing_shows_its_words_on_a_machine_without_fonts() {
    let (posters, folder) = (Posters::new(None).unwrap(), tempfile::tempdir().unwrap());
    for size in PosterSize::ALL.iter().copied() {
        let poster = poster("天宫院中里 3号楼2单元");
        let svg = posters.svg(&poster, size).unwrap();
        assert!(!svg.contains("<text") && !svg.contains("font-family"), "{size}: {}", &svg[..400]);
        let (width, height) = size.mm();
        let page = format!("width=\"{width}mm\" height=\"{height}mm\"");
        assert!(svg.contains(&page), "{size}: {}", &svg[..400]);

        // Every dot is as on the picture that was drawn with the font.
        let drawn = without_fonts(&svg, 150.0 / 96.0);
        let png = posters.png(&poster, size, 150).unwrap();
        let printed = image::load_from_memory(&png).unwrap().to_rgba8();
        assert_eq!(drawn.dimensions(), printed.dimensions(), "{size}");
        let other = |one: &image::Rgba<u8>, two: &image::Rgba<u8>| {
            one.0.iter().zip(two.0).any(|(one, two)| one.abs_diff(two) > 40)
        };
        let wrong = drawn.pixels().zip(printed.pixels()).filter(|(one, two)| other(one, two)).count();
        let all = (drawn.width() * drawn.height()) as usize;
        assert!(wrong * 2000 < all, "{size}: {wrong} of {all} dots differ");

        drawn.save(folder.path().join("p.png")).unwrap();
        let Some(read) = run("zbarimg", &["--quiet", "--raw", "p.png"], folder.path()) else { return };
        assert_eq!(read.trim(), poster.url, "{size}");
    }
}

#[test]
fn a_sheet_holds_ten_stickers_that_all_read() {
    let (posters, folder) = (Posters::new(None).unwrap(), tempfile::tempdir().unwrap());
    let stickers: Vec<_> = (1..=11).map(|building| poster(&format!("天宫院中里 {building}号楼"))).collect();
    let mut heard = Vec::new();
    let pdf = posters.sheet_pdf(&stickers, PosterSize::Sticker, &mut |done| heard.push(done)).unwrap();
    assert_eq!(heard, (1..=11).collect::<Vec<_>>());
    std::fs::write(folder.path().join("s.pdf"), pdf).unwrap();

    if run("pdftoppm", &["-r", "200", "-png", "s.pdf", "sheet"], folder.path()).is_none() {
        return;
    }
    let mut read = String::new();
    for file in ["sheet-1.png", "sheet-2.png"] {
        let Some(more) = run("zbarimg", &["--quiet", "--raw", file], folder.path()) else { return };
        read.push_str(&more);
    }
    let mut read: Vec<_> = read.lines().map(str::to_owned).collect();
    let mut wanted: Vec<_> = stickers.iter().map(|sticker| sticker.url.clone()).collect();
    read.sort();
    wanted.sort();
    assert_eq!(read, wanted);
}

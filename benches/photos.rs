//! What it costs to take in the photo of a phone: 12 megapixels to 1600 pixels and a preview.
//!
//! Beside the time inside one process, whole processes are compared: this program and
//! `vipsthumbnail` (Debian: libvips-tools), where it is installed, clean the same file alternately,
//! and the processor time of both and their ratio are printed.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use criterion::Criterion;
use jpeg_encoder::{ColorType, Encoder};

const ROUNDS: u32 = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, file, target] = arguments.as_slice()
        && mode == "--clean"
    {
        let cleaned = louma::photos::clean(&std::fs::read(file).expect("a file")).expect("a photo");
        return std::fs::write(target, cleaned.jpeg).expect("a place to write");
    }
    let photo = twelve_megapixels();
    println!("photo: 4000 x 3000, {} kB", photo.len() / 1000);
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    criterion
        .bench_function("clean 12 MP", |bencher| bencher.iter(|| louma::photos::clean(black_box(&photo))));
    criterion.final_summary();
    compare(&photo);
}

/// Light that changes slowly, edges, and grain that grows finer: about as hard as a real photo.
fn twelve_megapixels() -> Vec<u8> {
    let (width, height) = (4000_u32, 3000_u32);
    let mut pixels = Vec::with_capacity(3 * (width * height) as usize);
    let mut seed = 1_u32;
    for y in 0..height {
        for x in 0..width {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (seed >> 28) as i32 - 8;
            let tile = if (x / 97 + y / 61) % 2 == 0 { 24 } else { 0 };
            let wave = (f64::from(x) / 37.0).sin() * 20.0 + (f64::from(x + y) / 211.0).cos() * 40.0;
            for base in [90, 110, 130] {
                pixels.push((base + wave as i32 + tile + grain).clamp(0, 255) as u8);
            }
        }
    }
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, 89).encode(&pixels, 4000, 3000, ColorType::Rgb).expect("encodable");
    jpeg
}

fn compare(photo: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, ours, theirs) = (
        folder.path().join("photo.jpg"),
        folder.path().join("ours.jpg"),
        folder.path().join("theirs.jpg[Q=82,strip]"),
    );
    std::fs::write(&file, photo).expect("a place to write");
    let program = std::env::current_exe().expect("our own name");
    let run_ours = || run(Command::new(&program).arg("--clean").arg(&file).arg(&ours));
    let run_theirs = || run(Command::new("vipsthumbnail").arg(&file).args(["-s", "1600", "-o"]).arg(&theirs));
    if !run_theirs() {
        return println!("vipsthumbnail is not installed: no comparison");
    }
    let (mut us, mut them) = (0, 0);
    for _ in 0..ROUNDS {
        us += ticks_of(&run_ours);
        them += ticks_of(&run_theirs);
    }
    let each = |ticks: u64| ticks as f64 * 10.0 / f64::from(ROUNDS);
    println!(
        "processor time a photo, whole processes, {ROUNDS} rounds: louma {:.0} ms, vipsthumbnail {:.0} ms, ratio {:.2}",
        each(us),
        each(them),
        us as f64 / them.max(1) as f64
    );
}

fn run(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Processor time of a finished child in Linux's clock ticks of 10 ms.
fn ticks_of(work: &dyn Fn() -> bool) -> u64 {
    let before = children_ticks();
    assert!(work(), "a run failed");
    children_ticks() - before
}

/// `cutime + cstime` of proc(5): the 14th and 15th word behind the program's name.
fn children_ticks() -> u64 {
    let stat = std::fs::read_to_string(Path::new("/proc/self/stat")).unwrap_or_default();
    let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    behind_name.split_whitespace().skip(13).take(2).filter_map(|word| word.parse::<u64>().ok()).sum()
}

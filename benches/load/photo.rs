//! Reports with photos: how many go through, what they do to reports without, and how much memory their cleaning takes.

use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::http::{Load, Outcome, drive};
use crate::{Installation, Plan, heading, ratio, row};

/// A JPEG with about as much in it as a photo of this size.
fn jpeg(width: u16, height: u16, quality: u8) -> Vec<u8> {
    let mut seed = 1_u32;
    let pixels = image::RgbImage::from_fn(width.into(), height.into(), |x, y| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let tile = if (x / 97 + y / 61) % 2 == 0 { 24 } else { 0 };
        let light = 90 + tile + ((seed >> 28) as u8) + ((x / 40 + y / 50) % 64) as u8;
        image::Rgb([light, light + 20, light + 40])
    });
    let mut bytes = Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    pixels.write_with_encoder(encoder).expect("a photo");
    bytes.into_inner()
}

/// Reports with photos on both databases, and what they do to reports without.
pub(crate) fn photo(plan: &Plan) {
    let (small, large) = (jpeg(1280, 960, 80), jpeg(4000, 3000, 88));
    println!(
        "\nphotos of {} kB (1280 x 960) and {} kB (4000 x 3000)",
        small.len() / 1000,
        large.len() / 1000
    );
    for installation in [Installation::sqlite(200), Installation::postgres(plan, 200)] {
        beside(plan, &installation, (&small, &large));
    }
}

fn beside(plan: &Plan, installation: &Installation, (small, large): (&[u8], &[u8])) {
    let server = installation.start();
    let idle = server.memory().0;
    heading(&format!("photo on {}: POST /q/{{code}}, 4 clients", installation.name()));
    let four = Load { clients: 4, ..plan.load(None) };
    for (name, photo) in [("with the small photo", small), ("with the 12 MP photo", large)] {
        let request = |client: usize, turn: usize| installation.report(client, turn, Some(photo));
        row(name, &drive(server.address, four, &request));
    }
    let text = |client: usize, turn: usize| installation.report(client, turn, None);
    let (mut alone, mut beside) = (Outcome::default(), Outcome::default());
    let (mut before, mut during) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let round = drive(server.address, plan.load(Some(plan.rate)), &text);
        before.push(round.wait(0.99));
        alone.add(round);
        let over = AtomicBool::new(false);
        let round = std::thread::scope(|scope| {
            let photos = scope.spawn(|| {
                let request = |client: usize, turn: usize| installation.report(client, turn, Some(large));
                while !over.load(Ordering::Relaxed) {
                    drive(server.address, Load { time: Duration::from_millis(500), ..four }, &request);
                }
            });
            let round = drive(server.address, plan.load(Some(plan.rate)), &text);
            over.store(true, Ordering::Relaxed);
            photos.join().expect("photos");
            round
        });
        during.push(round.wait(0.99));
        beside.add(round);
    }
    row(&format!("text at {} a second, alone", plan.rate), &alone);
    row("text beside 4 senders of 12 MP photos", &beside);
    ratio("p99 of text beside photos / alone (aim at most 1.5)", &during, &before);
    println!("  memory: idle {idle:.0} MB, highest while cleaning {:.0} MB (aim 128)", server.memory().1);
}

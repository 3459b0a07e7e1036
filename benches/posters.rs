//! How fast codes and posters are made. Aim: 1,000 A5 posters in one PDF within 5 s on two cores.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use louma::codes::code::Code;
use louma::codes::poster::{Phones, Poster, PosterSize, Posters};
use louma::codes::qr::Qr;

fn poster(building: usize) -> Poster {
    let code = Code::random();
    Poster {
        community: "天宫院中里社区".into(),
        place: format!("天宫院中里 {building}号楼2单元"),
        url: format!("https://lm.example.cn/c/{code}"),
        code,
        phones: Phones {
            community: "010-6120 0000".into(),
            property: Some("010-6120 0001".into()),
            ..Phones::default()
        },
        matters: Poster::MATTERS.map(str::to_owned).to_vec(),
        promise: Some("24 小时内回电".into()),
        version: 1,
        printed_on: chrono::NaiveDate::default(),
        demo: false,
    }
}

fn benches(criterion: &mut Criterion) {
    criterion.bench_function("a new code", |bencher| bencher.iter(Code::random));
    criterion.bench_function("the QR of one address", |bencher| {
        bencher.iter(|| Qr::of(black_box("https://lm.example.cn/q/ABCDEFGHJK")).expect("a code"));
    });

    let posters = Posters::new(None).expect("the built-in templates are sound");
    let one = [poster(1)];
    let pdf = |these: &[Poster]| posters.pdf(these, PosterSize::A5, &mut |_| ()).expect("a PDF");
    criterion.bench_function("one A5 poster as PDF, fonts unpacked anew", |bencher| {
        bencher.iter(|| black_box(pdf(&one)));
    });
    criterion.bench_function("one A5 poster as PNG at 150 dpi", |bencher| {
        bencher.iter(|| black_box(posters.png(&one[0], PosterSize::A5, 150).expect("a PNG")));
    });

    let many: Vec<_> = (1..=1000).map(poster).collect();
    let mut group = criterion.benchmark_group("long runs");
    group.sample_size(10).measurement_time(Duration::from_secs(30));
    group.bench_function("1,000 A5 posters in one PDF", |bencher| bencher.iter(|| black_box(pdf(&many))));
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);

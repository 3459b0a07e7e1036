//! Uploads as files, without HTTP.

use futures_util::stream;

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::db::now;

type Pieces = Vec<std::result::Result<Bytes, ()>>;

fn body(pieces: Pieces) -> impl Stream<Item = std::result::Result<Bytes, ()>> + Unpin {
    stream::iter(pieces)
}

fn ok(bytes: &'static [u8]) -> std::result::Result<Bytes, ()> {
    Ok(Bytes::from_static(bytes))
}

const PHONE: &str = "0123456789abcdef";
const HOUSE: &str = "00000000000000aa";

#[tokio::test]
async fn what_came_before_a_break_stays_and_the_rest_follows() {
    let dir = tempfile::tempdir().unwrap();
    let uploads = Uploads::open(dir.path()).unwrap();
    let name = uploads.begin((PHONE, HOUSE), Matter::Photo, 8).unwrap();
    assert_eq!(uploads.offset(&name).unwrap(), 0);
    let broken = body(vec![ok(b"abc"), Err(()), ok(b"never")]);
    assert_eq!(uploads.append(&name, 0, broken).await.unwrap(), Piece::Stored(3));
    assert_eq!(uploads.append(&name, 0, body(vec![ok(b"abc")])).await.unwrap(), Piece::Elsewhere(3));
    assert!(matches!(uploads.finish(&name, async |_| Ok(String::new())).await, Err(Error::Conflict(_))));
    assert_eq!(uploads.append(&name, 3, body(vec![ok(b"defghi")])).await.unwrap(), Piece::TooLong);

    // Another program takes it up where this one left it.
    let other = Uploads::open(dir.path()).unwrap();
    assert_eq!(other.append(&name, 3, body(vec![ok(b"de"), ok(b"fgh")])).await.unwrap(), Piece::Stored(8));
    let kept = async |path: PathBuf| Ok(fs::read_to_string(path).unwrap());
    assert_eq!(uploads.finish(&name, kept).await.unwrap(), "abcdefgh");
    assert!(!uploads.part(&name).exists(), "the raw bytes are gone");
    let again = async |_| -> Result<String> { panic!("it is done") };
    assert_eq!(uploads.finish(&name, again).await.unwrap(), "abcdefgh");
    assert_eq!(uploads.append(&name, 8, body(vec![])).await.unwrap(), Piece::Stored(8));
    assert_eq!(uploads.offset(&name).unwrap(), 8);
}

#[tokio::test]
async fn a_phone_that_comes_back_takes_over_from_its_dead_connection() {
    let dir = tempfile::tempdir().unwrap();
    let uploads = Uploads::open(dir.path()).unwrap();
    let name = uploads.begin((PHONE, HOUSE), Matter::Photo, 6).unwrap();
    let (one, it) = (uploads.clone(), name.clone());
    // The first connection sends three bytes and then hangs for ever.
    let dead = tokio::spawn(async move {
        let hangs = stream::iter(vec![ok(b"abc")]).chain(stream::pending());
        one.append(&it, 0, Box::pin(hangs)).await
    });
    while uploads.offset(&name).unwrap() < 3 {
        sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(uploads.append(&name, 3, body(vec![ok(b"def")])).await.unwrap(), Piece::Stored(6));
    assert_eq!(dead.await.unwrap().unwrap(), Piece::Stored(3));
}

#[tokio::test]
async fn ten_who_finish_at_once_keep_it_once() {
    let dir = tempfile::tempdir().unwrap();
    let uploads = Uploads::open(dir.path()).unwrap();
    let name = uploads.begin((PHONE, HOUSE), Matter::Photo, 3).unwrap();
    uploads.append(&name, 0, body(vec![ok(b"abc")])).await.unwrap();
    let times = AtomicU64::new(0);
    let keep = async |_| {
        times.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_millis(30)).await;
        Ok("kept".to_owned())
    };
    let all = futures_util::future::join_all((0..10).map(|_| uploads.finish(&name, keep))).await;
    assert!(all.into_iter().all(|line| line.unwrap() == "kept"));
    assert_eq!(times.load(Ordering::Relaxed), 1);
}

#[test]
fn a_phone_has_only_so_many_under_way_and_what_is_old_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let uploads = Uploads::open(dir.path()).unwrap();
    let names: Vec<Name> =
        (0..PER_DEVICE).map(|_| uploads.begin((PHONE, HOUSE), Matter::Photo, 10).unwrap()).collect();
    assert!(matches!(uploads.begin((PHONE, HOUSE), Matter::Photo, 10), Err(Error::TooMany)));
    assert!(
        uploads.begin(("fedcba9876543210", HOUSE), Matter::Voice(5), 10).is_ok(),
        "another phone is not hindered"
    );
    assert!(
        uploads.begin((PHONE, HOUSE), Matter::Photo, 10 << 20 | 1).unwrap_err().to_string().contains("10 MB")
    );
    assert!(uploads.begin((PHONE, HOUSE), Matter::Voice(61), 10).unwrap_err().to_string().contains("60 秒"));
    assert!(uploads.begin((PHONE, HOUSE), Matter::Photo, 0).is_err());
    uploads.give_up(&names[0]).unwrap();
    uploads.give_up(&names[0]).unwrap();
    assert!(uploads.begin((PHONE, HOUSE), Matter::Photo, 10).is_ok());

    fs::write(uploads.part(&names[1]), b"abc").unwrap();
    uploads.sweep(now().plus_minutes(EMPTY_MINUTES - 1)).unwrap();
    assert!(uploads.offset(&names[2]).is_ok());
    uploads.sweep(now().plus_minutes(EMPTY_MINUTES + 1)).unwrap();
    assert!(matches!(uploads.offset(&names[2]), Err(Error::NotFound)), "of which nothing ever came");
    uploads.sweep(now().plus_minutes(60 * HOURS - 5)).unwrap();
    assert_eq!(uploads.offset(&names[1]).unwrap(), 3);
    uploads.sweep(now().plus_minutes(60 * HOURS + 5)).unwrap();
    assert!(matches!(uploads.offset(&names[1]), Err(Error::NotFound)));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "not even a folder is left");
}

#[tokio::test]
async fn what_was_only_announced_takes_nobodys_room_and_one_network_has_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let uploads = Uploads::open(dir.path()).unwrap();
    // Far more than there is room for is announced, and none of it comes.
    for phone in 0..200 {
        let owner = format!("{phone:016x}");
        for _ in 0..5 {
            uploads.begin((&owner, HOUSE), Matter::Photo, photos::MAX_FILE as u64).unwrap();
        }
    }
    let mine = uploads.begin((PHONE, HOUSE), Matter::Photo, 6).unwrap();
    assert_eq!(uploads.append(&mine, 0, body(vec![ok(b"abc")])).await.unwrap(), Piece::Stored(3));

    // Bytes that came do take room, of their own network alone.
    assert!(uploads.held.add(HOUSE, held::PER_NETWORK - 4));
    let full = uploads.append(&mine, 3, body(vec![ok(b"def")])).await;
    assert!(matches!(full, Err(Error::Unavailable(_))), "{full:?}");
    assert_eq!(uploads.offset(&mine).unwrap(), 3, "and what was there stays");
    let other = "00000000000000bb";
    let theirs = uploads.begin(("fedcba9876543210", other), Matter::Photo, 3).unwrap();
    assert_eq!(uploads.append(&theirs, 0, body(vec![ok(b"xyz")])).await.unwrap(), Piece::Stored(3));

    // The next sweep, or another program, sees what really lies there.
    uploads.sweep(now()).unwrap();
    assert_eq!(uploads.append(&mine, 3, body(vec![ok(b"def")])).await.unwrap(), Piece::Stored(6));
}

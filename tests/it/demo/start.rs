//! `louma demo` as people start it: broken off and started again, and where a real community is.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::durable::{database, install, louma};

/// `louma demo` at this port, on every address as somebody who wants to scan with a phone has it.
fn demo(dir: &Path, database: &str, port: u16) -> Command {
    let mut command = louma(dir, database);
    command.arg("demo").env("LOUMA_LISTEN", format!("0.0.0.0:{port}"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn end(mut program: Child) {
    program.kill().unwrap();
    program.wait().unwrap();
}

/// Starts the demonstration and breaks it off while it is being made: its doors are there, its tickets are not.
fn broken_off(dir: &Path, database: &str) {
    let mut first = demo(dir, database, free_port()).spawn().unwrap();
    let mut said = BufReader::new(first.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.starts_with('③')), "the doors were not made");
    end(first);
}

#[test]
fn a_first_start_that_was_broken_off_is_told_at_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    let database = database(dir.path());
    broken_off(dir.path(), &database);
    for _ in 0..2 {
        let again = demo(dir.path(), &database, free_port()).output().unwrap();
        let (shown, said) = (String::from_utf8_lossy(&again.stdout), String::from_utf8_lossy(&again.stderr));
        assert!(!again.status.success(), "{shown}{said}");
        assert!(said.contains("没有做完") && said.contains("删除数据目录"), "{said}");
        assert!(!shown.contains("早已建好") && !shown.contains("居民扫码页"), "{shown}");
    }
}

/// What the program prints until it serves.
fn told(program: &mut Child) -> Vec<String> {
    let lines = BufReader::new(program.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    let mut told: Vec<String> = Vec::new();
    for line in lines {
        let last = line.starts_with("停止：");
        told.push(line);
        if last {
            break;
        }
    }
    told
}

/// The address of the form among what was printed.
fn form(told: &[String]) -> String {
    let line = told.iter().find_map(|line| line.strip_prefix("居民扫码页："));
    line.unwrap_or_else(|| panic!("no address was printed: {told:?}")).to_owned()
}

#[actix_web::test]
async fn the_accounts_that_are_shown_sign_in_and_the_next_start_finds_everything_made() {
    let dir = tempfile::tempdir().unwrap();
    let (database, port) = (database(dir.path()), free_port());
    let start = || demo(dir.path(), &database, port).stderr(Stdio::null()).spawn().unwrap();
    let mut program = start();
    let first = told(&mut program);
    let address = form(&first);
    assert!(address.contains(&format!(":{port}/q/")), "{address}");
    let page = reqwest::get(&address).await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("天宫院中里 1号楼1单元") && page.contains("演示数据"), "{page}");
    let lead = first.iter().find(|line| line.trim_start().starts_with("社区负责人")).unwrap();
    let [_, login, password] = lead.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{lead}") };
    let phone = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let (site, _) = address.split_once("/q/").unwrap();
    let sign_in = phone.post(format!("{site}/console/sign-in"));
    let signed = sign_in.form(&[("login", login), ("password", password)]).send().await.unwrap();
    assert_eq!(signed.status(), 303);
    let posters = std::fs::read_dir(dir.path().join("data/posters")).unwrap();
    assert_eq!(posters.count(), 1, "all doors in one file");
    end(program);

    let mut program = start();
    let again = told(&mut program);
    assert_eq!(form(&again), address);
    assert!(again.iter().any(|line| line.starts_with("数据早已建好")), "{again:?}");
    assert_eq!(reqwest::get(&address).await.unwrap().status(), 200);
    end(program);
}

#[test]
fn nothing_made_up_is_laid_beside_a_real_community_even_of_the_same_letters() {
    for prefix in ["TGY", "SDS"] {
        let dir = tempfile::tempdir().unwrap();
        let database = database(dir.path());
        install(dir.path(), &database, prefix);
        let refused = demo(dir.path(), &database, free_port()).output().unwrap();
        let (shown, said) =
            (String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
        assert!(!refused.status.success(), "{shown}{said}");
        assert!(said.contains("已有社区「试点社区」"), "{said}");
        assert!(!dir.path().join("data/posters").exists(), "its codes must not be printed");
    }
}

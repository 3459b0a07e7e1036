//! What is written beside the code stays true: the settings in README, the steps in ARCHITECTURE.md, the description of
//! the API, what the image is built from. `LOUMA_TEST_BLESS=1` writes the diagram and the description anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use louma::config::{SETTINGS, variable};
use louma::tickets::Status;
use louma::tickets::status::{STEPS, When};

fn root(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn bless() -> bool {
    std::env::var("LOUMA_TEST_BLESS").is_ok()
}

#[test]
fn every_setting_stands_in_both_readmes() {
    for file in ["README.md", "README.zh-CN.md"] {
        let text = std::fs::read_to_string(root(file)).unwrap();
        for setting in SETTINGS {
            let name = format!("`{}`", variable(setting.name));
            let row = text.lines().find(|line| line.starts_with(&format!("| {name} |")));
            let row = row.unwrap_or_else(|| panic!("{file} lacks {name}"));
            assert!(row.contains(setting.default), "{file}: the default of {name} is {:?}", setting.default);
        }
    }
}

/// The sources of the program.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The names under which the types of a file are described: `as` where it says so, else their own.
fn described(text: &str) -> Vec<String> {
    let (mut names, mut is_one, mut other) = (Vec::new(), false, None::<String>);
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("text_enum! {") {
            is_one = true;
        } else if line.starts_with('#') {
            is_one |= line.contains("ToSchema");
            if let Some((_, rest)) = line.split_once("schema(as = ") {
                other = Some(rest.split(')').next().unwrap().to_owned());
            }
        } else if line.contains("utoipa::ToSchema") {
            // A list of derives over several lines.
            is_one = true;
        } else if let Some(rest) = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))
        {
            let own: String = rest.chars().take_while(|sign| sign.is_alphanumeric()).collect();
            let name = other.take().unwrap_or(own);
            // In a macro the name is still to come.
            if std::mem::take(&mut is_one) && !name.is_empty() {
                names.push(name);
            }
        } else if ["struct ", "enum ", "pub(", "fn ", "impl"].iter().any(|begun| line.starts_with(begun)) {
            (is_one, other) = (false, None);
        }
    }
    names
}

#[test]
fn no_two_types_of_the_description_have_one_name() {
    let mut files = Vec::new();
    sources(&root("src"), &mut files);
    let mut seen = std::collections::BTreeMap::new();
    for file in files {
        for name in described(&std::fs::read_to_string(&file).unwrap()) {
            if let Some(first) = seen.insert(name.clone(), file.clone()) {
                panic!("{name} is described in {} and {}", first.display(), file.display());
            }
        }
    }
    assert!(seen.len() > 200, "only {} types were found", seen.len());
}

#[test]
fn the_diagram_of_the_steps_is_the_table_of_the_steps() {
    let mut lines = vec!["    [*] --> new: submit".to_owned()];
    for from in Status::ALL {
        for (_, step, roles, to, when) in STEPS.iter().filter(|row| row.0.contains(from)) {
            let roles: Vec<&str> = roles.iter().map(|role| role.word()).collect();
            let (from, to, step, roles) = (from.word(), to.word(), step.word(), roles.join(", "));
            lines.push(match when {
                When::Always | When::Running => format!("    {from} --> {to}: {step} ({roles})"),
                _ => format!("    {from} --> {to}: {step} ({roles}) if {when:?}"),
            });
        }
    }
    let wanted = format!(
        "<!-- steps:begin -->\n```mermaid\nstateDiagram-v2\n{}\n```\n<!-- steps:end -->",
        lines.join("\n")
    );
    let path = root("ARCHITECTURE.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- steps:begin -->").unwrap();
    let (_, after) = rest.split_once("<!-- steps:end -->").unwrap();
    if bless() {
        std::fs::write(&path, format!("{before}{wanted}{after}")).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains(&wanted),
        "ARCHITECTURE.md shows other steps than status.rs: LOUMA_TEST_BLESS=1 writes them"
    );
    assert!(text.lines().count() <= 200, "ARCHITECTURE.md is to be read in one sitting");
}

#[test]
fn the_description_of_the_api_is_the_one_that_was_looked_at() {
    use utoipa::OpenApi;
    let now = louma::api::Description::openapi().to_pretty_json().unwrap();
    let path = root("tests/it/openapi.json");
    if bless() {
        std::fs::write(&path, &now).unwrap();
    }
    let then = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(now.trim() == then.trim(), "the API changed: LOUMA_TEST_BLESS=1 writes tests/it/openapi.json");
    assert!(now.contains("\"openapi\": \"3.1"));
}

#[test]
fn every_route_of_the_api_is_described() {
    use utoipa::OpenApi;
    let described = louma::api::Description::openapi().to_json().unwrap();
    let routes = louma::app::routes();
    for entry in routes.iter().filter(|entry| entry.pattern.starts_with("/api/v1")) {
        assert!(described.contains(&format!("\"{}\"", entry.pattern)), "{} is not described", entry.pattern);
    }
}

/// The files of the repository that are compiled into the program, as the sources without their tests name them.
fn compiled_in() -> BTreeSet<PathBuf> {
    let (mut files, mut named) = (Vec::new(), BTreeSet::new());
    sources(&root("src"), &mut files);
    for file in files {
        let inside = file.strip_prefix(root("src")).unwrap().with_extension("");
        if inside.iter().any(|part| part.to_str().unwrap().ends_with("tests")) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        // Where the paths of each begin, and what stands before the path.
        let folder = file.parent().unwrap().to_owned();
        for (call, from) in [
            ("include_str!(", folder.clone()),
            ("include_bytes!(", folder),
            ("embed_migrations!(", root("")),
            ("#[template(path = ", root("src")),
        ] {
            for rest in text.split(call).skip(1) {
                // Of a path that is put together, the beginning.
                let path = rest.strip_prefix("concat!(").unwrap_or(rest).strip_prefix('"').unwrap();
                named.insert(plain(&from.join(path.split('"').next().unwrap())));
            }
        }
    }
    named
}

/// A path without `..`, from the root of the repository.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain.strip_prefix(root("")).unwrap().to_owned()
}

#[test]
fn the_image_is_built_from_everything_that_is_compiled_in() {
    let dockerfile = std::fs::read_to_string(root("Dockerfile")).unwrap();
    let (_, build) = dockerfile.split_once(" AS build").unwrap();
    let (build, _) = build.split_once("\nFROM ").unwrap();
    let copied: BTreeSet<&str> = build
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .flat_map(|line| line.rsplit_once(' ').unwrap().0.split_whitespace())
        .collect();
    let ignored = std::fs::read_to_string(root(".dockerignore")).unwrap();
    let mut lines = ignored.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.next(), Some("*"), "everything stays out but what is named");
    let let_in: BTreeSet<&str> = lines.filter_map(|line| line.strip_prefix('!')).collect();
    let named = compiled_in();
    let tops: BTreeSet<&str> =
        named.iter().map(|path| path.iter().next().unwrap().to_str().unwrap()).collect();
    assert!(["assets", "defaults", "migrations", "src"].iter().all(|top| tops.contains(top)), "{tops:?}");
    for path in &named {
        let top = path.iter().next().unwrap().to_str().unwrap();
        assert!(copied.contains(top), "the Dockerfile does not copy {top}, where {} lies", path.display());
        assert!(let_in.contains(top), ".dockerignore keeps {top} out, where {} lies", path.display());
    }
    for file in ["Cargo.toml", "Cargo.lock", "askama.toml"] {
        assert!(copied.contains(file) && let_in.contains(file), "{file} stays out of the image");
    }
}

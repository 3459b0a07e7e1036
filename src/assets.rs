//! The style sheets and scripts of every page, inside the program, ready compressed.
//!
//! Each file has an address with the hash of its content, so that browsers may keep it for ever and
//! a new release is seen at once. Compression happens once per file, at its first use, and per request
//! for the one page that is read with its picture straight after a report ([`packed`]). Nothing here reads the disk or another host. `assets/vendor.mjs` says where the vendored
//! files come from.

use std::io::Write as _;
use std::sync::{LazyLock, OnceLock};

use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderValue, IF_NONE_MATCH, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Bytes, Path, ServiceConfig, get};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

/// How long a browser keeps a file whose address carries its hash: a year.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Every file that is served, with its content type.
static FILES: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    const CSS: &str = "text/css; charset=utf-8";
    const JS: &str = "text/javascript; charset=utf-8";
    vec![
        Asset::new("resident.css", CSS, include_bytes!("../assets/resident.css")),
        Asset::new("resident.js", JS, include_bytes!("../assets/resident.js")),
        Asset::new("door.js", JS, include_bytes!("../assets/door.js")),
        Asset::new("alike.js", JS, include_bytes!("../assets/alike.js")),
        Asset::new("phone.js", JS, include_bytes!("../assets/phone.js")),
        Asset::new("guard.js", JS, include_bytes!("../assets/guard.js")),
        Asset::new("work.js", JS, include_bytes!("../assets/work.js")),
        Asset::new("console.css", CSS, include_bytes!("../assets/console.css")),
        Asset::new("console.js", JS, include_bytes!("../assets/console.js")),
        Asset::new("stats.js", JS, include_bytes!("../assets/stats.js")),
        Asset::new("icon.svg", "image/svg+xml", include_bytes!("../assets/icon.svg")),
        Asset::new("tabler.min.css", CSS, include_bytes!("../assets/vendor/tabler.min.css")),
        Asset::new("htmx.min.js", JS, include_bytes!("../assets/vendor/htmx.min.js")),
        Asset::new("echarts.min.js", JS, include_bytes!("../assets/vendor/echarts.min.js")),
    ]
});

/// One embedded file.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    plain: &'static [u8],
    hash: String,
    url: String,
    gzip: OnceLock<Bytes>,
}

impl Asset {
    fn new(name: &'static str, content_type: &'static str, plain: &'static [u8]) -> Asset {
        let digest = Sha256::digest(plain);
        let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let url = format!("/static/{hash}/{name}");
        Asset { name, content_type, plain, hash, url, gzip: OnceLock::new() }
    }

    fn gzip(&self) -> Bytes {
        self.gzip.get_or_init(|| gzip(self.plain)).clone()
    }
}

/// The address of a file for use in a page. A name that is not embedded gives an address that answers
/// 404; a test holds every name that a template uses against the list.
pub fn url(name: &str) -> &'static str {
    find(name).map_or("/static/none", |asset| asset.url.as_str())
}

/// `GET /static/{hash}/{name}`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/static/{hash}/{name}", get().to(serve));
}

/// Sends a file, compressed when the browser can read that, or 304 when it has it already.
///
/// The hash of an earlier release is answered with the file of today, uncached: in WeChat a page may
/// outlive a release, and an old page in new clothes is better than a naked one.
pub async fn serve(request: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let (hash, name) = path.into_inner();
    let Some(asset) = find(&name) else {
        return HttpResponse::NotFound().insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff")).finish();
    };
    let caching = if hash == asset.hash { FOR_EVER } else { "no-cache" };
    let packed = accepts_gzip(&request);
    let tag = format!("\"{}{}\"", asset.hash, if packed { "-gz" } else { "" });

    if has(&request, &tag) {
        return head(HttpResponse::NotModified(), &tag, caching).finish();
    }
    let mut answer = head(HttpResponse::Ok(), &tag, caching);
    answer.content_type(asset.content_type);
    if !packed {
        return answer.body(asset.plain);
    }
    answer.insert_header((CONTENT_ENCODING, "gzip")).body(asset.gzip())
}

/// Compresses a ready-made body as small as gzip can: for what is packed once and sent many times.
pub fn gzip(plain: &[u8]) -> Bytes {
    let mut packer = GzEncoder::new(Vec::with_capacity(plain.len() / 3), Compression::best());
    // Writing to memory cannot fail.
    packer.write_all(plain).and_then(|()| packer.finish()).map(Bytes::from).unwrap_or_default()
}

/// A page that is made anew, compressed: for the few that are read once, on the slowest of networks.
pub fn packed(page: HttpResponse) -> HttpResponse {
    let (mut head, body) = page.into_parts();
    match body.try_into_bytes() {
        Ok(plain) => {
            let headers = head.headers_mut();
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
            head.set_body(BoxBody::new(gzip(&plain)))
        }
        Err(body) => head.set_body(body),
    }
}

/// Whether the client said that it can read gzip.
pub fn accepts_gzip(request: &HttpRequest) -> bool {
    let Some(accepted) = header(request, ACCEPT_ENCODING) else { return false };
    accepted.split(',').any(|each| {
        let mut parts = each.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        coding.eq_ignore_ascii_case("gzip") && !refused
    })
}

fn find(name: &str) -> Option<&'static Asset> {
    FILES.iter().find(|asset| asset.name == name)
}

fn header(request: &HttpRequest, name: actix_web::http::header::HeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}

fn has(request: &HttpRequest, tag: &str) -> bool {
    header(request, IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').any(|each| each.trim().trim_start_matches("W/") == tag))
}

fn head(mut answer: HttpResponseBuilder, tag: &str, caching: &'static str) -> HttpResponseBuilder {
    answer
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, caching))
        .insert_header((VARY, "Accept-Encoding"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{App, dev::ServiceResponse, http::StatusCode, test};
    use std::io::Read as _;

    macro_rules! ask {
        ($url:expr $(, $name:expr => $value:expr)*) => {{
            let app = test::init_service(App::new().configure(routes)).await;
            let request = test::TestRequest::get().uri($url)$(.insert_header(($name, $value)))*;
            test::call_service(&app, request.to_request()).await
        }};
    }

    fn sent<'a>(answer: &'a ServiceResponse, name: &str) -> &'a str {
        answer.headers().get(name).unwrap().to_str().unwrap()
    }

    #[actix_web::test]
    async fn a_file_with_its_hash_is_kept_for_ever_and_unpacks_to_itself() {
        let answer = ask!(url("resident.css"), "Accept-Encoding" => "br, gzip;q=0.8");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(sent(&answer, CACHE_CONTROL.as_str()), FOR_EVER);
        assert_eq!(sent(&answer, CONTENT_ENCODING.as_str()), "gzip");
        assert_eq!(sent(&answer, "content-type"), "text/css; charset=utf-8");
        assert_eq!(sent(&answer, X_CONTENT_TYPE_OPTIONS.as_str()), "nosniff");
        let body = test::read_body(answer).await;
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, include_bytes!("../assets/resident.css"));
    }

    #[actix_web::test]
    async fn a_browser_without_gzip_gets_the_plain_file() {
        for accepted in ["identity", "gzip;q=0, deflate"] {
            let answer = ask!(url("resident.js"), "Accept-Encoding" => accepted);
            assert!(!answer.headers().contains_key(CONTENT_ENCODING));
            assert_eq!(test::read_body(answer).await, &include_bytes!("../assets/resident.js")[..]);
        }
    }

    #[actix_web::test]
    async fn a_browser_that_has_the_file_gets_no_body() {
        let tag = sent(&ask!(url("resident.css")), ETAG.as_str()).to_owned();
        let answer = ask!(url("resident.css"), "If-None-Match" => tag.clone());
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
        assert!(test::read_body(answer).await.is_empty());
        let other = ask!(url("resident.css"), "If-None-Match" => tag, "Accept-Encoding" => "gzip");
        assert_eq!(other.status(), StatusCode::OK, "plain and packed are two things");
    }

    #[actix_web::test]
    async fn an_old_page_gets_the_file_of_today_uncached() {
        let answer = ask!("/static/0000000000000000/resident.css");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(sent(&answer, CACHE_CONTROL.as_str()), "no-cache");
    }

    #[actix_web::test]
    async fn an_unknown_file_is_not_found() {
        assert_eq!(ask!("/static/0/secret.css").status(), StatusCode::NOT_FOUND);
        assert_eq!(ask!("/static/0/..%2Fresident.css").status(), StatusCode::NOT_FOUND);
        assert_eq!(ask!(url("nothing.css")).status(), StatusCode::NOT_FOUND);
    }

    #[::core::prelude::v1::test]
    fn every_file_that_a_template_names_is_embedded() {
        let mut named = 0;
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|kind| kind == "html") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for part in text.split("assets::url(\"").skip(1) {
                        let name = part.split('"').next().unwrap();
                        assert!(find(name).is_some(), "{} names {name}", path.display());
                        named += 1;
                    }
                }
            }
        }
        assert!(named >= 5, "only {named} names were found");
    }

    #[::core::prelude::v1::test]
    fn no_file_asks_for_another_host_or_a_source_map() {
        for asset in FILES.iter() {
            let text = std::str::from_utf8(asset.plain).unwrap();
            assert!(!text.contains("sourceMappingURL"), "{}", asset.name);
            assert!(!text.contains("@import"), "{}", asset.name);
            assert!(!text.contains("url(http") && !text.contains("url(\"http"), "{}", asset.name);
        }
    }
}

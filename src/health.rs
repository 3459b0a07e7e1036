//! What operators ask: is it alive, can it work, what does it measure.
//!
//! `/readyz` writes to the database and looks at the disk and the migrations; it says which failed, never how to reach
//! anything. `/metrics` carries no personal data, and still tells how much is reported and how fast the service fails:
//! it answers the machine itself, or whoever has the token.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::config::Config;
use crate::db::Db;
use crate::error::Error;
use crate::keys;
use crate::web::PageError;

/// `GET /healthz`: the program runs.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().body("ok\n")
}

/// `GET /readyz`: the database takes writes, the schema is up to date, the data directory can be written.
pub async fn ready(db: Data<Db>, config: Data<Config>) -> HttpResponse {
    let writes = db.write(crate::db::probe).await.is_ok();
    let (asked, dir) = (db.clone(), config.data_dir.clone());
    let rest = actix_web::web::block(move || {
        let migrated = asked.pending_migrations().is_ok_and(|pending| pending == 0);
        let disk = tempfile::NamedTempFile::new_in(dir).and_then(|mut file| {
            use std::io::Write;
            file.write_all(b"ready")?;
            file.as_file().sync_all()
        });
        (migrated, disk.is_ok())
    });
    let (migrated, disk) = rest.await.unwrap_or((false, false));
    let word = |fine: bool| if fine { "ok" } else { "failed" };
    let body = format!("database {}\nmigrations {}\ndisk {}\n", word(writes), word(migrated), word(disk));
    let fine = writes && migrated && disk;
    if fine { HttpResponse::Ok().body(body) } else { HttpResponse::ServiceUnavailable().body(body) }
}

/// `GET /metrics`, in Prometheus' text form. For others than those who may ask it does not exist.
pub async fn metrics(req: HttpRequest, config: Data<Config>) -> Result<HttpResponse, PageError> {
    if !may_measure(&req, &config) {
        return Err(Error::NotFound.into());
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(crate::metrics::text()))
}

/// With a token set, whoever brings it; else a request from this machine or a trusted proxy's, that no proxy passed on.
fn may_measure(req: &HttpRequest, config: &Config) -> bool {
    let head = |name: header::HeaderName| req.headers().get(name).and_then(|value| value.to_str().ok());
    if !config.metrics_token.is_empty() {
        let given = head(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        return given
            .is_some_and(|given| keys::same(given.trim().as_bytes(), config.metrics_token.as_bytes()));
    }
    let passed_on = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];
    let direct = !passed_on.iter().any(|name| req.headers().contains_key(*name));
    let peer = req.peer_addr().map(|address| address.ip());
    direct && peer.is_some_and(|peer| peer.is_loopback() || config.trusted_proxies.contains(&peer))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asks(peer: &str, heads: &[(&'static str, &str)], token: &str) -> bool {
        let values = [("metrics_token", token), ("trusted_proxies", "10.0.0.2")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_values(&values.into()).unwrap();
        let req = TestRequest::default().peer_addr(peer.parse().unwrap());
        let req = heads.iter().fold(req, |req, head| req.insert_header((head.0, head.1)));
        may_measure(&req.to_http_request(), &config)
    }

    #[test]
    fn without_a_token_only_the_machine_itself_and_trusted_proxies_measure() {
        assert!(asks("127.0.0.1:5000", &[], "") && asks("[::1]:5000", &[], ""));
        assert!(asks("10.0.0.2:5000", &[], ""));
        assert!(!asks("10.0.0.3:5000", &[], "") && !asks("203.0.113.9:5000", &[], ""));
        for name in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
            assert!(!asks("127.0.0.1:5000", &[(name, "203.0.113.9")], ""), "{name}");
        }
    }

    #[test]
    fn with_a_token_whoever_has_it_measures_and_nobody_else() {
        let token = "sixteen-signs-at-least";
        let bearer = format!("Bearer {token}");
        assert!(asks("203.0.113.9:5000", &[("authorization", &bearer)], token));
        assert!(!asks("127.0.0.1:5000", &[], token));
        assert!(!asks("127.0.0.1:5000", &[("authorization", "Bearer sixteen-signs-at-leas")], token));
    }
}

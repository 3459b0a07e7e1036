//! What operators ask: is it alive, can it work, what does it measure.
//!
//! `/readyz` writes to the database and looks at the disk and the migrations; it says which failed, never how to reach
//! anything. `/metrics` carries no personal data; the shipped proxy does not pass it on.

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::config::Config;
use crate::db::Db;

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

/// `GET /metrics`, in Prometheus' text form.
pub async fn metrics() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(crate::metrics::text())
}

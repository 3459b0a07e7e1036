//! A server for one test, on SQLite, or on PostgreSQL where `LOUMA_TEST_DATABASE_URL` is set (a schema for each test).
//!
//! Two communities lie in one street and a third elsewhere, so that every scope has something inside and outside. Somebody
//! of every role is signed in.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use louma::app::{self, Parts};
use louma::codes::registry::{self, IssuedCode};
use louma::config::Config;
use louma::db::{Db, Durability, Id, Tx};
use louma::error::Result;
use louma::keys::{Keys, hex};
use louma::people::{self, Actor, Login, NewStaff, PasswordHash, Role, session};
use louma::photos::Photos;
use louma::places::{self, Community, NewCommunity, NewPlace, Place, PlaceKind};
use louma::routing::{self, NewParty, Party, PartyKind};
use louma::settings::{self, Flood};

/// The password of everybody.
pub const PASSWORD: &str = "正确的密码 12345";
static HASH: LazyLock<PasswordHash> = LazyLock::new(|| PasswordHash::make(PASSWORD).unwrap());

/// A community with a building of two units, a spot, a grid and three parties.
#[derive(Clone)]
pub struct World {
    pub community: Community,
    pub units: Vec<(Place, IssuedCode)>,
    pub property: Party,
    pub grid: Id,
}

/// A running server.
#[derive(Clone)]
pub struct TestApp {
    pub url: String,
    pub parts: Parts,
    /// The community in which people work, its neighbour in the street, and one elsewhere.
    pub worlds: Vec<World>,
    tokens: BTreeMap<Role, (Id, String)>,
    _dir: Arc<tempfile::TempDir>,
}

impl TestApp {
    pub async fn start() -> TestApp {
        TestApp::start_with(&[]).await
    }

    /// With these settings beside the usual ones.
    pub async fn start_with(settings: &[(&str, String)]) -> TestApp {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&database_url(dir.path()), Durability::AsConfigured).unwrap();
        db.migrate().unwrap();
        let keys = Keys::new(&[42; 32]);
        let (worlds, staff) = db.write(populate).await.unwrap();
        let mut tokens = BTreeMap::new();
        for (role, login, id) in staff {
            let keys = keys.clone();
            let token = db
                .write(move |tx| {
                    let login = Login::parse(&login)?;
                    let signed = session::check(session::candidate(tx, &login)?, PASSWORD)?;
                    session::start(tx, &keys, signed, "test")
                })
                .await
                .unwrap();
            tokens.insert(role, (id, token));
        }
        let photos = Photos::open(&dir.path().join("photos")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let values = [
            ("data_dir", dir.path().to_string_lossy().into_owned()),
            ("base_url", url.clone()),
            ("workers", "2".into()),
        ];
        let values = values.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), value.clone()));
        let config = Config::from_values(&values.collect()).unwrap();
        let parts = Parts::new(config, db, keys, photos);
        actix_web::rt::spawn(app::run(listener, parts.clone()).unwrap());
        TestApp { url, parts, worlds, tokens, _dir: dir.into() }
    }

    /// The community in which people work.
    pub fn home(&self) -> &World {
        &self.worlds[0]
    }

    /// The path of the form of the first unit.
    pub fn door(&self) -> String {
        format!("/q/{}", self.home().units[0].1.code)
    }

    /// A browser that nobody is signed in with.
    pub fn stranger(&self) -> Client {
        self.client(None)
    }

    /// A browser in which somebody of this role is signed in.
    pub fn as_(&self, role: Role) -> Client {
        self.client(Some(self.tokens[&role].1.clone()))
    }

    /// A browser in which somebody of this role is signed in once more.
    pub async fn again(&self, role: Role) -> Client {
        self.sign_in(format!("test-{}", role.word().replace('_', "-"))).await
    }

    /// A browser in which somebody new of this role is signed in, who works in that of the communities.
    pub async fn hire(&self, place: usize, role: Role) -> Client {
        let world = self.worlds[place].clone();
        let login =
            format!("{}-{}-{}", world.community.prefix, role.word().replace('_', "-"), Id::new().0.simple());
        let login = login.to_lowercase()[..40].to_owned();
        let new = NewStaff {
            login: Login::parse(&login).unwrap(),
            name: format!("{} {}", role.label(), world.community.prefix),
            password: HASH.clone(),
            role,
            street: role.travels().then(|| world.community.street.clone()),
            community_id: (!role.travels()).then_some(world.community.id),
            party_id: (role == Role::Handler).then_some(world.property.id),
        };
        self.write(move |tx| people::add_unchecked(tx, new)).await;
        self.sign_in(login).await
    }

    async fn sign_in(&self, login: String) -> Client {
        let keys = self.parts.keys.clone();
        let token = self
            .write(move |tx| {
                let signed = session::check(session::candidate(tx, &Login::parse(&login)?)?, PASSWORD)?;
                session::start(tx, &keys, signed, "test")
            })
            .await;
        self.client(Some(token))
    }

    /// The account of this role.
    pub fn staff(&self, role: Role) -> Id {
        self.tokens[&role].0
    }

    fn client(&self, token: Option<String>) -> Client {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).cookie_store(true);
        let csrf = token
            .as_ref()
            .map(|token| self.parts.keys.stamp("csrf", &hex(&self.parts.keys.session_hash(token))));
        Client { url: self.url.clone(), http: http.build().unwrap(), token, csrf }
    }

    /// Reads from the database behind the server.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> T {
        self.parts.db.read(work).await.unwrap()
    }

    /// Writes to the database behind the server.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> T {
        self.parts.db.write(work).await.unwrap()
    }
}

/// A browser.
#[derive(Clone)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    token: Option<String>,
    pub csrf: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|err| panic!("{err}: {}", self.body))
    }
}

impl Client {
    /// A request, with the session cookie where somebody is signed in.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            // Under HTTPS it has the other name.
            Some(token) => {
                request.header("cookie", format!("louma_session={token}; __Host-louma_session={token}"))
            }
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(reqwest::Method::GET, path)).await
    }

    /// Sends a form as a browser does: with the hidden proof where somebody is signed in.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        if let Some(csrf) = &self.csrf {
            fields.push(("csrf", csrf));
        }
        send(self.request(reqwest::Method::POST, path).form(&fields)).await
    }

    /// Sends a form with files: `(field, file name, content)`.
    pub async fn post_files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let mut form = reqwest::multipart::Form::new();
        if let Some(csrf) = &self.csrf {
            form = form.text("csrf", csrf.clone());
        }
        for (name, value) in fields {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        for (field, name, content) in files {
            let part = reqwest::multipart::Part::bytes(content.to_vec()).file_name((*name).to_owned());
            form = form.part((*field).to_owned(), part);
        }
        send(self.request(reqwest::Method::POST, path).multipart(form)).await
    }

    /// Sends JSON with the proof in the header.
    pub async fn post_json(&self, path: &str, body: serde_json::Value) -> Answer {
        self.send_json(reqwest::Method::POST, path, body).await
    }

    /// The same with another method.
    pub async fn send_json(&self, method: reqwest::Method, path: &str, body: serde_json::Value) -> Answer {
        let mut request = self.request(method, path).json(&body);
        if let Some(csrf) = &self.csrf {
            request = request.header("x-csrf-token", csrf);
        }
        send(request).await
    }
}

/// Sends a request and keeps what matters of the answer.
pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let location = response.headers().get("location").map_or("", |value| value.to_str().unwrap()).to_owned();
    Answer { status: response.status().as_u16(), location, body: response.text().await.unwrap() }
}

/// A small JPEG, different for every `seed`.
pub fn jpeg(seed: u8) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([seed, (x / 3) as u8, (y / 2) as u8]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// The URL of a fresh database.
pub fn database_url(dir: &std::path::Path) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("LOUMA_TEST_DATABASE_URL") else {
        return format!("sqlite:{}", dir.join("test.db").display());
    };
    use diesel::{Connection, connection::SimpleConnection};
    let schema = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut conn = diesel::PgConnection::establish(&server).unwrap();
    conn.batch_execute(&format!("drop schema if exists {schema} cascade; create schema {schema}")).unwrap();
    format!("{server}?options=-csearch_path%3D{schema}")
}

/// Communities, and people by role, sign-in name and account.
pub type Made = (Vec<World>, Vec<(Role, String, Id)>);

/// Three communities, and somebody of every role in the first.
pub fn populate(tx: &mut Tx) -> Result<Made> {
    routing::plant_categories(tx)?;
    let worlds = vec![
        world(tx, "天宫院中里", "天宫院街道", "TGY")?,
        world(tx, "天宫院南里", "天宫院街道", "TGN")?,
        world(tx, "别处社区", "别处街道", "BCS")?,
    ];
    let mut staff = Vec::new();
    for role in Role::STAFF {
        let home = &worlds[0];
        let local = !matches!(role, Role::StreetManager | Role::Auditor | Role::Admin);
        let login = format!("test-{}", role.word().replace('_', "-"));
        let made = people::add_unchecked(
            tx,
            NewStaff {
                login: Login::parse(&login)?,
                name: format!("{} 01", role.label()),
                password: HASH.clone(),
                role: *role,
                street: (!local).then(|| home.community.street.clone()),
                community_id: local.then_some(home.community.id),
                party_id: (*role == Role::Handler).then_some(home.property.id),
            },
        )?;
        if *role == Role::GridWorker {
            places::set_grid_worker(tx, home.community.id, home.grid, Some(made.id))?;
        }
        staff.push((*role, login, made.id));
    }
    Ok((worlds, staff))
}

/// Tests report from one address, as fast as they can; those of flooding set limits of their own.
pub fn without_limits(tx: &mut Tx, community: Id) -> Result<()> {
    let most = 1_000_000;
    let flood = Flood { door: most, network: most, community: most, device: most, ..Flood::default() };
    settings::set(tx, &Actor::resident(community), &flood, tx.now)
}

/// Makes one community.
pub fn world(tx: &mut Tx, name: &str, street: &str, prefix: &str) -> Result<World> {
    let new = NewCommunity {
        district: "大兴区".into(),
        street: street.into(),
        name: name.into(),
        prefix: prefix.into(),
        phone: "010-00000001".into(),
        property_phone: "010-00000002".into(),
        ..NewCommunity::default()
    };
    let community = places::found(tx, new)?;
    settings::plant(tx, community.id)?;
    without_limits(tx, community.id)?;
    let party = |tx: &mut Tx, name: &str, aliases: &str, kind| {
        let new = NewParty { name: name.into(), aliases: aliases.into(), kind, phone: String::new() };
        routing::add_party(tx, community.id, new)
    };
    party(tx, "社区居委会", "", PartyKind::Committee)?;
    let property = party(tx, "物业中心", "物业", PartyKind::Property)?;
    party(tx, "街道城管办", "", PartyKind::Department)?;
    let grid = places::add_grid(tx, community.id, "第1网格")?.id;
    let place = |tx: &mut Tx, kind, name: &str, parent: Option<Id>, grid: Option<Id>| {
        let new = NewPlace {
            kind,
            name: name.into(),
            parent_id: parent,
            grid_id: grid,
            households: Some(30),
            sort: 0,
        };
        places::add(tx, community.id, new)
    };
    let compound = place(tx, PlaceKind::Compound, name, None, None)?;
    let house = place(tx, PlaceKind::Building, "3号楼", Some(compound.id), Some(grid))?;
    let mut units = Vec::new();
    // The second unit lies in no grid.
    for (name, parent, grid) in [("2单元", house.id, Some(grid)), ("凉亭", compound.id, None)] {
        let kind = if grid.is_some() { PlaceKind::Unit } else { PlaceKind::Spot };
        let unit = place(tx, kind, name, Some(parent), grid)?;
        let code = registry::issue(tx, &unit)?;
        units.push((unit, code));
    }
    Ok(World { community, units, property, grid })
}

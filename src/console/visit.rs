//! What a page of staff works with: who is signed in, where things are kept, and the form that was sent.
//!
//! A form that is refused is shown again with everything typed and each sentence beside its field; a password
//! is never shown again. Nothing here decides who may do what: the gate and the verbs do.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use super::view::Chrome;
use crate::config::Config;
use crate::db::{Db, Tx};
use crate::error::{Error, Problem, Result};
use crate::keys::Keys;
use crate::people::Session;
use crate::web::PageError;

/// The answer of a page.
pub type Answer = std::result::Result<HttpResponse, PageError>;

/// The fields of a form, as they come.
pub type Fields = web::Form<Vec<(String, String)>>;

/// Somebody who is signed in, and what their page is made with; cheap to clone.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Visit {
    pub session: Session,
    pub db: Data<Db>,
    pub keys: Data<Keys>,
    pub config: Data<Config>,
}

impl Visit {
    /// What surrounds the page `title` at `path`.
    pub fn chrome(&self, tx: &mut Tx, title: &str, path: &str) -> Result<Chrome> {
        super::chrome(tx, &self.session, (&self.keys, &self.config), title, path)
    }
}

impl FromRequest for Visit {
    type Error = PageError;
    type Future = Ready<std::result::Result<Visit, PageError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let missing = |what: &'static str| PageError(Error::Internal(anyhow::anyhow!("no {what} is shared")));
        let session = Session::from_request(req, payload).into_inner();
        ready(session.and_then(|session| {
            Ok(Visit {
                session,
                db: req.app_data::<Data<Db>>().ok_or_else(|| missing("database"))?.clone(),
                keys: req.app_data::<Data<Keys>>().ok_or_else(|| missing("keys"))?.clone(),
                config: req.app_data::<Data<Config>>().ok_or_else(|| missing("configuration"))?.clone(),
            })
        }))
    }
}

/// A form of a page as it was sent and what is wrong with it; empty when the page is only looked at.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    form: String,
    values: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Sent {
    /// The fields of the form called `form`.
    pub fn new(form: impl Into<String>, fields: Vec<(String, String)>) -> Sent {
        Sent { form: form.into(), values: fields, problems: Vec::new() }
    }

    /// What the form is called.
    pub fn name(&self) -> &str {
        &self.form
    }

    /// The value of a field, trimmed; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.values.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// The value of a field exactly as typed: for passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.values.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// A number in a field, or a sentence for it.
    pub fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<T> {
        self.text(name).parse().map_err(|_| Error::invalid(name, "请填写数字"))
    }

    /// An id in a field that may be empty. What is no id is nobody's choice in the list.
    pub fn id(&self, name: &'static str) -> Result<Option<crate::db::Id>> {
        match self.text(name) {
            "" => Ok(None),
            text => text
                .parse()
                .map(|id| Some(crate::db::Id(id)))
                .map_err(|_| Error::invalid(name, "请从列表中选择")),
        }
    }

    /// The form to show again, without passwords; every other error is for the whole page.
    pub fn refused(mut self, err: Error) -> std::result::Result<Sent, PageError> {
        self.problems = match err {
            Error::Invalid(problems) => problems,
            err @ (Error::Conflict(_) | Error::TooMany) => {
                vec![Problem { field: "", message: err.to_string().into() }]
            }
            err => return Err(PageError(err)),
        };
        self.values.retain(|(name, _)| !name.contains("password") && name != "csrf");
        Ok(self)
    }

    /// The form without its secret, which is typed again rather than shown.
    pub fn without_secret(mut self) -> Sent {
        self.values.retain(|(name, _)| name != "secret");
        self
    }

    /// The status of the page that shows this.
    pub fn status(&self) -> StatusCode {
        if self.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }

    /// Everything that is to be mended.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// This form, if it is the one called `form`; else an empty one of that name.
    pub fn form(&self, form: impl std::fmt::Display) -> Sent {
        let form = form.to_string();
        if self.form == form { self.clone() } else { Sent { form, ..Sent::default() } }
    }

    /// Whether something was sent.
    pub fn is_some(&self) -> bool {
        !self.values.is_empty() || !self.problems.is_empty()
    }

    /// What was typed; `default` when nothing was sent.
    pub fn shown(&self, name: &str, default: impl std::fmt::Display) -> String {
        let sent = self.values.iter().find(|(field, _)| field == name);
        sent.map_or_else(|| default.to_string(), |(_, value)| value.clone())
    }

    /// Whether the option `key` is the one to show as chosen.
    pub fn chosen(&self, name: &str, default: impl std::fmt::Display, key: impl std::fmt::Display) -> bool {
        let (shown, key) = (self.shown(name, default), key.to_string());
        shown == key
    }

    /// The sentence for a field; empty when it is fine.
    pub fn problem(&self, name: &str) -> String {
        let own = self.problems.iter().filter(|problem| problem.field == name);
        own.map(|problem| problem.message.as_ref()).collect::<Vec<_>>().join("；")
    }

    /// The id of a field's element: unique on a page of many forms.
    pub fn element(&self, name: &str) -> String {
        format!("{}-{name}", self.form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_shown_again_but_never_a_password() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields =
            vec![field("name", "物业"), field("old_password", "secret"), field("password", "secret")];
        let sent = Sent::new("add", fields).refused(Error::invalid("name", "请换一个")).unwrap();
        assert_eq!(sent.form("add").shown("name", "无"), "物业");
        assert_eq!(sent.form("add").problem("name"), "请换一个");
        assert_eq!(sent.form("change").shown("name", "无"), "无");
        assert!(sent.text("old_password").is_empty() && sent.text("password").is_empty());
        assert_eq!(sent.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(Sent::default().refused(Error::NotFound).is_err());
    }
}

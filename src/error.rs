//! What can go wrong, said once and without HTTP. [`crate::web`] turns it into a page or into JSON.
//!
//! Messages are written for the person who has to go on: what happened, and what to do next, in
//! Chinese. Nothing here knows a status code.

use std::borrow::Cow;

/// The result of anything in this crate that can fail for a reason the caller should hear.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One thing to mend in what a person sent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The name of the form field, as in the page and in JSON.
    pub field: &'static str,
    /// What to change, as a sentence.
    pub message: Cow<'static, str>,
}

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the actor may not know that there is.
    #[error("没有找到，或者您无权查看")]
    NotFound,
    /// Nobody is signed in, or the session has ended.
    #[error("请先登录；如果刚才还在使用，说明登录已过期，请重新登录")]
    SignedOut,
    /// The actor is known, may see the thing, and may not do this with it.
    #[error("您的岗位不能做这一步")]
    Forbidden,
    /// Fields are missing or wrong. Each message is shown beside its field.
    #[error("{}", .0.iter().map(|problem| problem.message.as_ref()).collect::<Vec<_>>().join("；"))]
    Invalid(Vec<Problem>),
    /// Someone else changed the thing first, or it is past this step.
    #[error("{0}")]
    Conflict(Cow<'static, str>),
    /// Too often in too short a time.
    #[error("操作太频繁，请稍等一会儿再试")]
    TooMany,
    /// The service cannot answer now and says when it could.
    #[error("{0}")]
    Unavailable(Cow<'static, str>),
    /// A fault of ours: logged once in full, shown as "something went wrong".
    #[error("系统出了问题，您的内容没有丢失，请稍后再试")]
    Internal(#[from] anyhow::Error),
}

impl Error {
    /// A single field that is missing or wrong.
    pub fn invalid(field: &'static str, message: impl Into<Cow<'static, str>>) -> Error {
        Error::Invalid(vec![Problem { field, message: message.into() }])
    }

    /// Somebody was faster, or the thing is past this step.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Error {
        Error::Conflict(message.into())
    }

    /// A fault of ours, from any error.
    pub fn internal(err: impl Into<anyhow::Error>) -> Error {
        Error::Internal(err.into())
    }
}

impl From<diesel::result::Error> for Error {
    fn from(err: diesel::result::Error) -> Self {
        match err {
            diesel::result::Error::NotFound => Error::NotFound,
            err => Error::Internal(err.into()),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(err: std::io::Error) -> Self {
        Error::Internal(err.into())
    }
}

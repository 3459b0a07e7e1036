//! Forms with files: read field by field, files to the disk as they come, nothing kept in memory.
//!
//! A file that is too large is read to its end and marked, so that the form can be shown again with all else in
//! place. The proof against forged requests, which the gate left to this reader, is checked before anything is used.

use std::io::Write;

use actix_multipart::Multipart;
use actix_web::dev::{Payload, UrlEncoded};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::TryStreamExt;
use futures_util::future::LocalBoxFuture;

use super::PageError;
use crate::error::{Error, Result};

/// Bytes that a file may have (domain: 6 photos of 10 MB).
pub const FILE_LIMIT: usize = 10 << 20;
/// Bytes after which a request is cut off: six such files twice over, so that even six too large ones get an answer.
const BODY_LIMIT: usize = 190 << 20;
/// Bytes that all text fields may have together.
const TEXT_LIMIT: usize = 256 << 10;
/// Fields and files that a form may have.
const PARTS: usize = 100;

/// Left by the gate on a request whose form must still prove that our own page made it: the token to find in the
/// field `csrf`.
#[derive(Clone)]
pub struct MustProve(pub String);

/// A file of a form.
pub struct File {
    /// The field it came in.
    pub field: String,
    /// Its name on the sender's device: for messages only.
    pub name: String,
    /// Its content, deleted from the disk when this is dropped; nothing when it was larger than [`FILE_LIMIT`].
    pub content: Option<tempfile::TempPath>,
}

/// The fields and files of a form.
#[derive(Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    /// The files that were really chosen, in order.
    pub files: Vec<File>,
}

impl Form {
    /// The value of a field, trimmed; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of a field, trimmed.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.trim())
    }

    /// Every field, in the order in which they came.
    pub fn into_fields(self) -> Vec<(String, String)> {
        self.fields
    }

    /// Every field, in the order in which it came.
    pub fn fields(&self) -> impl Iterator<Item = &(String, String)> {
        self.fields.iter()
    }

    /// Whether a checkbox or switch is on.
    pub fn on(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// Sets a field, for what the page must carry when it is shown again.
    pub fn set(&mut self, name: &str, value: String) {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value));
    }

    /// The thing that a select or a radio names; `ask` says what to choose where nothing was.
    pub fn choice<T>(
        &self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
        ask: &'static str,
    ) -> Result<T> {
        parse(self.text(field)).ok_or_else(|| Error::invalid(field, ask))
    }
}

/// Either kind of form, so that a handler need not know whether its page sends files.
impl FromRequest for Form {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, std::result::Result<Form, PageError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if req.content_type().starts_with("multipart/") {
            let (req, parts) = (req.clone(), Multipart::new(req.headers(), payload.take()));
            return Box::pin(async move { Ok(read(&req, parts).await?) });
        }
        let fields = UrlEncoded::<Vec<(String, String)>>::new(req, payload).limit(TEXT_LIMIT);
        Box::pin(async move {
            let fields =
                fields.await.map_err(|_| Error::invalid("form", "表单没有收完整，请返回上一页再提交一次"))?;
            let clean =
                |(field, value): (String, String)| (field, value.replace("\r\n", "\n").replace('\0', ""));
            Ok(Form { fields: fields.into_iter().map(clean).collect(), files: Vec::new() })
        })
    }
}

/// Reads a multipart form. Fails on one that is broken, too large altogether, or forged.
pub async fn read(req: &HttpRequest, mut parts: Multipart) -> Result<Form> {
    let broken = |_| Error::invalid("form", "网络中断，没有收完整，请再提交一次；已写的内容还在上一页");
    let (mut form, mut taken, mut texts) = (Form::default(), 0, 0);
    while let Some(mut part) = parts.try_next().await.map_err(broken)? {
        if form.fields.len() + form.files.len() >= PARTS {
            return Err(Error::invalid("form", "表单的内容太多了"));
        }
        let field = part.name().unwrap_or_default().to_owned();
        let file_name = part.content_disposition().and_then(|head| head.get_filename()).map(str::to_owned);
        let mut sink = Sink::new(file_name.is_some())?;
        while let Some(chunk) = part.try_next().await.map_err(broken)? {
            taken += chunk.len();
            texts += if file_name.is_some() { 0 } else { chunk.len() };
            if taken > BODY_LIMIT || texts > TEXT_LIMIT {
                return Err(Error::invalid("form", "提交的内容太大了，请少传几张照片，或把照片拍小一点"));
            }
            sink.take(&chunk)?;
        }
        sink.finish(&mut form, field, file_name)?;
    }
    match req.extensions().get::<MustProve>() {
        Some(MustProve(token)) if !crate::keys::same(token.as_bytes(), form.text("csrf").as_bytes()) => {
            Err(Error::conflict("页面已过期，请返回上一页刷新后再试，您填写的内容还在上一页"))
        }
        _ => Ok(form),
    }
}

/// Where a part goes while it comes.
enum Sink {
    Text(Vec<u8>),
    File { file: tempfile::NamedTempFile, size: usize },
}

impl Sink {
    fn new(is_file: bool) -> Result<Sink> {
        Ok(match is_file {
            true => Sink::File { file: tempfile::NamedTempFile::new()?, size: 0 },
            false => Sink::Text(Vec::new()),
        })
    }

    fn take(&mut self, chunk: &[u8]) -> Result<()> {
        match self {
            Sink::Text(text) => text.extend_from_slice(chunk),
            Sink::File { file, size } => {
                *size += chunk.len();
                if *size <= FILE_LIMIT {
                    file.write_all(chunk)?;
                }
            }
        }
        Ok(())
    }

    fn finish(self, form: &mut Form, field: String, name: Option<String>) -> Result<()> {
        match self {
            Sink::Text(text) => {
                let text = String::from_utf8(text)
                    .map_err(|_| Error::invalid("text", "文字的编码不对，请换个浏览器再试"))?;
                // Browsers end lines with CR LF in forms; one sign per line break is stored.
                form.fields.push((field, text.replace("\r\n", "\n").replace('\0', "")));
            }
            // An empty slot: the browser sends a file without name and content.
            Sink::File { size: 0, .. } if name.as_deref() == Some("") => {}
            Sink::File { file, size } => {
                let content = (size <= FILE_LIMIT).then(|| file.into_temp_path());
                form.files.push(File { field, name: name.unwrap_or_default(), content });
            }
        }
        Ok(())
    }
}

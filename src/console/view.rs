//! What surrounds the pages of staff: top bar, side navigation, sign-in and refusals.
//!
//! A page of another capability extends `console/layout.html`, fills the blocks `title` and
//! `content`, and carries a [`Chrome`] in a field named `chrome`. Block `scripts` takes further
//! deferred scripts. Nothing here decides who may see what: the list of links comes ready.

use askama::Template;

/// What surrounds every page of staff.
#[derive(Debug, Clone, Default)]
pub struct Chrome {
    /// The page's title.
    pub title: String,
    /// Who is signed in, by name.
    pub person: String,
    /// In which role, in Chinese.
    pub role: String,
    /// The community whose data is shown.
    pub community: String,
    /// Whether this installation holds demonstration data only.
    pub demo: bool,
    /// How many notices wait behind the bell.
    pub unread: u32,
    /// The links that this person may use.
    pub nav: Vec<NavItem>,
    /// The token that every form and every htmx request carries.
    pub csrf: String,
    /// The last line of the page: version, filing number.
    pub footer: String,
}

impl Chrome {
    /// The headers that htmx adds to each request, as the JSON that it reads from the attribute.
    pub fn headers(&self) -> String {
        serde_json::json!({ "X-CSRF-Token": self.csrf }).to_string()
    }

    /// The bell, as it stands in the top bar.
    pub fn bell(&self) -> Bell {
        Bell { unread: self.unread }
    }
}

/// One link of the side navigation.
#[derive(Debug, Clone, Default)]
pub struct NavItem {
    /// 收件箱, 代录, 统计, 楼门与码, 人员, 单位, 设置.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// Whether the page that is shown belongs to it.
    pub current: bool,
    /// How much waits there; 0 shows nothing.
    pub count: u32,
}

/// The bell in the top bar; also the whole answer of `GET /console/bell`, which the page asks for
/// every half minute.
#[derive(Debug, Clone, Copy, Default, Template)]
#[template(path = "console/bell.html")]
pub struct Bell {
    /// How many notices wait.
    pub unread: u32,
}

/// `GET /console/sign-in`: login name and password.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "console/signin.html")]
pub struct SigninPage {
    /// Whether this installation holds demonstration data only.
    pub demo: bool,
    /// Where the form is sent.
    pub action: String,
    /// The login name as typed; the password is never shown again.
    pub login: String,
    /// Where to go afterwards: a path of this site.
    pub next: String,
    /// Why it failed, as a sentence; may be empty. Never says which of the two was wrong.
    pub error: String,
    /// Something to know first, such as that the session has ended; may be empty.
    pub note: String,
    /// The token that the form carries.
    pub csrf: String,
    /// The last line of the page.
    pub footer: String,
}

/// A refusal or a fault, inside the frame when somebody is signed in.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "console/error.html")]
pub struct ConsoleErrorPage {
    /// What surrounds the page; an empty `person` shows the page without navigation.
    pub chrome: Chrome,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub headline: String,
    /// What happened and how to go on.
    pub sentence: String,
    /// Where to go on; empty when there is nothing.
    pub way_on_url: String,
    /// The words of that link.
    pub way_on_label: String,
    /// The mark by which the fault is found in the log; may be empty.
    pub trace: String,
}

#[cfg(test)]
mod tests;

//! One question before real posters are printed: would the printed address be safe to open?
//! Paper cannot be recalled, so a plain-HTTP address on a door is refused unless somebody insists.

use crate::error::{Error, Result};

/// Whether the person insists on printing in spite of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forced {
    /// Refuse what is not safe.
    No,
    /// The person has read the warning and prints anyway, for a trial on an inner network.
    Yes,
}

/// Refuses to print real posters for a base URL that is not HTTPS, unless forced: residents' phones
/// warn about such pages, and anybody on the way can read and change what they send.
pub fn refuse_plain_http(base_url: &str, forced: Forced) -> Result<()> {
    let https = base_url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    if forced == Forced::Yes || https {
        return Ok(());
    }
    Err(Error::invalid(
        "base_url",
        "网址不是 https:// 开头，海报一旦贴出去就很难更换，居民的手机也会提示不安全。请先配置 HTTPS 再印制；如只在内部试用，可以选择强制印制",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posters_for_an_unsafe_address_are_refused_unless_somebody_insists() {
        assert!(refuse_plain_http("https://lm.example.cn", Forced::No).is_ok());
        assert!(refuse_plain_http("HTTPS://lm.example.cn", Forced::No).is_ok());
        for unsafe_url in ["http://lm.example.cn", "lm.example.cn", "ftp://x", "", "https:", "楼码楼码楼码"]
        {
            let refusal = refuse_plain_http(unsafe_url, Forced::No).unwrap_err();
            assert!(refusal.to_string().contains("HTTPS"), "{unsafe_url}");
            assert!(refuse_plain_http(unsafe_url, Forced::Yes).is_ok());
        }
    }
}

//! Which photos of a report did not arrive, told once on its page: carried in the address, and signed, so that nobody
//! else can put words there.

use crate::keys::Keys;

/// Signs of the sentences that an address carries at most.
const MOST: usize = 400;

/// The end of the address of a report's page; empty where nothing is missing.
pub(super) fn query(keys: &Keys, secret: &str, missing: &[String]) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let words: String = missing.join("；").chars().take(MOST).collect();
    let stamp = keys.stamp("missing", &format!("{secret}/{words}"));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("missing", &words).append_pair("proof", &stamp);
    format!("&{}", query.finish())
}

/// The sentences, where we put them there ourselves.
pub(super) fn read(keys: &Keys, secret: &str, (missing, proof): (&str, &str)) -> Vec<String> {
    if missing.is_empty() || !keys.stamped("missing", &format!("{secret}/{missing}"), proof) {
        return Vec::new();
    }
    missing.split('；').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_wrote_is_shown() {
        let keys = Keys::new(&[7; 32]);
        assert_eq!(query(&keys, "s", &[]), "");
        let query = query(&keys, "s", &["第 2 张照片没有传上".to_owned()]);
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(&query.as_bytes()[1..]).into_owned().collect();
        let said = (pairs[0].1.as_str(), pairs[1].1.as_str());
        assert_eq!(read(&keys, "s", said), ["第 2 张照片没有传上"]);
        assert!(read(&keys, "other", said).is_empty());
        assert!(read(&keys, "s", ("中奖了，请打这个电话", said.1)).is_empty());
    }
}

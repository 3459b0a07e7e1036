//! What only this installation can make or read: sealed names and phones, hashes for matching, the
//! secrets of ticket pages, and small signatures.
//!
//! Everything is derived from one master key, which lies outside the database. Whoever has the
//! database alone can read no phone, open no ticket page and forge no session.

use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::db::Id;
use crate::error::{Error, Result};

/// The version of the rules by which secrets and query codes are derived; stored with each ticket.
pub const KEY_VERSION: i32 = 1;

/// The installation's key material; cheap to clone.
#[derive(Clone)]
pub struct Keys {
    seal: [u8; 32],
    phone: [u8; 32],
    ticket: [u8; 32],
    session: [u8; 32],
    device: [u8; 32],
    stamp: [u8; 32],
}

impl Keys {
    /// Keys derived from a master key of 32 bytes.
    pub fn new(master: &[u8; 32]) -> Keys {
        let part = |label: &str| mac(master, &[b"louma/1/", label.as_bytes()]);
        Keys {
            seal: part("seal"),
            phone: part("phone"),
            ticket: part("ticket"),
            session: part("session"),
            device: part("device"),
            stamp: part("stamp"),
        }
    }

    /// Reads the key file, 64 hexadecimal digits. Fails with a sentence that says how to mend it.
    pub fn read(path: &Path) -> anyhow::Result<Keys> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("读不到密钥文件 {}。新装请先运行 louma init；恢复备份请用 louma restore", path.display())
        })?;
        let master = unhex(text.trim())
            .with_context(|| format!("密钥文件 {} 应是 64 位十六进制数字", path.display()))?;
        Ok(Keys::new(&master))
    }

    /// Makes a key file that only its owner can read, unless there is one, and reads it.
    pub fn create(path: &Path) -> anyhow::Result<Keys> {
        use std::io::Write;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(mut file) => {
                writeln!(file, "{}", hex(&random::<32>()))?;
                file.sync_all()?;
            }
            Err(err) if err.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(err) => return Err(err).with_context(|| format!("写不了密钥文件 {}", path.display())),
        }
        Keys::read(path)
    }

    /// Encrypts `text` for the row `id`; it opens for no other row.
    pub fn seal(&self, id: Id, text: &str) -> Result<Vec<u8>> {
        let nonce = random::<24>();
        let cipher = XChaCha20Poly1305::new(&self.seal.into());
        let payload = Payload { msg: text.as_bytes(), aad: id.bytes() };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::Internal(anyhow::anyhow!("encryption failed")))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`Keys::seal`] made for the row `id`.
    pub fn unseal(&self, id: Id, sealed: &[u8]) -> Result<String> {
        let wrong = || Error::Internal(anyhow::anyhow!("a sealed value does not open: wrong key file?"));
        let (nonce, body) = sealed.split_at_checked(24).ok_or_else(wrong)?;
        let cipher = XChaCha20Poly1305::new(&self.seal.into());
        let nonce = XNonce::try_from(nonce).map_err(|_| wrong())?;
        let text = cipher.decrypt(&nonce, Payload { msg: body, aad: id.bytes() }).map_err(|_| wrong())?;
        String::from_utf8(text).map_err(|_| wrong())
    }

    /// A keyed hash of a phone's digits: equal phones match, nothing can be read back.
    pub fn phone_hash(&self, digits: &str) -> Vec<u8> {
        mac(&self.phone, &[digits.as_bytes()]).to_vec()
    }

    /// A keyed hash of the device cookie.
    pub fn device_hash(&self, cookie: &str) -> Vec<u8> {
        mac(&self.device, &[cookie.as_bytes()]).to_vec()
    }

    /// A keyed hash of what a form said: from a plain one, a phone in it could be guessed.
    pub fn content_hash(&self, digest: &[u8]) -> Vec<u8> {
        mac(&self.device, &[b"content", digest]).to_vec()
    }

    /// A keyed hash of a session or bearer token.
    pub fn session_hash(&self, token: &str) -> Vec<u8> {
        mac(&self.session, &[token.as_bytes()]).to_vec()
    }

    /// The secret of a ticket's page: the community's token, then 160 bits in base64url.
    pub fn ticket_secret(&self, version: i32, token: &str, ticket: Id) -> String {
        let bits = mac(&self.ticket, &[b"secret", &version.to_be_bytes(), ticket.bytes()]);
        format!("{token}{}", URL_SAFE_NO_PAD.encode(&bits[..20]))
    }

    /// The 8-sign query code of a ticket.
    pub fn query_code(&self, version: i32, ticket: Id) -> String {
        let bits = mac(&self.ticket, &[b"query", &version.to_be_bytes(), ticket.bytes()]);
        // 30 signs divide 2^64 almost evenly: the bias is below 2^-58.
        let mut rest = u128::from_be_bytes(std::array::from_fn(|i| bits[i]));
        let signs = crate::codes::code::ALPHABET;
        let mut code = String::with_capacity(8);
        for _ in 0..8 {
            code.push(signs[(rest % signs.len() as u128) as usize] as char);
            rest /= signs.len() as u128;
        }
        code
    }

    /// What is stored of a secret or a query code. Keyed, because a query code is short enough to guess
    /// from a plain hash.
    pub fn ticket_hash(&self, text: &str) -> Vec<u8> {
        mac(&self.ticket, &[b"hash", text.as_bytes()]).to_vec()
    }

    /// What is stored of the token of a link for somebody outside, and of the browser that took it.
    pub fn link_hash(&self, text: &str) -> Vec<u8> {
        mac(&self.ticket, &[b"link", text.as_bytes()]).to_vec()
    }

    /// A signature (128 bits, hexadecimal) over words that went out and must come back unchanged.
    pub fn stamp(&self, purpose: &str, text: &str) -> String {
        let bits = mac(&self.stamp, &[purpose.as_bytes(), b"\0", text.as_bytes()]);
        hex(&bits[..16])
    }

    /// Whether `stamp` is the signature over `text`; takes the same time whatever it is.
    pub fn stamped(&self, purpose: &str, text: &str, stamp: &str) -> bool {
        self.stamp(purpose, text).as_bytes().ct_eq(stamp.as_bytes()).into()
    }
}

/// Whether two byte strings are equal; takes the same time whatever they are.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The SHA-256 of the parts, each preceded by its length so that no two lists collide.
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// A random token of 256 bits in base64url: sessions, bearer tokens, device cookies.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// Hashes a password with argon2id. Takes tens of milliseconds: never inside a transaction.
pub fn hash_password(password: &str) -> Result<String> {
    use argon2::PasswordHasher;
    let hash = argon2::Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|err| Error::Internal(anyhow::anyhow!("{err}")))?.to_string())
}

/// Whether the password belongs to the hash. Takes tens of milliseconds.
pub fn check_password(password: &str, hash: &str) -> bool {
    use argon2::{PasswordVerifier, password_hash::phc::PasswordHash};
    PasswordHash::new(hash)
        .is_ok_and(|hash| argon2::Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 32 bytes that [`hex`] wrote down, from whoever brings them back.
pub fn unhex_any(text: &str) -> Option<Vec<u8>> {
    unhex(text).map(Vec::from)
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let mut bytes = [0u8; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    (digits.len() == 64).then_some(bytes)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A key of 32 bytes is padded to the block, which any length may be.
    let mut block = [0u8; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_phone_opens_for_its_own_row_only() {
        let keys = Keys::new(&[7; 32]);
        let (mine, other) = (Id::new(), Id::new());
        let sealed = keys.seal(mine, "10012345678").unwrap();
        assert_eq!(keys.unseal(mine, &sealed).unwrap(), "10012345678");
        assert!(keys.unseal(other, &sealed).is_err());
        assert!(Keys::new(&[8; 32]).unseal(mine, &sealed).is_err());
    }

    #[test]
    fn secrets_are_derived_again_and_differ_by_version() {
        let (keys, id) = (Keys::new(&[7; 32]), Id::new());
        assert_eq!(keys.ticket_secret(1, "AB2C", id), keys.ticket_secret(1, "AB2C", id));
        assert_ne!(keys.ticket_secret(1, "AB2C", id), keys.ticket_secret(2, "AB2C", id));
        assert_eq!(keys.query_code(1, id).len(), 8);
        assert_eq!(keys.ticket_secret(1, "AB2C", id).len(), 4 + 27);
    }

    #[test]
    fn a_password_is_checked_against_its_hash() {
        let hash = hash_password("对的密码 1").unwrap();
        assert!(check_password("对的密码 1", &hash));
        assert!(!check_password("错的密码 1", &hash));
        assert!(!check_password("对的密码 1", "not a hash"));
    }

    #[test]
    fn a_key_file_is_made_once_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("louma.key");
        let id = Id::new();
        let first = Keys::create(&path).unwrap().query_code(1, id);
        assert_eq!(first, Keys::create(&path).unwrap().query_code(1, id));
        std::fs::write(&path, "short").unwrap();
        assert!(Keys::read(&path).is_err());
    }
}

//! Keys of notes: a name and an Ed25519 key.

use std::{
    fmt, fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// What comes before the 32 bytes of an Ed25519 key in its PKCS #8 form (RFC 8410, section 7).
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const PEM_HEAD: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_TAIL: &str = "-----END PRIVATE KEY-----";

/// A key could not be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file of the key.
    #[error("cannot use the key {}", path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner may read the key.
    #[error("the key {} can be read by others; allow its owner alone", .0.display())]
    Exposed(PathBuf),
    /// No Ed25519 key in PKCS #8, PEM.
    #[error("{} is no Ed25519 key in PKCS #8, PEM, as `openssl genpkey -algorithm ed25519` makes it", .0.display())]
    NoKey(PathBuf),
    /// Not a name.
    #[error("{0:?} is no name of a key: it is empty, or has spaces or a plus sign")]
    Name(String),
    /// Not a verifier key.
    #[error("{0:?} is no verifier key: NAME+HASH+BASE64, as `gazelle audit key` prints it")]
    NoVerifier(String),
    /// The system gave no random numbers.
    #[error("no random numbers for a key")]
    Random(#[source] getrandom::Error),
}

/// What a key signs: the note itself, or as a witness that it saw the note at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// `Ed25519` of C2SP `signed-note`.
    Origin,
    /// `cosignature/v1` of C2SP `tlog-cosignature`.
    Witness,
}

impl KeyUse {
    /// Its number in C2SP `signed-note`.
    fn byte(self) -> u8 {
        match self {
            Self::Origin => 1,
            Self::Witness => 4,
        }
    }
}

/// A key that verifies: `NAME+HASH+BASE64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    /// Whose it is.
    pub name: String,
    /// What it signs.
    pub key_use: KeyUse,
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, key_use: KeyUse, key: VerifyingKey) -> Result<Self, KeyError> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
            return Err(KeyError::Name(name.into()));
        }
        let name = name.into();
        Ok(Self { name, key_use, key })
    }

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let read = || {
            let mut parts = text.trim().splitn(3, '+');
            let (name, hash, key) = (parts.next()?, parts.next()?, parts.next()?);
            let key = BASE64_STANDARD.decode(key).ok()?;
            let (byte, key) = key.split_first()?;
            let key_use = [KeyUse::Origin, KeyUse::Witness]
                .into_iter()
                .find(|key_use| key_use.byte() == *byte)?;
            let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
            let read = Self::new(name, key_use, key).ok()?;
            (hex::encode(read.hash()) == hash).then_some(read)
        };
        read().ok_or_else(|| KeyError::NoVerifier(text.into()))
    }

    /// What tells keys apart in a signature line.
    #[must_use]
    pub fn hash(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(&self.name);
        hash.update([b'\n', self.key_use.byte()]);
        hash.update(self.key.as_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    pub(super) fn verifies(&self, message: &[u8], signature: [u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature);
        self.key.verify_strict(message, &signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.key_use.byte()];
        key.extend(self.key.as_bytes());
        let (hash, key) = (hex::encode(self.hash()), BASE64_STANDARD.encode(key));
        write!(f, "{}+{hash}+{key}", self.name)
    }
}

/// A key that signs.
#[derive(Clone)]
pub struct SignerKey {
    key: SigningKey,
    verifier: VerifierKey,
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.verifier)
    }
}

impl SignerKey {
    /// The key of a file, under a name.
    pub fn open(path: &Path, name: &str, key_use: KeyUse) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File {
            path: path.into(),
            source,
        };
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed(path.into()));
        }
        let text = fs::read_to_string(path).map_err(failed)?;
        let seed = seed(&text).ok_or_else(|| KeyError::NoKey(path.into()))?;
        let key = SigningKey::from_bytes(&seed);
        let verifier = VerifierKey::new(name, key_use, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// What verifies its signatures.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// A new key, as the text of its file.
pub fn new_key() -> Result<String, KeyError> {
    let mut bytes = [0; 48];
    bytes[..16].copy_from_slice(&PKCS8_PREFIX);
    getrandom::fill(&mut bytes[16..]).map_err(KeyError::Random)?;
    Ok(format!(
        "{PEM_HEAD}\n{}\n{PEM_TAIL}\n",
        BASE64_STANDARD.encode(bytes)
    ))
}

fn seed(pem: &str) -> Option<[u8; 32]> {
    let inner = pem.trim().strip_prefix(PEM_HEAD)?.strip_suffix(PEM_TAIL)?;
    let inner: String = inner.split_whitespace().collect();
    let bytes = BASE64_STANDARD.decode(inner).ok()?;
    let (head, rest) = bytes.split_first_chunk::<16>()?;
    // Version 2 of the form has the public key behind it (RFC 5958), which follows from the other.
    let (length, version) = (head[1], head[4]);
    let mut first = *head;
    (first[1], first[4]) = (PKCS8_PREFIX[1], PKCS8_PREFIX[4]);
    let whole = usize::from(length) + 2 == bytes.len();
    let known = first == PKCS8_PREFIX && version <= 1 && (version == 1 || rest.len() == 32);
    rest.first_chunk().copied().filter(|_| whole && known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(bytes: &[u8]) -> String {
        format!(
            "{PEM_HEAD}\n{}\n{PEM_TAIL}\n",
            BASE64_STANDARD.encode(bytes)
        )
    }

    #[test]
    fn keys_of_either_version_are_read_and_nothing_else() {
        let first = [&PKCS8_PREFIX[..], &[7; 32]].concat();
        let public = [&[0xa1, 0x23, 0x03, 0x21, 0x00][..], &[9; 32]].concat();
        let mut second = [&first[..], &public].concat();
        (second[1], second[4]) = (83, 1);
        assert_eq!(seed(&pem(&first)), Some([7; 32]));
        assert_eq!(seed(&pem(&second)), Some([7; 32]));
        let longer = [&first[..], &[0]].concat();
        let mut other = first.clone();
        other[11] = 0x6e;
        for wrong in [&first[..47], &longer, &other, &second[..48]] {
            assert_eq!(seed(&pem(wrong)), None, "{wrong:?}");
        }
        assert_eq!(seed("no key"), None);
    }
}

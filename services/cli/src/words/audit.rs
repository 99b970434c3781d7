//! Of the trails, their checkpoints and witnesses.

use gazelle_runtime::audit::note::{KeyError, Note, NoteError, VerifierKey};

super::catalogue! {
    AUDIT_TEXTS;
    TRAIL_RIGHT: "{service}: the trail is right, {count} entr{count:y}, the last with digest {digest}",
        "{service}：操作记录无误，共 {count} 条，末条摘要 {digest}";
    TRAIL_AND_STATE_RIGHT: "{service}: the trail is right, and what is stored is what it says, {count} entr{count:y}, the last with digest {digest}",
        "{service}：操作记录无误，所存内容与之相符，共 {count} 条，末条摘要 {digest}";
    TRAIL_UNSIGNED: "{service} does not sign its checkpoints; give it [audit] origin and signing_key_file",
        "{service} 未对检查点签名；请为其配置 [audit] 的 origin 和 signing_key_file";
    NOTE_UNREADABLE: "{path}: {why}; keep what `gazelle audit checkpoint` writes",
        "{path}：{why}；请保存 `gazelle audit checkpoint` 写出的文件";
    NOTE_COUNTERSIGNED: "{path} is a note that a witness countersigned, which would be lost; give another --out, or with --since the copy that is kept",
        "{path} 是见证人已会签的检查点，改写后将丢失；请另给 --out，或用 --since 给出所保存的副本";
    NOTE_UNSIGNED: "{path} does not count: {why}", "{path} 无效：{why}";
    NOTE_NONE: "it is no signed note of a checkpoint, or it was changed since",
        "不是已签名的检查点，或写出后被改动";
    NOTE_NOT_SIGNED: "the key {key} has not signed it", "密钥 {key} 没有对其签名";
    NOTE_WRONG_SIGNATURE: "its signature is not that of the key {key}: what it says was changed, or it was signed by another key of that name",
        "其签名不是密钥 {key} 作出的：内容被改动，或由同名的其他密钥签名";
    NOTE_OTHER_ORIGIN: "it is of the trail of {origin}, and the key is that of {key}; give the key of that trail",
        "它属于 {origin} 的操作记录，而密钥属于 {key}；请给出该记录的密钥";
    NOTE_OF_OTHER_SERVICE: "{path} is of the trail of {origin}, and that of {service} was to be verified; give --service {other}, or a note of {service}",
        "{path} 属于 {origin} 的操作记录，而要核对的是 {service}；请改用 --service {other}，或给出 {service} 的检查点";
    NOTE_OLDER: "the note is of {to} entries, and the one that was kept of {from}, or of another trail",
        "该检查点为 {to} 条，而此前保存的为 {from} 条，或属于另一份记录";
    NOTE_CONTRADICTS: "the note of {to} entries does not go on from the one of {from} that was kept: what was shown before was changed, or {hashes} is of others",
        "{to} 条的检查点不能由此前保存的 {from} 条接续：先前所示内容已被更改，或 {hashes} 不对应";
    HASHES_MISSING: "{hashes} is needed to go on from {from} entries to {to}: have the checkpoint written with --since",
        "从 {from} 条接续到 {to} 条需要 {hashes}：请用 --since 写出检查点";
    KEY_FILE: "cannot use the key {path}: {error}", "无法使用密钥 {path}：{error}";
    KEY_EXPOSED: "the key {path} can be read by others; allow its owner alone",
        "密钥 {path} 可被他人读取；请只允许其所有者读取";
    KEY_NONE: "{path} is no Ed25519 key in PKCS #8, PEM, as `openssl genpkey -algorithm ed25519` makes it",
        "{path} 不是 Ed25519 密钥（PKCS #8，PEM）；可用 `openssl genpkey -algorithm ed25519` 生成";
    KEY_NAME: "{name} is no name of a key: it is empty, or has spaces or a plus sign",
        "{name} 不能作密钥名称：为空，或含空格或加号";
    KEY_NO_VERIFIER: "{text} is no verifier key: NAME+HASH+BASE64, as `gazelle audit key` prints it",
        "{text} 不是验证公钥；应为 `gazelle audit key` 输出的 NAME+HASH+BASE64";
    KEY_RANDOM: "no random numbers for a key: {error}", "无法取得生成密钥所需的随机数：{error}";
}

/// Why a key cannot be used, in the language of this process.
#[must_use]
pub fn key_unusable(error: &KeyError) -> String {
    match error {
        KeyError::File { path, source } => {
            let error = super::cause(source);
            KEY_FILE.with(&[("path", &path.display()), ("error", &error)])
        }
        KeyError::Exposed(path) => KEY_EXPOSED.with(&[("path", &path.display())]),
        KeyError::NoKey(path) => KEY_NONE.with(&[("path", &path.display())]),
        KeyError::Name(name) => KEY_NAME.with(&[("name", &format!("{name:?}"))]),
        KeyError::NoVerifier(text) => KEY_NO_VERIFIER.with(&[("text", &format!("{text:?}"))]),
        KeyError::Random(error) => KEY_RANDOM.with(&[("error", error)]),
    }
}

/// Why a note does not count by that key, in the language of this process.
#[must_use]
pub fn note_refused(error: NoteError, note: &Note, key: &VerifierKey) -> String {
    let why = match error {
        NoteError::NoNote => NOTE_NONE,
        NoteError::NotSigned => NOTE_NOT_SIGNED,
        NoteError::WrongSignature => NOTE_WRONG_SIGNATURE,
        NoteError::OtherOrigin => NOTE_OTHER_ORIGIN,
    };
    why.with(&[("origin", &note.origin), ("key", &key.name)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_cannot_be_used_is_told_with_its_cause() {
        let source = std::io::ErrorKind::NotFound.into();
        let path = "audit.pem".into();
        assert_eq!(
            key_unusable(&KeyError::File { path, source }),
            "cannot use the key audit.pem: there is no such file or folder"
        );
        let nameless = KeyError::Name("a b".to_owned());
        assert_eq!(key_unusable(&nameless), nameless.to_string());
    }
}

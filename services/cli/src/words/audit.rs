//! Of the trails, their checkpoints and witnesses.

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
    NOTE_UNSIGNED: "{path} does not count: {why}", "{path} 无效：{why}";
    NOTE_OLDER: "the note is of {to} entries, and the one that was kept of {from}, or of another trail",
        "该检查点为 {to} 条，而此前保存的为 {from} 条，或属于另一份记录";
    NOTE_CONTRADICTS: "the note of {to} entries does not go on from the one of {from} that was kept: what was shown before was changed, or {hashes} is of others",
        "{to} 条的检查点不能由此前保存的 {from} 条接续：先前所示内容已被更改，或 {hashes} 不对应";
    HASHES_MISSING: "{hashes} is needed to go on from {from} entries to {to}: have the checkpoint written with --since",
        "从 {from} 条接续到 {to} 条需要 {hashes}：请用 --since 写出检查点";
}

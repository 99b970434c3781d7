//! Of the trails.

pub(super) const TEXTS: &[(&str, &str)] = &[
    ("audit:about", "操作记录：谁在何时做了什么，以及证明"),
    ("audit list:about", "按序号列出某个服务的操作记录（审计员）"),
    ("audit list.service", "哪个服务"),
    (
        "audit list.actor",
        "只列该操作人：person:SUB、platform:ID 或 service:NAME",
    ),
    (
        "audit list.action",
        "只列该操作：run.approve、refuse（被拒的操作）、read（查阅）等",
    ),
    ("audit list.subject", "只列该对象：核算编号、平台、方法"),
    ("audit list.from", "不早于该时刻：2026-11-01T00:00:00Z"),
    ("audit list.until", "早于该时刻"),
    (
        "audit verify:about",
        "从第一条到最后一条核对操作记录，并核对所存内容是否相符（审计员）",
    ),
    ("audit verify.service", "哪个服务 [默认：全部]"),
    ("audit verify.checkpoint", "另行保存的已签名检查点"),
    ("audit verify.verifier", "签名者的公钥：NAME+HASH+BASE64"),
    ("audit verify.chain_only", "只核对操作记录，不核对所存内容"),
    (
        "audit verify:after",
        "遇到第一条有误的条目时以 1 退出，原因为 CHAIN_BROKEN；若操作记录无误而所存内容与之不符，其类型为 STATE_DISAGREES（结算服务所存内容由 gazelle ledger verify 核对）。使用 --checkpoint（另行保存的已签名检查点）还能发现末尾被删和整本重写；--verifier 是签名者告知您的公钥。",
    ),
    (
        "audit checkpoint:about",
        "写出某个服务操作记录的已签名检查点，供另行保存（审计员）",
    ),
    ("audit checkpoint.service", "哪个服务"),
    (
        "audit checkpoint.out",
        "写到哪个文件；不带 --since 时 - 为标准输出",
    ),
    ("audit checkpoint.since", "见证人上次保存的检查点"),
    (
        "audit checkpoint:after",
        "使用 --since 时，还把此后每一条的哈希写到 FILE.hashes：见证人据此确认先前内容未被更改，而看不到条目内容。见证人已会签的检查点不会被改写，除非 --since 是其副本。",
    ),
    (
        "audit key:about",
        "显示验证某个服务检查点的公钥，或见证人的公钥；或新建密钥",
    ),
    (
        "audit key.service",
        "该服务检查点的公钥，由服务告知（审计员）",
    ),
    ("audit key.new", "在该文件中新建密钥"),
    ("audit key.file", "该文件中密钥的公钥"),
    (
        "audit key.name",
        "密钥名称：服务的 audit.origin，或见证人名称",
    ),
    ("audit key.witness", "见证人的密钥，用于签署其见到过检查点"),
    (
        "audit key:after",
        "gazelle --as auditor audit key --service usage\n  gazelle audit key --new witness.pem --name audit-office.example --witness",
    ),
    ("audit cosign:about", "作为见证人会签检查点并保存"),
    ("audit cosign.note", "检查点；旁边应有 NOTE.hashes"),
    ("audit cosign.key", "见证人自己的密钥"),
    ("audit cosign.name", "见证人名称，如 audit-office.example"),
    (
        "audit cosign.verifier",
        "检查点签名者的公钥：NAME+HASH+BASE64",
    ),
    ("audit cosign.kept", "上次保存的检查点，本次也保存在此"),
    (
        "audit cosign:after",
        "检查点须由 --verifier 签名，并由 --kept 中的检查点接续：NOTE.hashes 须能从后者推到前者。随后在检查点上加上见证人的签名行，并保存到 --kept。若 --kept 尚不存在，则为首次。不需要任何服务。",
    ),
];

//! Of the registry.

pub(super) const DETAILS: &[(&str, &str)] = &[
    ("ACCOUNT_NOT_FOUND", "{payee_id} 没有收款账户"),
    (
        "ACCOUNT_NOT_PROPOSED",
        "{payee_id} 没有待确认的账户，请重新查看其账户",
    ),
    (
        "BATCH_SIZE",
        "一批应有 1 至 {item_count_max} 项，此批 {item_count} 项",
    ),
    ("ENTERPRISE_NOT_FOUND", "没有登记 {uscc}"),
    ("PLATFORM_NOT_FOUND", "没有平台 {platform_id}"),
    ("REVISION_AHEAD", "尚无版本 {asked}，现为版本 {present}"),
    ("SELF_APPROVAL", "{payee_id} 的账户由您提出，须由他人确认"),
];

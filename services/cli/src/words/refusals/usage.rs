//! Of usage, but for its records.

pub(super) const DETAILS: &[(&str, &str)] = &[
    (
        "BATCH_MALFORMED",
        "批次 {sequence} 的第 {index} 条（从 0 起）无法读取",
    ),
    ("BATCH_MALFORMED", "批次中第 {index} 条（从 0 起）无法读取"),
    (
        "BATCH_SIZE",
        "一批应有 1 至 1,000 条记录，此批 {record_count} 条",
    ),
    ("BATCH_SIZE", "一批不超过 512 KiB，请减少每批的记录"),
    (
        "CHECK_MIXED",
        "批次 {sequence}：同一个流要么检查，要么报送；请另开一个流",
    ),
    (
        "NOT_STATED",
        "{platform_id} 的 {period} 尚未报送合计，不能封存",
    ),
    (
        "NOT_YOUR_PLATFORM",
        "各平台只能为自己报送、报合计和撤回，不能为 {platform_id}",
    ),
    (
        "PERIOD_NOT_FOUND",
        "{platform_id} 的 {period} 既未报数据，也未报合计",
    ),
    (
        "PERIOD_NOT_OVER",
        "{platform_id} 的 {period} 尚未结束，请在 {last_day} 之后封存",
    ),
    (
        "PERIOD_NOT_OVER",
        "{platform_id} 的 {period} 尚未开始，请自 {first_day} 起报送合计",
    ),
    (
        "PERIOD_REVERSED",
        "{periods} 的冲销涉及 {platform_id} 的 {period}；请先撤回其中未封存的月份",
    ),
    (
        "PERIOD_SEALED",
        "{platform_id} 的 {period} 已封存，数据和合计不再更改",
    ),
    (
        "SEQUENCE_BROKEN",
        "应为第 {expected} 批，收到的是第 {sequence} 批",
    ),
    (
        "TOO_MANY_STREAMS",
        "该平台已有 {streams_max} 个流，达到上限",
    ),
    (
        "TOTAL_OVERFLOW",
        "商户 {merchant_id} 在 {fee_date} 的 {fee_kind} 合计超出 64 位范围，请冲销一部分后再封存",
    ),
];

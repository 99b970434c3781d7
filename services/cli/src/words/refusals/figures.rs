//! Whole values of figures that are words themselves.

/// The reason, the value as a service gives it, and in Chinese.
pub(super) const VALUES: &[(&str, &str, &str)] = &[
    ("OVERFLOW", "a line", "一条明细的金额"),
    ("OVERFLOW", "a sum of the books", "账目的一项合计"),
    ("OVERFLOW", "an enterprise's fees", "一家企业的费用合计"),
    ("OVERFLOW", "the in-scope total", "范围内费用合计"),
    ("OVERFLOW", "the sum clawed back", "收回合计"),
    ("OVERFLOW", "the sum granted", "发放合计"),
    (
        "OVERFLOW",
        "the sum of a component's earlier fees",
        "一项分担的此前费用合计",
    ),
    (
        "OVERFLOW",
        "the sum of a component's earlier grants",
        "一项分担的此前发放合计",
    ),
    (
        "OVERFLOW",
        "the sum of a component's earlier platform parts",
        "一项分担的此前平台部分合计",
    ),
    (
        "OVERFLOW",
        "the sum of a component's eligible fees",
        "一项分担的计入费用合计",
    ),
    (
        "OVERFLOW",
        "the sum of an enterprise's earlier grants",
        "一家企业的此前发放合计",
    ),
    (
        "OVERFLOW",
        "the sum of an enterprise's shares",
        "一家企业的分担合计",
    ),
    ("OVERFLOW", "the sum of earlier grants", "此前发放合计"),
    ("OVERFLOW", "the sum of eligible fees", "计入费用合计"),
    ("OVERFLOW", "the sum of excluded fees", "不计入费用合计"),
    ("OVERFLOW", "the sum of lines", "明细合计"),
    ("OVERFLOW", "the sum of positive dues", "应发合计"),
    ("OVERFLOW", "the sum of the payments", "支付单合计"),
    ("OVERFLOW", "the sum unfunded", "未拨合计"),
    ("OVERFLOW", "the total of a reason", "一类不计入费用的合计"),
    (
        "OVERFLOW",
        "what a component is open for",
        "一项分担尚可发放的金额",
    ),
    (
        "OVERFLOW",
        "what an enterprise is due",
        "一家企业的应发金额",
    ),
    ("OVERFLOW", "what is available", "可用预算"),
    ("OVERFLOW", "what is released", "已释放预算"),
    ("OVERFLOW", "what is unfunded", "未拨金额"),
];

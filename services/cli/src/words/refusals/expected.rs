//! What is expected where something else was given.

/// What is expected, in Chinese, where it is known for that reason.
pub(super) fn expected(reason: &str, wanted: &str) -> Option<&'static str> {
    // A service cuts a long description.
    let (begins, is_cut) = match wanted.strip_suffix("...") {
        Some(begins) => (begins, true),
        None => (wanted, false),
    };
    let is_it = |english: &str| english == wanted || is_cut && english.starts_with(begins);
    let mut known = EXPECTED.iter();
    let found = known.find(|(refused, english, _)| *refused == reason && is_it(english));
    found.map(|(_, _, chinese)| *chinese)
}

/// The reason, what is expected in a service's words, and in Chinese.
pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    (
        "ACCOUNT_NUMBER_INVALID",
        "an account's number: 5 to 34 digits, capital letters and -, without blanks",
        "账号：5 至 34 位数字、大写字母或 -，不含空格",
    ),
    (
        "ACTOR_INVALID",
        "person:, platform: or service: and a name of 1 to 255 bytes",
        "person:、platform: 或 service: 加 1 至 255 字节的名称",
    ),
    (
        "ALLOCATION_INVALID",
        "FIRST_COME or PRO_RATA",
        "FIRST_COME 或 PRO_RATA",
    ),
    (
        "AMOUNT_INVALID",
        "a whole number of fen in 64 bits, such as -1250",
        "以分为单位的整数，如 -1250",
    ),
    ("AMOUNT_NEGATIVE", "0 fen or more", "0 分以上"),
    (
        "BANK_CODE_INVALID",
        "a bank's CNAPS code of 12 digits",
        "12 位数字的行号",
    ),
    (
        "BPS_INVALID",
        "basis points, a whole number from 0 to 10000",
        "0 至 10000 的整数（基点）",
    ),
    (
        "BPS_INVALID",
        "basis points from 0 to 10000",
        "0 至 10000 的整数（基点）",
    ),
    (
        "CODE_INVALID",
        "a district code of 6 digits",
        "6 位数字的区划代码",
    ),
    (
        "CODE_INVALID",
        "an industry code of 4 digits, without the section's letter",
        "4 位数字的行业代码，不含门类字母",
    ),
    (
        "CODE_INVALID",
        "the first 1 to 6 digits of a code",
        "代码的前 1 至 6 位数字",
    ),
    ("COUNT_NEGATIVE", "0 or more", "0 以上"),
    (
        "COUNT_NEGATIVE",
        "a number from 1, or 0 for the newest",
        "从 1 起的序号，或 0 表示最近一次",
    ),
    ("COUNT_NEGATIVE", "the number of an entry", "条目序号"),
    (
        "DATE_INVALID",
        "a day of the years 1900 to 2999 as YYYY-MM-DD",
        "1900 至 2999 年间的日期，写作 YYYY-MM-DD",
    ),
    (
        "DIGEST_INVALID",
        "64 hexadecimal digits in lower case",
        "64 位小写十六进制数字",
    ),
    (
        "FEE_KIND_INVALID",
        "1 to 40 capital letters, digits and _, a letter first",
        "1 至 40 个大写字母、数字或 _，以字母开头",
    ),
    (
        "FORMAT_INVALID",
        "one of the formats of the contract",
        "接口规定的格式",
    ),
    (
        "HEADCOUNT_INVALID",
        "persons employed, 0 to 100000000",
        "从业人员数，0 至 100000000",
    ),
    (
        "ID_INVALID",
        "a platform id: 2 to 32 lower case letters, digits and -, a letter first",
        "平台编号：2 至 32 个小写字母、数字或 -，以字母开头",
    ),
    (
        "ID_INVALID",
        "a program id: 2 to 64 lower case letters, digits and -, a letter first",
        "项目编号：2 至 64 个小写字母、数字或 -，以字母开头",
    ),
    (
        "ID_INVALID",
        "a merchant id: 1 to 128 bytes in Unicode NFC, no control or invisible characters, no \
         white space but that of ASCII, none at its ends, no accent alone at its beginning",
        "商户账号：1 至 128 字节（Unicode NFC），不含控制或不可见字符，首尾无空格",
    ),
    (
        "ID_INVALID",
        "a record id: 1 to 128 bytes in Unicode NFC, no control or invisible characters, no \
         white space but that of ASCII, none at its ends, no accent alone at its beginning",
        "记录编号：1 至 128 字节（Unicode NFC），不含控制或不可见字符，首尾无空格",
    ),
    (
        "ID_INVALID",
        "a payment's id: 1 to 128 visible characters of ASCII",
        "支付编号：1 至 128 个可见的 ASCII 字符",
    ),
    (
        "ID_INVALID",
        "the id of an order: 26 digits and letters other than i, l, o and u",
        "支付单编号：26 位数字和字母（不含 i、l、o、u）",
    ),
    ("ID_INVALID", "the UUID of a run", "核算编号（UUID）"),
    (
        "ID_INVALID",
        "a run's id, or its program",
        "核算编号，或其项目",
    ),
    (
        "INSTANT_INVALID",
        "an instant with an offset, as 2017-11-11T08:30:00+08:00",
        "带时区的时间，如 2017-11-11T08:30:00+08:00",
    ),
    ("INTERVAL_EMPTY", "an end after the start", "止期晚于起期"),
    (
        "KIND_INVALID",
        "CODE_KIND_DISTRICT or CODE_KIND_INDUSTRY",
        "CODE_KIND_DISTRICT 或 CODE_KIND_INDUSTRY",
    ),
    (
        "KIND_INVALID",
        "a PaymentAccountState",
        "接口规定的账户状态",
    ),
    ("LIST_TOO_LONG", "at most 1000 months", "不超过 1000 个月份"),
    ("MISSING", "a program", "项目"),
    (
        "MISSING",
        "the receipt of what is held, as GetPeriod shows it",
        "所存数据的回执（GetPeriod 所示）",
    ),
    (
        "MISSING",
        "64 hexadecimal digits in lower case",
        "64 位小写十六进制数字",
    ),
    (
        "PAYEE_INVALID",
        "ENTERPRISE or PLATFORM",
        "ENTERPRISE 或 PLATFORM",
    ),
    (
        "PAYEE_INVALID",
        "an enterprise's unified social credit code or a platform's id",
        "企业的统一社会信用代码或平台编号",
    ),
    (
        "PAYEE_INVALID",
        "no payees where all are confirmed",
        "全部确认时不再列收款人",
    ),
    (
        "PERIOD_INVALID",
        "a month of the years 2000 to 2099 as YYYY-MM",
        "2000 至 2099 年间的月份，写作 YYYY-MM",
    ),
    (
        "RELEASE_INVALID",
        "AT_ONCE or MONTHLY",
        "AT_ONCE 或 MONTHLY",
    ),
    (
        "REVISION_INVALID",
        "a past revision, or 0",
        "已有的版本，或 0",
    ),
    (
        "SIZE_CLASS_INVALID",
        "MICRO, SMALL, MEDIUM or LARGE",
        "MICRO、SMALL、MEDIUM 或 LARGE",
    ),
    (
        "TEXT_INVALID",
        "1 to 140 characters that show something, on one line, without control characters",
        "1 至 140 个可见的字符，写在一行内，不含控制字符",
    ),
    (
        "TEXT_INVALID",
        "1 to 200 characters that show something, on one line, without control characters",
        "1 至 200 个可见的字符，写在一行内，不含控制字符",
    ),
    (
        "TEXT_INVALID",
        "1 to 500 characters that show something, without control characters but tabs and line breaks",
        "1 至 500 个可见的字符，除制表符和换行外不含控制字符",
    ),
    (
        "TEXT_INVALID",
        "a text that begins with none of = + - @, which spreadsheets compute",
        "不以 = + - @ 开头的文字，以免电子表格当作公式",
    ),
    (
        "TEXT_INVALID",
        "a text, and not the error of a spreadsheet",
        "文字，而不是电子表格的错误值",
    ),
    ("TEXT_INVALID", "a text", "文字"),
    (
        "TEXT_INVALID",
        "a text of 1 to 2000 characters",
        "1 至 2000 个字符的文字",
    ),
    (
        "USCC_CHARACTER",
        "digits and capital letters without I, O, S, V and Z",
        "数字和大写字母（不含 I、O、S、V、Z）",
    ),
    (
        "USCC_CHECK_DIGIT",
        "a last character that checks the 17 before it (GB 32100-2015)",
        "末位与前 17 位相符（GB 32100-2015）",
    ),
    (
        "USCC_IDENTITY_NUMBER",
        "an enterprise's code, not the number of a person's identity card (GB 11643)",
        "企业的代码，而不是居民身份证号码（GB 11643）",
    ),
    (
        "USCC_LENGTH",
        "a unified social credit code of 18 characters",
        "18 位的统一社会信用代码",
    ),
    (
        "USCC_ORGANIZATION_CHECK_DIGIT",
        "a 17th character that checks the organization code before it (GB 11714)",
        "第 17 位与其前的组织机构代码相符（GB 11714）",
    ),
    (
        "USCC_ZERO",
        "a code that was issued, which one of zeros never was",
        "实际核发的代码，全零从未核发",
    ),
    (
        "VERSION_INVALID",
        "a version from 1, or 0 for the newest",
        "从 1 起的版本，或 0 表示最新",
    ),
    (
        "YEAR_INVALID",
        "a fiscal year from 1990 to 2099",
        "1990 至 2099 的会计年度",
    ),
    (
        "YEAR_INVALID",
        "a year from 2000 to 2099",
        "2000 至 2099 的年度",
    ),
];

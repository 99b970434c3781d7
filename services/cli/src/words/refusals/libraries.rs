//! What libraries say of numbers, JSON and XML that are not as they should be.

/// Reasons of files in JSON.
const OF_JSON: &[&str] = &["CERTIFICATE_UNUSABLE", "PROFILE_INVALID", "PROGRAM_INVALID"];
/// Of certificates and their keys.
const OF_CERTIFICATES: &[&str] = &["CERTIFICATE_UNUSABLE"];
/// Of URLs, and of what TLS to them needs.
const OF_ENDPOINTS: &[&str] = &["ENDPOINT_INVALID"];
/// Of files in XML.
const OF_XML: &[&str] = &["ANSWER_UNREADABLE"];
/// Of options that take a number, whose reader has no reasons.
pub(super) const OF_NUMBERS: &str = "NUMBER";

/// What libraries say: for which reasons, the sentence, and in Chinese.
pub(super) const LIBRARIES: &[(&[&str], &str, &str)] = &[
    (
        OF_JSON,
        "unknown field `{field}`, expected one of {known} at line {line} column {column}",
        "没有字段 {field}（第 {line} 行第 {column} 列）；可有的字段：{known}",
    ),
    (
        OF_JSON,
        "unknown field `{field}`, expected {known} at line {line} column {column}",
        "没有字段 {field}（第 {line} 行第 {column} 列）；可有的字段：{known}",
    ),
    (
        OF_JSON,
        "unknown field `{field}`, there are no fields at line {line} column {column}",
        "没有字段 {field}（第 {line} 行第 {column} 列）；此处不能有字段",
    ),
    (
        OF_JSON,
        "missing field `{field}` at line {line} column {column}",
        "缺少字段 {field}（第 {line} 行第 {column} 列）",
    ),
    (
        OF_JSON,
        "unknown variant `{found}`, expected one of {known} at line {line} column {column}",
        "{found} 无效（第 {line} 行第 {column} 列），应为其一：{known}",
    ),
    (
        OF_JSON,
        "unknown variant `{found}`, expected {known} at line {line} column {column}",
        "{found} 无效（第 {line} 行第 {column} 列），应为 {known}",
    ),
    (
        OF_JSON,
        "invalid type: {found}, expected {wanted} at line {line} column {column}",
        "类型不符（第 {line} 行第 {column} 列）：{found}；应为{wanted}",
    ),
    (
        OF_JSON,
        "invalid value: {found}, expected {wanted} at line {line} column {column}",
        "值无效（第 {line} 行第 {column} 列）：{found}；应为{wanted}",
    ),
    (
        OF_JSON,
        "invalid length {count}, expected {wanted} at line {line} column {column}",
        "列表有 {count} 项（第 {line} 行第 {column} 列）；应为{wanted}",
    ),
    (
        OF_JSON,
        "\"{name}\" is no known {what}; known are {known} at line {line} column {column}",
        "\"{name}\" 不是有效的{what}（第 {line} 行第 {column} 列）；可用：{known}",
    ),
    (
        OF_JSON,
        "duplicate field `{field}` at line {line} column {column}",
        "字段 {field} 重复（第 {line} 行第 {column} 列）",
    ),
    (
        OF_JSON,
        "EOF while parsing {what} at line {line} column {column}",
        "文件不完整（第 {line} 行第 {column} 列）：{what}没有结束",
    ),
    (
        OF_JSON,
        "{what} at line {line} column {column}",
        "JSON 有误（第 {line} 行第 {column} 列）：{what}",
    ),
    (
        OF_CERTIFICATES,
        "Could not parse certificate",
        "不是可读取的证书",
    ),
    (
        OF_CERTIFICATES,
        "Could not parse key pair",
        "不是可用的密钥",
    ),
    (
        OF_CERTIFICATES,
        "Key rejected by ring: {cause}",
        "密钥不可用（{cause}）",
    ),
    (OF_CERTIFICATES, "PEM error: {cause}", "不是有效的 PEM"),
    (
        OF_ENDPOINTS,
        "unexpected error: failed to parse private key as RSA, ECDSA, or EdDSA",
        "不是 RSA、ECDSA 或 Ed25519 的私钥",
    ),
    (
        OF_ENDPOINTS,
        "invalid peer certificate: {cause}",
        "其中的证书无法使用（{cause}）",
    ),
    (
        OF_ENDPOINTS,
        "invalid uri character",
        "含有地址中不能有的字符",
    ),
    (
        OF_ENDPOINTS,
        "invalid scheme",
        "没有以 https:// 或 http:// 开头",
    ),
    (OF_ENDPOINTS, "invalid authority", "主机或端口有误"),
    (OF_ENDPOINTS, "invalid port", "端口有误"),
    (OF_ENDPOINTS, "invalid format", "写法有误"),
    (OF_ENDPOINTS, "empty string", "没有内容"),
    (OF_ENDPOINTS, "uri too long", "太长"),
    (OF_ENDPOINTS, "scheme too long", "太长"),
    (OF_XML, "syntax error: {why}", "{why}"),
    (OF_XML, "ill-formed document: {why}", "{why}"),
    (OF_XML, "it is cut off", "文件不完整"),
    (
        OF_XML,
        "tag not closed: {sign} not found before end of input",
        "文件不完整：标签没有结束",
    ),
    (
        OF_XML,
        "comment not closed: {sign} not found before end of input",
        "文件不完整：注释没有结束",
    ),
    (
        OF_XML,
        "CDATA not closed: {sign} not found before end of input",
        "文件不完整：CDATA 没有结束",
    ),
    (
        OF_XML,
        "DOCTYPE not closed: {sign} not found before end of input",
        "文件不完整：DOCTYPE 没有结束",
    ),
    (
        OF_XML,
        "processing instruction not closed: {sign} not found before end of input",
        "文件不完整：处理指令没有结束",
    ),
    (
        OF_XML,
        "XML declaration not closed: {sign} not found before end of input",
        "文件不完整：XML 声明没有结束",
    ),
    (
        OF_XML,
        "attribute value not closed: {sign} not found before end of input",
        "文件不完整：属性值没有结束",
    ),
    (
        OF_XML,
        "entity or character reference not closed: {sign} not found before end of input",
        "文字中有未转义的 &，应写作 &amp;",
    ),
    (
        OF_XML,
        "start tag not closed: `</{tag}>` not found before end of input",
        "文件不完整：缺少结束标签 </{tag}>",
    ),
    (
        OF_XML,
        "close tag `</{tag}>` does not match any open tag",
        "结束标签 </{tag}> 没有对应的开始标签",
    ),
    (
        OF_XML,
        "expected `</{wanted}>`, but `</{found}>` was found",
        "应为结束标签 </{wanted}>，实为 </{found}>",
    ),
    (
        OF_XML,
        "unknown or missed symbol in markup",
        "<! 之后的标记有误",
    ),
    (
        OF_XML,
        "forbidden string `--` was found in a comment",
        "注释中不能有 --",
    ),
    (
        OF_XML,
        "error while parsing attribute: {why}",
        "属性的写法有误：{why}",
    ),
    (
        OF_XML,
        "position {place}: attribute key must be directly followed by `=` or space",
        "属性名之后应为 =",
    ),
    (
        OF_XML,
        "position {place}: `=` must be followed by an attribute value",
        "属性的 = 之后应有值",
    ),
    (
        OF_XML,
        "position {place}: attribute value must be enclosed in `\"` or `'`",
        "属性的值须用英文引号括起",
    ),
    (
        OF_XML,
        "position {place}: missing closing quote `{sign}` in attribute value",
        "属性的值缺少结束的引号",
    ),
    (
        OF_XML,
        "position {place}: duplicated attribute, previous declaration at position {before}",
        "属性重复",
    ),
    (
        OF_XML,
        "an XML declaration does not contain `version` attribute",
        "XML 声明缺少 version",
    ),
    (
        OF_XML,
        "an XML declaration must start with `version` attribute, but in starts with `{found}`",
        "XML 声明应以 version 开头，实为 {found}",
    ),
    (
        OF_XML,
        "unknown XML version: either 1.0 or 1.1 is expected",
        "XML 的版本应为 1.0 或 1.1",
    ),
    (
        OF_XML,
        "`<!DOCTYPE>` declaration does not contain a name of a document type",
        "<!DOCTYPE> 没有写明文档类型",
    ),
    (OF_XML, "I/O error: {why}", "{why}"),
    (
        OF_XML,
        "stream did not contain valid UTF-8",
        "不是 UTF-8 文本",
    ),
    (
        OF_XML,
        "cannot decode input using UTF-8: {what}",
        "不是 UTF-8 文本",
    ),
    (
        OF_XML,
        "cannot decode input using {encoding}",
        "含有不属于 {encoding} 的字节",
    ),
    (
        OF_XML,
        "invalid character reference: {what}",
        "&# 之后的字符编号无效",
    ),
    (OF_XML, "unexpected number sign", "&# 之后的字符编号无效"),
    (
        OF_XML,
        "`{code}` is not a valid codepoint",
        "&# 之后的字符编号无效",
    ),
    (
        OF_XML,
        "0x{code} character is not permitted in XML",
        "XML 中不能有字符 0x{code}",
    ),
    (
        OF_XML,
        "CSV parse error: {place}: invalid utf-8: {what}",
        "不是 UTF-8 文本",
    ),
    (
        OF_XML,
        "invalid digit found in string",
        "&# 之后的字符编号无效",
    ),
    (
        OF_XML,
        "number too large to fit in target type",
        "&# 之后的字符编号无效",
    ),
    (
        OF_XML,
        "cannot parse integer from empty string",
        "&# 之后的字符编号无效",
    ),
    (
        &[OF_NUMBERS],
        "{value} is not in {least}..=18446744073709551615",
        "应不小于 {least}",
    ),
    (
        &[OF_NUMBERS],
        "{value} is not in {least}..18446744073709551615",
        "应不小于 {least}",
    ),
    (
        &[OF_NUMBERS],
        "{value} is not in {least}..9223372036854775807",
        "应不小于 {least}",
    ),
    (
        &[OF_NUMBERS],
        "{value} is not in {least}..=9223372036854775807",
        "应不小于 {least}",
    ),
    (
        &[OF_NUMBERS],
        "{value} is not in {least}..={most}",
        "应为 {least} 至 {most}",
    ),
    (
        &[OF_NUMBERS],
        "cannot parse integer from empty string",
        "应为整数",
    ),
    (
        &[OF_NUMBERS],
        "invalid digit found in string",
        "应为整数，只能用数字书写",
    ),
    (
        &[OF_NUMBERS],
        "number too large to fit in target type",
        "数字过大",
    ),
    (
        &[OF_NUMBERS],
        "number too small to fit in target type",
        "数字过小",
    ),
    (
        &[OF_NUMBERS],
        "invalid socket address syntax",
        "应为 IP 地址和端口，如 127.0.0.1:8080",
    ),
];

/// What the reader of JSON found or wanted, and in Chinese.
pub(super) const OF_VALUES: &[(&str, &str)] = &[
    ("a list", "列表"),
    ("an object", "对象"),
    ("a string", "文字"),
    ("a value", "值"),
    ("expected `:`", "键之后应为冒号"),
    ("expected `,` or `]`", "此处应为逗号或 ]"),
    ("expected `,` or `}`", "此处应为逗号或 }"),
    ("expected ident", "此处应为 true、false 或 null"),
    ("expected value", "此处应有值"),
    ("expected `\"`", "此处应为英文双引号"),
    ("invalid escape", "反斜杠之后的写法无效"),
    ("invalid number", "数字的写法无效"),
    ("number out of range", "数字过大"),
    ("invalid unicode code point", "含有无效的字符"),
    (
        "lone leading surrogate in hex escape",
        "\\u 之后的代码不成字符",
    ),
    ("unexpected end of hex escape", "\\u 之后的代码不完整"),
    (
        "invalid value: expected key to be a number in quotes",
        "键应为引号中的数字",
    ),
    (
        "control character (\\u0000-\\u001F) found while parsing a string",
        "文字中有换行等控制字符",
    ),
    ("key must be a string", "键须用英文双引号括起"),
    ("trailing comma", "最后一项之后多了逗号"),
    ("trailing characters", "结束之后还有内容"),
    ("recursion limit exceeded", "层次过深"),
    ("null", "空值 null"),
    ("boolean `{value}`", "布尔值 {value}"),
    ("integer `{value}`", "整数 {value}"),
    ("floating point `{value}`", "小数 {value}"),
    ("string {value}", "文字 {value}"),
    ("sequence", "列表"),
    ("map", "对象"),
    ("a sequence", "列表"),
    ("a map", "对象"),
    ("a boolean", "true 或 false"),
    ("a whole number", "整数"),
    ("i32", "整数"),
    ("i64", "整数"),
    ("u16", "0 以上的整数"),
    ("u32", "0 以上的整数"),
    ("u64", "0 以上的整数"),
    ("tuple struct {name}", "对象"),
    ("struct {name} with {count} elements", "对象"),
    ("struct {name}", "对象"),
    ("size class", "规模"),
    ("release", "拨款方式"),
    ("allocation", "预算分配方式"),
    ("payee", "收款方"),
];

/// Why a library does not take a key or sign with it, and in Chinese.
pub(super) const CAUSES: &[(&str, &str)] = &[
    ("InconsistentComponents", "各部分不相符"),
    ("InvalidComponent", "某一部分无效"),
    ("InvalidEddsaKey", "不是 Ed25519 密钥"),
    ("InvalidEncoding", "编码有误"),
    ("InvalidKeyFormat", "格式有误"),
    ("PublicKeyIsMissing", "缺少公钥"),
    ("RNG failed", "无法取得随机数"),
    ("TooLarge", "太长"),
    ("TooSmall", "太短"),
    ("UnexpectedError", "原因不明"),
    ("VersionNotSupported", "不支持该版本"),
    ("WrongAlgorithm", "算法不符"),
];

/// Whether the sentences for that reason are of the reader of JSON.
pub(super) fn is_of_json(reason: &str) -> bool {
    OF_JSON.contains(&reason)
}

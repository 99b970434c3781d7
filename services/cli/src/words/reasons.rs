//! What reasons mean, in Chinese; in English the message of whoever refused says it.

/// The meaning of a reason.
#[must_use]
pub fn reason(code: &str) -> Option<&'static str> {
    let found = REASONS.iter().find(|(known, _)| *known == code);
    found.map(|(_, text)| *text)
}

/// What a refusal says to people: in Chinese first what its reason means.
#[must_use]
pub fn told(code: &str, message: &str) -> String {
    match super::lang() {
        super::Lang::En => message.to_owned(),
        super::Lang::Zh => in_chinese(code, message),
    }
}

/// What a service says beside a reason that is told already, in Chinese where that is known.
#[must_use]
pub fn told_in_words(code: &str, message: &str) -> String {
    let chinese = match super::lang() {
        super::Lang::En => None,
        super::Lang::Zh => super::sentence(code, message),
    };
    chinese.unwrap_or_else(|| message.to_owned())
}

fn in_chinese(code: &str, message: &str) -> String {
    let detail = super::sentence(code, message);
    match (reason(code), &detail) {
        (Some(title), Some(detail)) => format!("{title}（{detail}）"),
        // What is Chinese already says more than the reason does.
        (Some(title), None) if without_quoted(message).is_ascii() => {
            format!("{title}（{message}）")
        }
        _ => message.to_owned(),
    }
}

/// A message's own words: what it quotes may be in any language.
fn without_quoted(message: &str) -> String {
    message.split('"').step_by(2).collect()
}

const REASONS: &[(&str, &str)] = &[
    ("ABORTED", "操作中断，请重试"),
    ("ACCOUNT_CHANGED", "收款账户在编制之后有变动"),
    ("ACCOUNT_MISSING", "没有已确认的收款账户"),
    ("ACCOUNT_NAME_MISMATCH", "户名与登记名称不符"),
    ("ACCOUNT_NOT_FOUND", "没有该收款账户"),
    ("ACCOUNT_NOT_PROPOSED", "没有待确认的收款账户"),
    ("ACCOUNT_NUMBER_HIDDEN", "账号的一部分已被隐去"),
    ("ACCOUNT_NUMBER_INVALID", "账号格式有误"),
    ("ACKNOWLEDGEMENT_BROKEN", "服务的确认前后不一致"),
    ("ACTOR_INVALID", "操作人无法识别"),
    ("ADDRESS_MISSING", "此身份没有该服务的地址"),
    ("ALLOCATION_INVALID", "预算分配方式有误"),
    ("ALREADY_EXISTS", "已存在"),
    ("AMOUNT_INVALID", "金额格式有误，应为整数分"),
    ("AMOUNT_NEGATIVE", "金额不能为负"),
    ("AMOUNT_NOT_POSITIVE", "金额应大于零"),
    ("ANSWER_MISMATCH", "回盘与支付单不符"),
    ("ANSWER_TOO_LARGE", "回盘文件太大"),
    ("ANSWER_UNREADABLE", "回盘文件无法读取"),
    ("ARGUMENT_MISSING", "缺少参数"),
    (
        "BANK_CODE_CHECK_DIGIT",
        "行号校验码不符，请与开户行核对；少数在用的行号也不符",
    ),
    ("BANK_CODE_INVALID", "行号格式有误"),
    ("BATCH_MALFORMED", "批次无法读取"),
    ("BATCH_SIZE", "批次大小超出范围"),
    ("BINDING_OVERLAP", "该账号在此期间已绑定"),
    ("BPS_INVALID", "比率应为 0 到 10000 个基点"),
    ("CANCELLED", "已取消"),
    ("CELL_ERROR", "单元格是错误值"),
    ("CELL_MERGED", "合并单元格没有自己的值"),
    ("CELL_NOT_TEXT", "单元格中不是输入的文本"),
    (
        "CERTIFICATE_EXPIRED",
        "客户端证书已过期，请换用新证书重新连接",
    ),
    ("CERTIFICATE_NOT_FOUND", "没有该证书"),
    ("CERTIFICATE_REFUSED", "服务不接受此证书"),
    ("CERTIFICATE_REQUIRED", "此处平台须出示客户端证书"),
    (
        "CERTIFICATE_REVOKED",
        "客户端证书或其签发机构已被吊销，请联系运维方",
    ),
    ("CERTIFICATE_UNUSABLE", "证书无法使用"),
    ("CHAIN_BROKEN", "操作记录或所存内容核对不符"),
    ("CHECKPOINT_AHEAD", "操作记录没有这么多条"),
    ("CHECKPOINT_UNREADABLE", "检查点无法读取"),
    ("CHECKPOINT_UNSIGNED", "检查点没有签名"),
    ("CHECK_MIXED", "检查与报送不能混在一次中"),
    ("CHECK_TOO_LARGE", "要检查的记录太多"),
    ("CODE_INVALID", "代码格式有误"),
    ("CONSERVATION_BROKEN", "核算前后总额不平"),
    ("COUNT_INVALID", "条数格式有误"),
    ("COUNT_NEGATIVE", "条数不能为负"),
    ("CREDENTIAL_UNUSABLE", "凭据不可用"),
    ("DATABASE_FAILED", "数据库无法启动"),
    ("DATABASE_URL_INVALID", "数据库地址有误"),
    ("DATA_LOSS", "数据丢失"),
    ("DATE_INVALID", "日期有误"),
    ("DEADLINE_EXCEEDED", "超过时限"),
    ("DEPENDENCY_UNAVAILABLE", "所依赖的服务暂不可用"),
    ("DIGEST_INVALID", "摘要格式有误"),
    ("DIGEST_MISMATCH", "摘要不符"),
    ("DUPLICATE", "列表中有重复"),
    ("DUPLICATE_COLUMN", "列名重复"),
    ("ENCODING_UNSUPPORTED", "不支持该压缩方式"),
    ("ENDPOINT_INVALID", "地址有误"),
    ("ENROLLMENT_OVERLAP", "参加期间重叠"),
    ("ENTERPRISE_NOT_FOUND", "没有该企业"),
    ("ENTERPRISE_NOT_IN_RUN", "该次核算没有该企业"),
    ("EXCEPTION_NOT_NEEDED", "代码无误，无须例外依据"),
    ("EXCLUDED_PROGRAM_NOT_FOUND", "让位的项目不存在"),
    ("EXCLUDES_CIRCLE", "项目之间循环让位"),
    ("FAILED_PRECONDITION", "当前状态不允许该操作"),
    ("FEE_KIND_INVALID", "费用类型格式有误"),
    ("FIELD_COUNT", "字段数与表头不符"),
    ("FILE_CHANGED", "文件在读取期间被修改"),
    ("FILE_EMPTY", "文件是空的"),
    ("FILE_KIND", "文件类型不对"),
    ("FILE_TOO_LARGE", "文件太大"),
    ("FILE_UNREADABLE", "文件无法读取"),
    ("FILE_UNWRITABLE", "文件无法写入"),
    ("FORMAT_INVALID", "格式有误"),
    ("HEADCOUNT_INVALID", "从业人员数有误"),
    ("HOME_EXPOSED", "存放密钥的文件可被他人读取"),
    ("HOME_IN_USE", "数据文件夹正被另一进程使用"),
    ("HOME_NOT_EMPTY", "数据文件夹不是空的"),
    ("HOME_NOT_USABLE", "数据文件夹不可用"),
    ("HOME_UNKNOWN", "不知道数据文件夹在哪里"),
    ("IDENTITY_MISMATCH", "客户端证书与令牌不是同一身份"),
    ("ID_INVALID", "编号格式有误"),
    ("INSTANT_INVALID", "时间格式有误"),
    ("INTERNAL", "服务内部错误"),
    ("INTERVAL_EMPTY", "结束日期应晚于开始日期"),
    ("INVALID_ARGUMENT", "参数有误"),
    ("INVALID_FIELD", "字段有误"),
    ("IO_ERROR", "读写出错"),
    ("KEY_UNUSABLE", "密钥不可用"),
    ("KIND_INVALID", "类别有误"),
    ("LEDGER_BROKEN", "账目核对不符"),
    ("LINE_TOO_LONG", "一行太长"),
    ("LISTEN_FAILED", "无法监听端口"),
    ("LIST_TOO_LONG", "列表项目太多"),
    ("MERCHANT_ID_INVALID", "商户账号格式有误"),
    ("MESSAGE_TOO_LARGE", "消息太大"),
    ("MESSAGE_TOO_MANY_ITEMS", "消息项目太多"),
    ("MESSAGE_UNREADABLE", "消息无法读取"),
    ("MIGRATION_FAILED", "数据库升级失败"),
    ("MISSING", "缺少内容"),
    ("MISSING_COLUMN", "缺少列"),
    ("NAMES_TOO_MANY", "名称太多"),
    ("NOTE_INCONSISTENT", "检查点不相符"),
    ("NOTE_UNREADABLE", "检查点文件无法读取"),
    ("NOTE_UNSIGNED", "检查点的签名无效"),
    ("NOTHING_GRANTED", "该次核算没有向该企业发放"),
    ("NOTHING_TO_PAY", "没有可支付的款项"),
    ("NOTHING_TO_STATE", "没有可报送的行"),
    ("NOTICE_DAYS_INVALID", "公示天数应为 0 到 365"),
    ("NOTICE_NOT_OVER", "公示期未满"),
    ("NOT_CONFIRMED", "未确认"),
    ("NOT_FOUND", "没有找到"),
    ("NOT_GRPC", "不是 gRPC 请求"),
    ("NOT_SERVING", "服务不可用"),
    ("NOT_STATED", "平台尚未报送合计"),
    ("NOT_UTF8", "文字编码有误"),
    ("NOT_YOUR_PLATFORM", "不是本平台"),
    ("NO_SUITE", "此处尚未启动过服务"),
    ("NUMBER_FORMAT", "数值的写法不能读取"),
    ("NUMBER_INEXACT", "数字位数过多，电子表格不能准确保存"),
    ("OBJECTION_EXISTS", "已有异议"),
    ("OBJECTION_NOT_FOUND", "没有该异议"),
    ("OBJECTION_OPEN", "有异议待处理"),
    ("OCCURRED_AFTER_PERIOD", "费用日期晚于该月"),
    ("ORDER_NOT_FOUND", "没有该支付单"),
    ("ORDER_NOT_PREPARED", "支付单不在待放款状态"),
    ("ORDER_NOT_RELEASED", "支付单尚未放款"),
    ("ORDER_OPEN", "该项目有未办结的支付单"),
    (
        "ORDER_TOO_LARGE",
        "支付笔数超出一个工作表，请导出 CSV 或 pain.001",
    ),
    ("OUT_OF_RANGE", "超出范围"),
    ("OVERFLOW", "金额超出 64 位范围"),
    ("OVERLOADED", "服务繁忙，请稍后再试"),
    ("PAGE_SIZE_INVALID", "每页条数有误"),
    ("PAGE_TOKEN_INVALID", "翻页标记有误"),
    ("PAYEE_INVALID", "收款人编号有误"),
    ("PAYER_MISSING", "没有付款账户"),
    (
        "PAYMENT_CLOSED",
        "回盘称到账的付款此前已退票：款项可能重复付出，请与付款方核对；未作任何更改",
    ),
    ("PERIOD_BEFORE_LAST_RUN", "月份早于上一次批准的核算"),
    ("PERIOD_BEFORE_YEAR", "月份早于项目年度"),
    ("PERIOD_INVALID", "月份有误"),
    ("PERIOD_NOT_FOUND", "该月没有数据"),
    ("PERIOD_NOT_OVER", "该月尚未结束"),
    ("PERIOD_NOT_OWED", "该月并不缺报"),
    ("PERIOD_NOT_SEALED", "有月份尚未封存"),
    ("PERIOD_REVERSED", "其他月份的冲销涉及该月记录"),
    ("PERIOD_SEALED", "该月已封存"),
    ("PERMISSION_DENIED", "没有权限"),
    ("PLATFORM_EXISTS", "平台已登记"),
    ("PLATFORM_NOT_FOUND", "没有该平台"),
    ("POSTGRESQL_NOT_FOUND", "没有找到 PostgreSQL"),
    ("PROFILE_EXISTS", "已有该身份"),
    ("PROFILE_INVALID", "身份文件有误"),
    ("PROFILE_NAME_INVALID", "身份名称有误"),
    ("PROFILE_NOT_CHOSEN", "没有指明身份；请用 --as 指明"),
    ("PROGRAM_INVALID", "项目内容有误"),
    ("PROGRAM_NOT_FOUND", "没有该项目"),
    ("QUOTE_INVALID", "引号有误"),
    ("RECEIPT_EXISTS", "回执文件已存在"),
    ("RECEIPT_MISMATCH", "回执不符"),
    ("RECEIPT_UNREADABLE", "回执无法读取"),
    ("RECORD_CONFLICT", "编号相同而内容不同"),
    ("RECORD_ID_INVALID", "记录编号格式有误"),
    ("RECORD_IN_SEALED_PERIOD", "该编号已在封存的月份中"),
    ("RELEASE_INVALID", "预算释放方式有误"),
    ("REPEATED_IN_BATCH", "同一批中重复"),
    ("RESOURCE_EXHAUSTED", "超出服务限额"),
    ("REVERSAL_EXCEEDS_RECORD", "冲销合计超过原记录"),
    ("REVERSAL_MISMATCH", "与被冲销的记录不符"),
    ("REVERSAL_NOT_NEGATIVE", "冲销金额应为负"),
    ("REVERSAL_OF_REVERSAL", "不能冲销冲销记录"),
    ("REVERSED_RECORD_NOT_FOUND", "没有被冲销的记录"),
    ("REVERSED_RECORD_REFUSED", "被冲销的记录已被退回"),
    ("REVISION_AHEAD", "版本尚不存在"),
    ("REVISION_INVALID", "版本有误"),
    ("ROWS_CONTRADICT", "文件中的行互相矛盾"),
    ("RPC_NOT_SERVED", "服务没有该接口"),
    ("RUN_CLOSED", "核算已办结"),
    ("RUN_NOT_COMPUTED", "核算不在已计算状态"),
    ("RUN_NOT_FOUND", "没有该核算"),
    ("RUN_NOT_PUBLISHED", "核算不在公示中"),
    ("RUN_OPEN", "该项目有未办结的核算"),
    ("SECOND_FACTOR_REQUIRED", "须以第二因素登录后再操作"),
    ("SELF_APPROVAL", "不能批准自己经办的"),
    ("SEQUENCE_BROKEN", "批次序号不连续"),
    ("SERVER_NOT_TRUSTED", "服务端证书不可信"),
    ("SERVICE_ENDED", "服务意外停止"),
    ("SERVICE_FAILED", "服务无法启动"),
    ("SHARES_EMPTY", "没有列明分担的费用类型"),
    ("SHARES_EXCEED_FEE", "分担之和超过费用"),
    ("SHARE_ABOVE_WHOLE", "分担比例超过全额"),
    ("SIGNING_REQUEST_INVALID", "签名请求无法接受"),
    ("SIZE_CLASSES_EMPTY", "没有列明企业规模"),
    ("SIZE_CLASS_INVALID", "规模有误"),
    ("STATEMENT_MISMATCH", "合计与收到的不符"),
    ("TELEMETRY_FAILED", "无法发送追踪"),
    ("TEXT_INVALID", "文字有误"),
    ("TOKEN_EXPIRED", "令牌已过期，请换取新令牌后重试"),
    ("TOKEN_IN_CLEAR", "令牌会以明文发送"),
    ("TOKEN_REQUIRED", "此处平台须出示令牌"),
    ("TOKEN_REVOKED", "令牌或其主体已被吊销，请联系运维方"),
    ("TOO_MANY_STREAMS", "同时报送的连接太多"),
    ("TOTAL_OVERFLOW", "合计超出 64 位范围"),
    ("UNAUTHENTICATED", "身份未获确认"),
    ("UNAVAILABLE", "服务连接不上"),
    ("UNIMPLEMENTED", "服务不支持该操作"),
    ("UNKNOWN", "未知错误"),
    ("UNKNOWN_PROFILE", "没有该身份"),
    ("USCC_CHARACTER", "统一社会信用代码含有不允许的字符"),
    ("USCC_CHECK_DIGIT", "统一社会信用代码校验码有误"),
    (
        "USCC_IDENTITY_NUMBER",
        "这是居民身份证号码，不是统一社会信用代码",
    ),
    ("USCC_LENGTH", "统一社会信用代码应为 18 位"),
    (
        "USCC_ORGANIZATION_CHECK_DIGIT",
        "统一社会信用代码中组织机构代码校验码有误",
    ),
    ("USCC_ZERO", "统一社会信用代码全为零"),
    ("VERSION_INVALID", "版本号不能为负"),
    ("YEAR_INVALID", "年度有误"),
];

/// Every reason of the contract.
#[cfg(test)]
pub(super) fn of_contract() -> impl Iterator<Item = &'static str> {
    use gazelle_proto::{access, audit, registry, settlement, usage};

    let names = (1..1_000).flat_map(|code| {
        [
            access::ErrorReason::try_from(code).map(|it| it.as_str_name()),
            audit::v1::ErrorReason::try_from(code).map(|it| it.as_str_name()),
            registry::v1::ErrorReason::try_from(code).map(|it| it.as_str_name()),
            settlement::v1::ErrorReason::try_from(code).map(|it| it.as_str_name()),
            usage::v1::ErrorReason::try_from(code).map(|it| it.as_str_name()),
        ]
    });
    names.flatten().map(gazelle_proto::reason::bare)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_reason_of_the_contract_is_there_in_chinese() {
        let missing: Vec<_> = of_contract()
            .filter(|name| reason(name).is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    /// Names of reasons in the sources below `folder`, where failures and bad rows are made.
    fn made_in(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                made_in(&path, found);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for call in ["Failure::new(", "BadRow::new("] {
                for rest in source.split(call).skip(1) {
                    let text = rest.split('"').nth(1).unwrap_or_default();
                    let is_reason = |c: char| c.is_ascii_uppercase() || c == '_';
                    let near = rest.find('"').is_some_and(|at| at < 20);
                    if near && text.contains('_') && text.chars().all(is_reason) {
                        found.insert(text.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_reason_of_the_command_line_is_there_in_chinese() {
        let mut made = BTreeSet::new();
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        made_in(&sources, &mut made);
        made.retain(|name| reason(name).is_none());
        assert!(made.is_empty(), "{made:?}");
    }

    #[test]
    fn a_row_is_told_in_chinese_with_its_values() {
        for (code, message, told) in [
            (
                "CODE_INVALID",
                "district_code: \"33010\" is not valid: expected a district code of 6 digits",
                "代码格式有误（district_code：\"33010\" 无效，应为 6 位数字的区划代码）",
            ),
            (
                "OF_A_LATER_RELEASE",
                "it is no such thing",
                "it is no such thing",
            ),
            ("CODE_INVALID", "no such", "代码格式有误（no such）"),
            ("CELL_ERROR", "列：单元格为错误值", "列：单元格为错误值"),
        ] {
            assert_eq!(in_chinese(code, message), told);
        }
    }

    #[test]
    fn each_reason_has_one_meaning() {
        assert!(REASONS.is_sorted_by(|one, next| one.0 < next.0));
    }
}

//! Whole sentences that services say of rows, of a program's fields and of answers. A place stands
//! for what the service puts there.

/// The reason, the sentence in a service's words, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "ACCOUNT_NAME_MISMATCH",
        "{given} is not the payee's registered name {registered}: correct it, or give the evidence for another holder in name_exception_evidence",
        "户名 {given} 与登记名称 {registered} 不符：请更正，或在 name_exception_evidence 中写明依据",
    ),
    (
        "ACCOUNT_NUMBER_HIDDEN",
        "a part of the number is hidden, and no account of the payee is recorded that lists show like this: give the whole number",
        "账号的一部分已被隐去，而该收款方没有与此相符的已登记账户：请给出完整账号",
    ),
    (
        "ACCOUNT_NUMBER_HIDDEN",
        "the account was rejected or replaced, or a payment to it came back; with a part of its number hidden it is not proposed again: to propose it, give the whole number",
        "该账户已被驳回或被替换，或曾有退票；账号的一部分隐去时不会再次提出：如要提出，请给出完整账号",
    ),
    (
        "AMOUNT_NEGATIVE",
        "{given} fen; 0 or more is expected",
        "{given} 分，应为 0 以上",
    ),
    (
        "AMOUNT_NOT_POSITIVE",
        "amount_fen must be above 0; to take a fee back, name it in reverses_record_id",
        "amount_fen 须大于 0；冲销请在 reverses_record_id 中写明原记录",
    ),
    (
        "ANSWER_MISMATCH",
        "it came back before: the money may go out twice",
        "此前已退票，款项可能重复付出",
    ),
    (
        "ANSWER_MISMATCH",
        "it says {given} and {ordered} CNY was ordered",
        "回盘为 {given}，应付 {ordered} 元",
    ),
    (
        "ANSWER_MISMATCH",
        "it says {given} and {ordered} was ordered",
        "回盘为 {given} 元，应付 {ordered} 元",
    ),
    (
        "ANSWER_MISMATCH",
        "it refuses something as a whole, and says that money of it goes",
        "整批已被拒绝，却又写有款项已付或正在支付",
    ),
    (
        "ANSWER_MISMATCH",
        "it is for order {order}, and a part of it for {other}",
        "回盘对应支付单 {order}，其中一部分却对应 {other}",
    ),
    (
        "ANSWER_MISMATCH",
        "no released order is called {order}",
        "没有已放款的支付单 {order}",
    ),
    (
        "ANSWER_MISMATCH",
        "the order has no such payment",
        "支付单中没有该笔",
    ),
    (
        "ANSWER_UNREADABLE",
        "an answer has no {why}",
        "回盘不应含{why}",
    ),
    (
        "ANSWER_UNREADABLE",
        "document type",
        "文档类型声明（DOCTYPE）",
    ),
    ("ANSWER_UNREADABLE", "entity of its own", "自定义的实体"),
    ("ANSWER_UNREADABLE", "such depth", "如此深的层次"),
    ("ANSWER_UNREADABLE", "character 0", "字符 0"),
    ("ANSWER_UNREADABLE", "text of such length", "如此长的文字"),
    (
        "ANSWER_UNREADABLE",
        "a cell has more than {count} bytes",
        "有单元格超过 {count} 字节",
    ),
    (
        "ANSWER_UNREADABLE",
        "a quote begins a cell and none ends it",
        "有单元格以引号开始而没有结束的引号",
    ),
    (
        "ANSWER_UNREADABLE",
        "a quote stands inside a cell that another began: write it twice",
        "以引号开始的单元格中又有引号：引号须写两次",
    ),
    (
        "ANSWER_UNREADABLE",
        "a cell holds other rows, so that a quote before it is one too many",
        "有单元格含有其他行，其前应多了一个引号",
    ),
    (
        "ANSWER_UNREADABLE",
        "a cell has the character 0",
        "有单元格含字符 0",
    ),
    (
        "ANSWER_UNREADABLE",
        "column {place}, which has no name, is not empty",
        "第 {place} 列没有列名，却有内容",
    ),
    (
        "ANSWER_UNREADABLE",
        "it has no 批次号 (order_id); only rows of payments may be there",
        "没有批次号；除支付各行外不能有其他行",
    ),
    (
        "ANSWER_UNREADABLE",
        "it has {cells} cells, and the header {least}",
        "有 {cells} 个单元格，而表头有 {least} 个",
    ),
    (
        "ANSWER_UNREADABLE",
        "it has a column {column}, which is not known: {known}",
        "有无法识别的列 {column}；可有的列：批次号、支付单号、结果（成功、退回、失败、处理中），以及金额(元)、原因、备注、序号和导出清单的其他列",
    ),
    (
        "ANSWER_UNREADABLE",
        "it has no column {column}: {known}",
        "缺少列 {column}；须有批次号、支付单号和结果（成功、退回、失败、处理中）",
    ),
    (
        "ANSWER_UNREADABLE",
        "it has no row under its header",
        "只有表头，没有数据行",
    ),
    (
        "ANSWER_UNREADABLE",
        "it has two columns {column}",
        "列 {column} 重复",
    ),
    (
        "ANSWER_UNREADABLE",
        "it is no XML that can be read: {why}",
        "不是可读取的 XML：{why}",
    ),
    (
        "ANSWER_UNREADABLE",
        "it is no pain.002: the document holds {what}",
        "不是 pain.002：文件内容为 {what}",
    ),
    (
        "ANSWER_UNREADABLE",
        "it names no order (OrgnlMsgId)",
        "没有写明支付单（OrgnlMsgId）",
    ),
    (
        "ANSWER_UNREADABLE",
        "it names several orders, and an answer is about one",
        "涉及多个支付单，而一份回盘只对一个",
    ),
    (
        "ANSWER_UNREADABLE",
        "{what} stands there twice",
        "{what} 重复出现",
    ),
    (
        "ANSWER_UNREADABLE",
        "line {line} can't be read: {why}",
        "第 {line} 行无法读取：{why}",
    ),
    (
        "ANSWER_UNREADABLE",
        "the amount {found} has a currency beside it: write {number} alone",
        "金额 {found} 带有货币符号，请只写数值 {number}",
    ),
    (
        "ANSWER_UNREADABLE",
        "line {line} has another result of its payment than line {before}: ask which of them holds",
        "第 {line} 行与第 {before} 行对同一笔支付的结果不同：请核实以何者为准",
    ),
    (
        "ANSWER_UNREADABLE",
        "line {line} has the result {result}: it is one of 成功, 退回, 失败, 处理中, SETTLED, RETURNED, FAILED, PENDING",
        "第 {line} 行的结果为 {result}，应为成功、退回、失败或处理中",
    ),
    (
        "ANSWER_UNREADABLE",
        "line {line} is a header again, so that two lists were joined: leave that line out where both are about one order, else send each by itself",
        "第 {line} 行又是表头，似由两份清单拼接：同一支付单的请删去该行，否则请分别提交",
    ),
    (
        "ANSWER_UNREADABLE",
        "line {line} is about the order {order}, and those before it about {first}: an answer is about one",
        "第 {line} 行属于支付单 {order}，其前各行属于 {first}：一份回盘只对一个支付单",
    ),
    (
        "BANK_CODE_CHECK_DIGIT",
        "the last digit of {code} does not check the others (ISO 7064 MOD 11,10): compare it with the bank's own papers",
        "{code} 的末位与其余各位不符（ISO 7064 MOD 11,10）：请与开户行核对",
    ),
    (
        "BINDING_OVERLAP",
        "account {merchant} of {platform} is bound to {uscc} for {interval}, which overlaps: end that binding first",
        "{platform} 的账号 {merchant} 已绑定 {uscc}（{interval}），期间重叠：请先终止该绑定",
    ),
    (
        "CODE_INVALID",
        "{given} is no prefix of an industry code; 1 to 4 digits are expected",
        "{given} 不是行业代码的开头部分，应为 1 至 4 位数字",
    ),
    (
        "DATE_INVALID",
        "occurred_on must be a day that exists, of the years 1900 to 2999, as YYYY-MM-DD",
        "occurred_on 须为 1900 至 2999 年间存在的日期，写作 YYYY-MM-DD",
    ),
    (
        "DUPLICATE",
        "{item} stands here more than once",
        "{item} 重复",
    ),
    (
        "ENROLLMENT_OVERLAP",
        "the enterprise is enrolled in the program already for {interval}: end that one first, or start after it",
        "该企业已参加该项目（{interval}）：请先终止，或从其后开始",
    ),
    (
        "ENTERPRISE_NOT_FOUND",
        "no enterprise has the code {uscc}: register it first",
        "没有登记 {uscc}：请先登记该企业",
    ),
    (
        "EXCEPTION_NOT_NEEDED",
        "the account is in the payee's registered name and needs no exception: leave the evidence empty",
        "户名与登记名称相符，无须例外依据：请留空",
    ),
    (
        "EXCEPTION_NOT_NEEDED",
        "{uscc} passes its checks and needs no exception: leave the evidence empty",
        "{uscc} 校验无误，无须例外依据：请留空",
    ),
    (
        "FEE_KIND_INVALID",
        "fee_kind must be 1 to 40 capital letters, digits and _, a letter first",
        "fee_kind 须为 1 至 40 个大写字母、数字或 _，以字母开头",
    ),
    (
        "MERCHANT_ID_INVALID",
        "merchant_id must have 1 to 128 bytes in Unicode NFC, none of them of a character that is not seen, such as a byte order mark or a zero-width space, no white space but the space of ASCII, none at either end, and no combining mark at its beginning",
        "merchant_id 须为 1 至 128 字节（Unicode NFC），不含不可见字符，首尾无空格",
    ),
    (
        "NOTICE_DAYS_INVALID",
        "{days}; 0 to {max} are expected",
        "{days} 天，应为 0 至 {max} 天",
    ),
    (
        "OCCURRED_AFTER_PERIOD",
        "occurred_on is after the last day of the period; report it in a later period",
        "occurred_on 晚于该月最后一天；请报入以后的月份",
    ),
    (
        "PAGE_SIZE_INVALID",
        "expected 1 to {max} rows, or 0 for {default}",
        "应为 1 至 {max}，或 0 表示 {default}",
    ),
    (
        "PAYMENT_CLOSED",
        "it came back before: the money may go out twice",
        "此前已退票，款项可能重复付出",
    ),
    (
        "PERIOD_SEALED",
        "the period is sealed; report the record in an open period with its true day",
        "该月已封存；请以真实日期报入未封存的月份",
    ),
    (
        "PLATFORM_NOT_FOUND",
        "no platform is called {platform}: make it known first",
        "没有平台 {platform}：请先登记",
    ),
    (
        "PROGRAM_NOT_FOUND",
        "there is no program {program}: apply it first",
        "没有项目 {program}：请先提交该项目",
    ),
    (
        "RECORD_CONFLICT",
        "the platform's period {period} holds a record of this id; if this is another fee, use a new id, and if that period is open and a wrong file, withdraw it",
        "{period} 已有此编号的记录；如是另一笔费用，请用新编号；如该月未封存且报错了文件，请撤回该月",
    ),
    (
        "RECORD_CONFLICT",
        "this id was accepted before with other content, which stands; use a new id, or a reversal and a new record",
        "此编号已接收过内容不同的记录，仍以其为准；请用新编号，或冲销后以新记录重报",
    ),
    (
        "RECORD_ID_INVALID",
        "record_id must have 1 to 128 bytes in Unicode NFC, none of them of a character that is not seen, such as a byte order mark or a zero-width space, no white space but the space of ASCII, none at either end, and no combining mark at its beginning",
        "record_id 须为 1 至 128 字节（Unicode NFC），不含不可见字符，首尾无空格",
    ),
    (
        "RECORD_IN_SEALED_PERIOD",
        "the platform's period {period}, which is sealed or of which a sealed period takes a record back, holds the same record id; if it is another fee, report it with a new id",
        "{period} 已有此编号的记录，且该月已封存或被已封存的月份冲销；如是另一笔费用，请用新编号报送",
    ),
    (
        "REPEATED_IN_BATCH",
        "an earlier item of the batch is the same with other content: send one of them",
        "同一批中在前的一项与此相同而内容不同：请只保留一项",
    ),
    (
        "REPEATED_IN_BATCH",
        "the same program, enterprise and first day stand earlier in the batch with other content: keep one of them",
        "同一批中在前的一项项目、企业和首日相同而内容不同：请只保留一项",
    ),
    (
        "REVERSAL_EXCEEDS_RECORD",
        "with this, more than the amount of the reversed record would be taken back; take back at most what is left of it",
        "加上此笔，冲销合计将超过原记录；至多冲销其余额",
    ),
    (
        "REVERSAL_MISMATCH",
        "the record that reverses_record_id names is of another merchant or fee kind; name the fee that is taken back",
        "reverses_record_id 所指记录的商户或费用类型不同；请写明所冲销的费用",
    ),
    (
        "REVERSAL_NOT_NEGATIVE",
        "amount_fen must be below 0 in a reversal; a new fee names no reverses_record_id",
        "冲销的 amount_fen 须小于 0；新费用请勿填 reverses_record_id",
    ),
    (
        "REVERSAL_OF_REVERSAL",
        "reverses_record_id names a reversal; report a new record instead",
        "reverses_record_id 所指的是冲销记录；请改报新记录",
    ),
    (
        "REVERSED_RECORD_NOT_FOUND",
        "reverses_record_id names no record that was accepted before in this or an earlier period; report that first, then send this again",
        "reverses_record_id 所指记录在该月及以前均未接收；请先报送原记录，再报此笔",
    ),
    (
        "REVERSED_RECORD_REFUSED",
        "the record that this one reverses was refused when a period was sealed; send it again to reverse the record of the same id that stands",
        "所冲销的记录在封存时已被退回；如要冲销现有的同编号记录，请重新报送",
    ),
    (
        "SHARES_EMPTY",
        "at least one is expected: without one the program shares nothing",
        "至少应有一项，否则项目不分担任何费用",
    ),
    (
        "SHARE_ABOVE_WHOLE",
        "{bps} bps of {kind} are shared; at most 10000 are expected",
        "{kind} 合计分担 {bps} 个基点，应不超过 10000",
    ),
    (
        "SIZE_CLASSES_EMPTY",
        "at least one is expected",
        "至少应有一项",
    ),
];

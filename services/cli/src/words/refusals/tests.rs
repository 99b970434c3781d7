use std::path::Path;

use gazelle_kernel::Uscc;

use super::*;

fn told(reason: &str, figures: &[(&str, &str)]) -> Option<String> {
    let figures = figures
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    refusal(reason, &figures.collect::<HashMap<_, _>>())
}

#[test]
fn a_notice_is_told_by_the_day_that_it_ends_with() {
    assert_eq!(
        told(
            "NOTICE_NOT_OVER",
            &[("notice_ends_at", "2026-12-06T16:00:00Z")]
        )
        .unwrap(),
        "the public notice is not over before end of 2026-12-06"
    );
    assert_eq!(told("NOTICE_NOT_OVER", &[]), None);
}

/// A reason, its figures, and what is said where all of it is known.
type Met = (
    &'static str,
    &'static [(&'static str, &'static str)],
    Option<&'static str>,
);

/// What officials meet.
const MET: &[Met] = &[
    (
        "RUN_OPEN",
        &[("program_id", "a-share"), ("number", "3"), ("run_id", "x")],
        Some("核算 a-share#3 尚未办结，须先批准或取消"),
    ),
    (
        "PERIOD_NOT_OWED",
        &[("periods", "a-mall 2025-01"), ("causes", "SEALED")],
        Some("a-mall 2025-01（已封存）"),
    ),
    (
        "PERMISSION_DENIED",
        &[("may", "officer,auditor")],
        Some("此操作须由 经办人 officer、审计员 auditor 执行"),
    ),
    (
        "PLATFORM_NOT_FOUND",
        &[("platform_id", "officer")],
        Some("没有平台 officer"),
    ),
    (
        "RUN_NOT_PUBLISHED",
        &[("state", "approved")],
        Some("现为已批准，只有公示中的才能批准或提出异议"),
    ),
    ("NOT_STATED", &[("period", "2025-01")], None),
    ("RUN_NOT_FOUND", &[("run_id", "x")], Some("没有核算 x")),
    (
        "OVERFLOW",
        &[("value", "the sum granted")],
        Some("发放合计超出 64 位范围"),
    ),
    (
        "NOTHING_TO_PAY",
        &[
            ("held_count", "1003"),
            ("held", "ACCOUNT_MISSING 1002, ACCOUNT_RETURNED 1"),
        ],
        Some("1,003 个收款人暂不支付：没有已确认的账户 1002、曾退票，账户须重新确认 1"),
    ),
    (
        "PERIOD_NOT_SEALED",
        &[("periods", "a 2025-01, b 2025-01 and 3 more")],
        Some("未封存：a 2025-01, b 2025-01 等，另有 3 个"),
    ),
    (
        "ANSWER_UNREADABLE",
        &[
            ("detail", "it has two columns 结果"),
            ("answer_id", "0191f2ac"),
        ],
        Some("列 结果 重复；已留存为回盘 0191f2ac，未作任何更改"),
    ),
    (
        "DEADLINE_EXCEEDED",
        &[],
        Some("服务在时限内没有收到整条消息；请减少一次发送的内容，或换用更快的线路"),
    ),
    (
        "CHAIN_BROKEN",
        &[
            ("entry_number", "7"),
            ("kind", "ENTRIES_SWAPPED"),
            ("detail", "entry 9 stands in its place"),
        ],
        Some("第 7 条：条目次序被调换（第 9 条占了其位置）"),
    ),
    (
        "LEDGER_BROKEN",
        &[
            ("entry_number", "7"),
            ("kind", "TRAIL_BROKEN"),
            ("detail", "TAIL_CUT: entry 131, the end is said to be 131"),
        ],
        Some(
            "账目第 7 条：用以核对的操作记录有误（操作记录第 131 条：末尾被截去（所记末条为第 131 条））",
        ),
    ),
    (
        "DEPENDENCY_UNAVAILABLE",
        &[("dependency", "database"), ("cause", "READ_ONLY")],
        Some("数据库暂时只读，请稍后重试"),
    ),
];

#[test]
fn what_officials_meet_is_chinese_where_all_of_it_is_known() {
    let told = |reason: &str, figures: &[(&str, &str)]| {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        in_chinese(reason, &figures.iter().map(own).collect::<HashMap<_, _>>())
    };
    for (reason, figures, said) in MET {
        assert_eq!(told(reason, figures).as_deref(), *said, "{reason}");
    }
    for details in DETAILS {
        assert!(details.is_sorted_by(|one, next| one.0 <= next.0));
    }
}

#[test]
fn both_sides_of_a_statement_are_told_in_yuan() {
    let figures = [
        ("stated_record_count", "1"),
        ("stated_total_fen", "1"),
        ("received_record_count", "20"),
        ("received_total_fen", "1145866"),
        ("refused_count", "0"),
    ];
    assert_eq!(
        told("STATEMENT_MISMATCH", &figures).unwrap(),
        "stated 1 record, 0.01 yuan; received 20 records, 11,458.66 yuan; refused 0"
    );
    let mut beyond = figures;
    beyond[1].1 = "9223372036854775807";
    beyond[3].1 = "9223372036854775807";
    let told = told("STATEMENT_MISMATCH", &beyond).unwrap();
    assert!(
        told.contains("received 20 records, more than 92,233"),
        "{told}"
    );
    assert!(told.contains("`gazelle usage withdraw`"), "{told}");
}

/// Told in both languages, by [`refusal`] itself.
const IN_BOTH: [&str; 4] = [
    "CHECK_TOO_LARGE",
    "NOTICE_NOT_OVER",
    "RECEIPT_MISMATCH",
    "STATEMENT_MISMATCH",
];

/// Reasons whose detail is one sentence for all, or none, and why.
const WITHOUT_FIGURES: &[(&str, &str)] = &[
    ("CERTIFICATE_REQUIRED", "the reason says it all"),
    (
        "CONSERVATION_BROKEN",
        "a fault of ours: the log has the figures",
    ),
    ("INTERNAL", "a fault of ours: the log has the figures"),
    (
        "INVALID_FIELD",
        "its fields are told, each for its own reason",
    ),
    ("MESSAGE_UNREADABLE", "the bytes are none of the contract"),
    ("OBJECTION_OPEN", "which one, `settlement objections` shows"),
    ("PAGE_TOKEN_INVALID", "the token is opaque"),
    (
        "PROGRAM_INVALID",
        "its fields are told, each for its own reason",
    ),
    ("TOKEN_REQUIRED", "the reason says it all"),
];

#[test]
fn every_reason_of_the_contract_has_a_detail_in_chinese() {
    let details = || DETAILS.iter().copied().flatten();
    let mut missing = Vec::new();
    for reason in crate::words::reasons::of_contract() {
        let has_figures =
            details().any(|(known, template)| *known == reason && template.contains('{'));
        let is_said = rows::SENTENCES
            .iter()
            .chain(expected::EXPECTED)
            .any(|(known, ..)| *known == reason);
        let is_without = WITHOUT_FIGURES.iter().any(|(known, _)| *known == reason);
        if is_without == (has_figures || is_said || IN_BOTH.contains(&reason)) {
            missing.push(reason);
        }
    }
    assert_eq!(missing, Vec::<&str>::new());
}

/// The services' sources below a folder, with strings that go over several lines in one.
fn sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Its own catalogue says what others should.
        if path.ends_with("words") {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let source = std::fs::read_to_string(path).unwrap();
            for (at, line) in source.split("\\\n").enumerate() {
                found.push_str(if at == 0 { line } else { line.trim_start() });
            }
        }
    }
}

#[test]
fn services_say_what_is_put_into_chinese() {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut said = String::new();
    for service in [
        "kernel",
        "runtime",
        "registry",
        "usage",
        "settlement",
        "client",
        "cli",
    ] {
        sources(&services.join(service).join("src"), &mut said);
    }
    let tables = [
        rows::SENTENCES,
        figures::VALUES,
        expected::EXPECTED,
        own::SENTENCES,
    ];
    let of_trails = trails::SENTENCES.iter();
    let of_trails = of_trails.map(|(english, chinese)| ("CHAIN_BROKEN", *english, *chinese));
    for (reason, english, _) in tables.concat().into_iter().chain(of_trails) {
        let literal = english
            .split('{')
            .map(|part| part.split_once('}').map_or(part, |(_, after)| after));
        for part in literal {
            assert!(
                said.contains(part.trim_end_matches(": ")),
                "{reason}: nobody says {part:?}"
            );
        }
    }
}

#[test]
fn values_of_a_sentence_are_in_its_chinese() {
    assert_eq!(
        sentence(
            "BINDING_OVERLAP",
            "account \"shop\" of a-mall is bound to 91330106MA20003340 for [2025-01-01, \
             2025-03-01), which overlaps: end that binding first"
        )
        .unwrap(),
        "a-mall 的账号 \"shop\" 已绑定 91330106MA20003340（2025-01-01 至 2025-03-01（不含）），期间重叠：请先终止该绑定"
    );
    let refused = Uscc::parse("91330106MA2000334X").unwrap_err().to_string();
    let told = sentence("USCC_CHECK_DIGIT", &format!("uscc: {refused}"));
    assert_eq!(
        told.unwrap(),
        "uscc：\"91330106MA2000334X\" 无效，应为末位与前 17 位相符（GB 32100-2015）"
    );
    let with_value =
        "fee_kind must be 1 to 40 capital letters, digits and _, a letter first: \"x\"";
    let told = sentence("FEE_KIND_INVALID", with_value).unwrap();
    assert!(told.ends_with("：\"x\""), "{told}");
    assert_eq!(sentence("CODE_INVALID", "of a later release"), None);
}

#[test]
fn what_parts_of_this_program_say_is_chinese_with_its_cause() {
    let missing = std::io::Error::from_raw_os_error(2);
    for (reason, said, told) in [
        (
            "CREDENTIAL_UNUSABLE",
            format!("no token to call a service with: cannot use /t: {missing}"),
            "没有可用的令牌：无法使用 /t：there is no such file or folder",
        ),
        (
            "PROGRAM_INVALID",
            "missing field `shares` at line 1 column 7".to_owned(),
            "缺少字段 shares（第 1 行第 7 列）",
        ),
        (
            "PROGRAM_INVALID",
            "shares: invalid type: null, expected a sequence at line 2 column 9".to_owned(),
            "shares：类型不符（第 2 行第 9 列）：空值 null；应为列表",
        ),
        (
            "CREDENTIAL_UNUSABLE",
            format!("cannot use the signing key /k: {missing}"),
            "无法使用签名密钥 /k：there is no such file or folder",
        ),
        (
            "CERTIFICATE_UNUSABLE",
            "Could not parse key pair".to_owned(),
            "不是可用的密钥",
        ),
        (
            "CERTIFICATE_UNUSABLE",
            "Key rejected by ring: WrongAlgorithm".to_owned(),
            "密钥不可用（算法不符）",
        ),
        (
            "HOME_IN_USE",
            "/h is in use by another process".to_owned(),
            "/h 正被另一进程使用",
        ),
    ] {
        assert_eq!(sentence(reason, &said).as_deref(), Some(told));
    }
}

/// What the reader of JSON says of a text.
fn of_json(text: &str) -> String {
    let error = serde_json::from_str::<HashMap<String, u32>>(text).unwrap_err();
    sentence("PROGRAM_INVALID", &error.to_string()).unwrap()
}

#[test]
fn what_is_wrong_with_json_is_chinese() {
    for (text, told) in [
        ("{", "文件不完整（第 1 行第 1 列）：对象没有结束"),
        ("x", "JSON 有误（第 1 行第 1 列）：此处应有值"),
        ("{\"a\": 1,}", "最后一项之后多了逗号"),
        ("{a: 1}", "键须用英文双引号括起"),
        ("{\"a\" 1}", "键之后应为冒号"),
        ("{\"a\": 1 \"b\": 2}", "此处应为逗号或 }"),
        ("{\"a\": 1} x", "结束之后还有内容"),
        ("{\"a\nb\": 1}", "文字中有换行等控制字符"),
        ("{\"a\": \"b\"}", "：文字 \"b\"；应为 0 以上的整数"),
        ("[1]", "：列表；应为对象"),
    ] {
        let said = of_json(text);
        assert!(said.ends_with(told), "{text}: {said}");
    }
}

#[test]
fn what_is_wrong_with_xml_is_chinese() {
    let ill_formed = "ill-formed document: expected `</Id>`, but `</Nm>` was found";
    for (said, told) in [
        (ill_formed, "应为结束标签 </Id>，实为 </Nm>"),
        ("it is cut off", "文件不完整"),
        (
            "syntax error: tag not closed: `>` not found before end of input",
            "文件不完整：标签没有结束",
        ),
    ] {
        let said = format!("it is no XML that can be read: {said}");
        let told = format!("不是可读取的 XML：{told}");
        assert_eq!(sentence("ANSWER_UNREADABLE", &said).unwrap(), told);
    }
}

#[test]
fn an_amount_with_its_currency_is_told_in_chinese() {
    let said =
        "line 2 can't be read: the amount \"¥1.50\" has a currency beside it: write 1.50 alone";
    let told = "第 2 行无法读取：金额 \"¥1.50\" 带有货币符号，请只写数值 1.50";
    assert_eq!(sentence("ANSWER_UNREADABLE", said).as_deref(), Some(told));
}

#[test]
fn why_a_service_is_not_reached_is_chinese() {
    let said = "tcp connect error: Connection refused (os error 111)";
    assert_eq!(connection(said), Some("连接被拒绝"));
    for said in [
        "connection reset",
        "Connection reset by peer (os error 104)",
    ] {
        assert_eq!(connection(said), Some("连接被对方中断"));
    }
    assert_eq!(connection("of a later library"), None);
}

//! What is wrong with a program file, where Chinese is spoken.

use super::{ProgramFile, placed};
use crate::words;

const WHOLE: &str = r#"{"program_id": "a-share", "name": "n", "name_zh": "n",
    "valid_from": "2025-01-01", "valid_to": null, "platforms": ["a-mall"],
    "districts": ["33"], "industries": ["51"], "size_classes": ["MICRO"],
    "enterprise_year_cap_fen": 5, "allocation": "PRO_RATA", "payee": "PLATFORM",
    "excludes": ["other"], "notice_days": 6, "payment_min_fen": 4,
    "shares": [{"fee_kind": "COMMISSION", "government_bps": 1, "platform_bps": 2}],
    "budgets": [{"year": 2025, "amount_fen": 40, "release": "AT_ONCE"}],
    "payer": {"account_name": "区财政局", "account_number": "12345",
        "bank_code": "102331002013", "bank_name": "工行"}}"#;

/// What a file is refused for, in Chinese; none: it is read.
fn told(json: &str) -> Option<String> {
    let error = serde_json::from_str::<ProgramFile>(json).err()?;
    let said = placed(json.as_bytes(), &error);
    Some(words::sentence("PROGRAM_INVALID", &said).unwrap_or(said))
}

/// Codes that an enum has beside those of the file.
const CODES: &str = "JSON true false null SMALL MEDIUM LARGE FIRST_COME MONTHLY ENTERPRISE u";

/// Whether no word of it is English but those of the file and of the keys it may have.
fn is_chinese(told: &str, json: &str) -> bool {
    let known = [WHOLE, CODES, json].join(" ");
    !told.is_ascii() && words::english_of(told, &known).is_empty()
}

#[test]
fn a_value_of_another_type_is_told_in_chinese() {
    let program: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
    let wrong = [
        "\"微型\"",
        "1.5",
        "-3000000000",
        "1e400",
        "null",
        "true",
        "[]",
        "{}",
        "[1]",
    ];
    let wrong = wrong
        .iter()
        .chain(&["{\"a\": 1}", "99999999999999999999", "[null]"]);
    let mut refused = 0;
    for wrong in wrong {
        let mut texts = Vec::new();
        for (key, value) in program.as_object().unwrap() {
            let marked = |it: &mut serde_json::Value| *it = "MARK".into();
            let mut whole = program.clone();
            marked(&mut whole[key]);
            texts.push(whole.to_string());
            let inner = value
                .as_array()
                .and_then(|list| list.first())
                .unwrap_or(value);
            for inside in inner.as_object().into_iter().flat_map(|it| it.keys()) {
                let mut whole = program.clone();
                if value.is_array() {
                    marked(&mut whole[key][0][inside]);
                } else {
                    marked(&mut whole[key][inside]);
                }
                texts.push(whole.to_string());
            }
        }
        for json in texts.iter().map(|text| text.replace("\"MARK\"", wrong)) {
            let told = told(&json);
            refused += usize::from(told.is_some());
            let told = told.unwrap_or_else(|| "可读".to_owned());
            assert!(is_chinese(&told, &json), "{json}: {told}");
        }
    }
    assert!(refused > 250, "{refused}");
}

#[test]
fn keys_and_broken_syntax_are_told_in_chinese() {
    assert_eq!(told(WHOLE), None);
    for (right, wrong) in [
        ("\"name\":", "\"名称\":"),
        ("\"year\":", "\"years\":"),
        ("\"bank_name\":", "\"bank\":"),
        ("\"name_zh\":", "\"name\":"),
        ("\"platform_bps\": 2", "\"government_bps\": 2"),
        (", \"platform_bps\": 2", ""),
        ("\"program_id\": \"a-share\",", ""),
        ("\"allocation\": \"PRO_RATA\",", ""),
        ("\"name\": \"n\"", "\"name\": \"n"),
        ("\"name\": \"n\"", "\"name\": n"),
        ("\"name\": \"n\"", "\"name\": tru"),
        ("\"name\": \"n\"", "\"name\": '"),
        ("\"name\": \"n\"", "\"name\": \"\\q\""),
        ("\"name\": \"n\"", "\"name\": \"\\ud800\""),
        ("\"name\": \"n\"", "\"name\": \"\\ud8\""),
        ("\"name\": \"n\"", "\"name\": \"\\ud800\\u0041\""),
        ("\"name\": \"n\"", "\"name\": \"a\tb\""),
        ("\"name\": \"n\"", "\"name\" \"n\""),
        ("\"name\": \"n\"", "name: \"n\""),
        ("\"name\": \"n\"", "“name”：\"n\""),
        ("\"name\": \"n\",", "\"name\": \"n\""),
        ("\"name\": \"n\",", "\"name\": \"n\"，"),
        ("[\"33\"]", "[\"33\",]"),
        ("[\"33\"]", "[\"33\" \"34\"]"),
        ("\"payment_min_fen\": 4", "\"payment_min_fen\": 04"),
        ("\"payment_min_fen\": 4", "\"payment_min_fen\": 4."),
        ("\"payment_min_fen\": 4", "\"payment_min_fen\": -"),
        ("\"payment_min_fen\": 4", "\"payment_min_fen\": +4"),
        (
            "\"payment_min_fen\": 4",
            "// a comment\n\"payment_min_fen\": 4",
        ),
        ("\"工行\"}}", "\"工行\"}} x"),
        ("\"工行\"}}", "\"工行\"}"),
        ("\"工行\"}}", "\"工行\",}}"),
        ("\"budgets\": [{", "\"budgets\": [[2025, 1], {"),
        ("\"budgets\": [{", "\"budgets\": [[], {"),
    ] {
        let json = WHOLE.replacen(right, wrong, 1);
        assert_ne!(json, WHOLE, "{right}");
        let told = told(&json).unwrap_or_else(|| panic!("{wrong} is read"));
        let known = format!("{json} version applied_by applied_at");
        assert!(is_chinese(&told, &known), "{wrong}: {told}");
    }
    for end in 1..WHOLE.len() {
        let Some(cut) = WHOLE.get(..end) else {
            continue;
        };
        let told = told(cut).unwrap();
        assert!(is_chinese(&told, cut), "{cut}: {told}");
    }
    let deep = WHOLE.replacen("\"n\"", &"[".repeat(300), 1);
    let told = told(&deep).unwrap();
    assert!(is_chinese(&told, &deep), "{told}");
}

//! What the service says of answers that it cannot read, in Chinese.

use gazelle_settlement::domain::payment::file::format::AnswerFormat;

use super::sentence;
use crate::words::english_of;

/// What may stay as it is: names of the formats.
const KNOWN: &str = "XML pain BOM UTF OrgnlMsgId DOCTYPE CDATA version lt gt amp";

fn told(format: AnswerFormat, answer: &[u8]) -> String {
    let said = format.read(answer).unwrap_err();
    let told = sentence("ANSWER_UNREADABLE", &said);
    let told = told.unwrap_or_else(|| panic!("in English: {said}"));
    let known = format!("{KNOWN} {}", String::from_utf8_lossy(answer));
    assert_eq!(english_of(&told, &known), Vec::<&str>::new(), "{told}");
    told
}

fn list(rows: &str) -> Vec<u8> {
    format!("批次号,支付单号,结果,金额(元)\n{rows}").into_bytes()
}

#[test]
fn a_list_that_cannot_be_read_is_told_in_chinese() {
    let long = "长".repeat(1_000);
    for (answer, part) in [
        (list(""), "没有数据行"),
        (list("o,p,成功,1.00\no,q,好,1.00"), "第 3 行的结果为 \"好\""),
        (list("o,p,成功,1.00\nx,q,成功,1.00"), "一份回盘只对一个"),
        (list("o,p,成功,1.00\no,p,退回,1.00"), "与第 2 行"),
        (list("o,p,成功,¥1.00"), "带有货币符号"),
        (list("o,p"), "有 2 个单元格，而表头有 4 个"),
        (list(",p,成功,1.00"), "没有批次号"),
        (list("o,p,成功,1.00,多"), "第 5 列没有列名，却有内容"),
        (list(&format!("o,{long},成功,1.00")), "超过 1024 字节"),
        (list("o,p\0,成功,1.00"), "字符 0"),
        (list("批次号,支付单号,结果,金额(元)"), "又是表头"),
        (b"a,b\n1,2\n".to_vec(), "无法识别的列"),
        ("批次号,结果\n".into(), "缺少列 支付单号"),
        ("批次号,结果,支付结果\n".into(), "重复"),
        (b"\xb3\xc9\xb9\xa6,b\n".to_vec(), "不是 UTF-8 文本"),
        (Vec::new(), "缺少列"),
    ] {
        let told = told(AnswerFormat::TreasuryCsv, &answer);
        assert!(told.contains(part), "{told}");
    }
}

/// A text that stands where a pain.002 has the order's id.
fn in_xml(text: &str) -> Vec<u8> {
    let report = "<CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>";
    format!("<Document>{report}{text}</OrgnlMsgId></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>")
        .into_bytes()
}

/// Files that hold no answer, or are no XML.
const OTHER_XML: &[&[u8]] = &[
    b"",
    b"x",
    b"<a/>",
    b"<Document/>",
    b"<!DOCTYPE a><Document/>",
    b"<!DOCTYPE>",
    b"<!DOCTYPE a",
    b"<?xml?><Document/>",
    b"<?xml encoding='x'?>",
    b"<?xml version='3'?>",
    b"<Document><CstmrPmtStsRpt/></Document>",
    b"\xff\xfe<\0",
    b"<?xml ",
    b"<Document>\xb3\xc9",
    b"<Document><CstmrPmtStsRpt>\xb3\xc9</CstmrPmtStsRpt></Document>",
    b"<\xb3\xc9/>",
    "<?xml version='1.0' encoding='GBK'?><文件/>".as_bytes(),
    b"<Document/><Document/>",
];

#[test]
fn xml_that_cannot_be_read_is_told_in_chinese() {
    let deep = "<a>".repeat(70);
    for text in [
        "&own;",
        "&",
        "&amp",
        "&#x110000;",
        "&#xq;",
        "&#;",
        "&#+5;",
        "&#0;",
        "&#99999999999;",
        "\0",
        "<",
        "<a",
        "<a b='",
        "<a b=\"",
        "<a b>",
        "<a/b>",
        "<!-- ",
        "<!-- -- -->",
        "<![CDATA[",
        "<?",
        "<!x>",
        "</b>",
        "</>",
        "<b></c>",
        "]]>",
        "<>",
        &deep,
        &"x".repeat(2_000),
    ] {
        let answer = in_xml(text);
        if AnswerFormat::Pain002.read(&answer).is_err() {
            told(AnswerFormat::Pain002, &answer);
        }
    }
    for answer in OTHER_XML {
        told(AnswerFormat::Pain002, answer);
    }
    let whole = in_xml("o");
    for end in 0..whole.len() {
        told(AnswerFormat::Pain002, &whole[..end]);
    }
}

use gazelle_kernel::Fen;

use super::*;

#[test]
fn a_list_says_what_became_of_each_payment() {
    let text = "\u{feff}原因,支付单号,批次号,结果,金额(元)\r\n,o-1-1,o-1,成功,\"1,680.32\"\r\n\
                账号错误,o-1-2,o-1,退回,\r\n";
    let answer = read(text.as_bytes()).unwrap();
    assert_eq!(answer.order_id, "o-1");
    let line = |id: &str, said, reason: &str, amount| AnswerLine {
        end_to_end_id: id.to_owned(),
        said,
        reason: reason.to_owned(),
        amount,
    };
    let amount = Some(Repeated::Fen(Fen::new(168_032)));
    assert_eq!(
        answer.lines,
        [
            line("o-1-1", Said::Settled, "", amount),
            line("o-1-2", Said::Returned, "账号错误", None),
        ]
    );
}

#[test]
fn rows_that_say_two_things_of_one_payment_are_refused_whatever_their_order() {
    let head = "批次号,支付单号,结果";
    for (one, other) in [("成功", "失败"), ("退回", "成功")] {
        let text = format!("{head}\no-1,p-1,{one}\no-1,p-2,成功\no-1,P-1,{other}\n");
        let refused = read(text.as_bytes()).unwrap_err();
        assert_eq!(refused, UnreadableList::TwoResults { line: 4, before: 2 });
    }
    for (one, other) in [("成功", "成功"), ("处理中", "失败"), ("失败", "退回")] {
        let text = format!("{head}\no-1,p-1,{one}\no-1,p-1,{other}\n");
        assert_eq!(read(text.as_bytes()).unwrap().lines.len(), 2, "{text}");
    }
}

#[test]
fn a_quote_that_is_missing_or_one_too_many_swallows_no_payment() {
    let head = "批次号,支付单号,结果,原因";
    for (rows, line, says) in [
        (
            "o-1,p-1,退回,\"账户不符\no-1,p-2,成功,\n",
            2,
            "none ends it",
        ),
        (
            "o-1,p-1,成功,\no-1,p-2,退回,\"不符\no-1,p-3,成功,\no-1,p-4,退回,\"x\n",
            3,
            "twice",
        ),
        (
            "o-1,p-1,退回,\"x\no-1,p-2,退回,y\"\no-1,p-3,成功,\n",
            2,
            "other rows",
        ),
        (
            "o-1,p-1,退回,\"\no-1,p-2,退回,\"\no-1,p-3,成功,\n",
            2,
            "other rows",
        ),
    ] {
        match read(format!("{head}\n{rows}").as_bytes()) {
            Err(UnreadableList::Line { line: at, why }) => {
                assert!(at == line && why.contains(says), "{at}: {why}");
            }
            other => panic!("{other:?}"),
        }
    }
    let mac = "o-1,p-1,退回,\"x\ro-1,p-2,退回,y\"\ro-1,p-3,成功,\r";
    let mac = format!("{head}\r{mac}");
    assert!(matches!(
        read(mac.as_bytes()),
        Err(UnreadableList::Line { line: 2, .. })
    ));
    let advice = "o-1,p-1,退回,\"户名不符：\n请核对,补正,重报,谢谢\"\n";
    assert!(read(format!("{head}\n{advice}").as_bytes()).is_ok());
    let rows = "o-1,p-1,退回,\"账户\n\"\"不符\"\"\"\no-1,p-2,成功,\"\"\n";
    let answer = read(format!("{head}\n{rows}").as_bytes()).unwrap();
    assert_eq!(answer.lines[0].reason, "账户\n\"不符\"");
    assert_eq!(answer.lines.len(), 2);
}

#[test]
fn a_list_is_read_as_spreadsheets_leave_it() {
    let head = "批次号;支付单号;结果";
    for text in [
        format!("{head}\ro-1;p-1;成功\r"),
        format!("{head}\r\r\no-1;p-1;成功\r\r\n"),
        format!("{head}\n;;\no-1;p-1;成功\n ; ;\n\n"),
    ] {
        for separator in [";", ",", "\t"] {
            let text = text.replace(';', separator);
            let answer = read(text.as_bytes()).unwrap();
            assert_eq!(answer.order_id, "o-1", "{text:?}");
            assert_eq!(answer.lines.len(), 1, "{text:?}");
        }
    }
}

#[test]
fn a_row_that_shows_nothing_is_no_row() {
    let head = "批次号;支付单号;结果";
    let row = "o-1;p-1;成功";
    for text in [
        format!("{head}\n{row}\n;\n;;;;;\n;;\n"),
        format!("{head}\n \u{3000} \t\n\u{200b};\n{row}\n"),
        format!("  \n;;;\n{head}\n{row}"),
        format!("{head}\r\n{row}\r\n\u{1a}"),
        format!("{head}\r\n{row}\r\n\u{feff}"),
        format!("{head}\r\n{row};;\r\n,,\r\n"),
        format!("{head};;\n{row}\n"),
        format!("sep=;\r\n{head}\r\n{row}\r\n"),
        format!("\u{feff}SEP=;\n{head}\n{row}\n"),
    ] {
        for separator in [";", ",", "\t"] {
            let text = text.replace(';', separator);
            let answer = read(text.as_bytes()).unwrap_or_else(|e| panic!("{text:?}: {e}"));
            assert_eq!(answer.lines.len(), 1, "{text:?}");
            assert_eq!(answer.lines[0].end_to_end_id, "p-1", "{text:?}");
        }
    }
}

#[test]
fn a_row_of_another_length_is_refused_with_its_line() {
    let head = "批次号,支付单号,结果,金额\n\n \n";
    for (row, why) in [
        ("o-1,p-1,成功", "3 cells, and the header 4"),
        ("o-1,p-1,成功,1,680.00", "column 5, which has no name"),
        ("o-1,p-1,成功,1,,0", "column 6, which has no name"),
    ] {
        let text = format!("{head}{row}\n");
        let told = read(text.as_bytes()).unwrap_err().to_string();
        assert!(told.contains("line 4") && told.contains(why), "{told}");
    }
}

#[test]
fn what_makes_a_spreadsheet_take_a_cell_for_text_is_no_part_of_it() {
    for cell in ["=\"p-1-2\"", "\"=\"\"p-1-2\"\"\"", " =\" p-1-2 \" "] {
        let text = format!("=\"批次号\",支付单号,结果\n=\"o-1\",{cell},=\"成功\"\n");
        let answer = read(text.as_bytes()).unwrap();
        assert_eq!(answer.order_id, "o-1");
        assert_eq!(answer.lines[0].end_to_end_id, "p-1-2");
    }
}

#[test]
fn a_second_header_is_told_as_one() {
    let head = "批次号,支付单号,结果";
    for (text, line) in [
        (format!("{head}\no-1,p-1,成功\n{head}\no-1,p-2,成功\n"), 3),
        (format!("{head}\r\n\r\n\u{feff}{head}\r\n"), 3),
        (
            format!("{head}\no-1,p-1,成功\n结果,order,payment,金额\n"),
            3,
        ),
        (format!("sep=,\r{head}\ro-1,p-1,成功\r{head}\r"), 4),
    ] {
        let refused = read(text.as_bytes()).unwrap_err();
        assert_eq!(refused, UnreadableList::HeaderAgain { line }, "{text:?}");
    }
}

#[test]
fn an_amount_is_read_whatever_its_column_is_called() {
    for name in [
        "金额(元)",
        "金额（元）",
        " 金额 （ 元 ） ",
        "金额",
        "支付金额",
        "amount",
        "Amount_Yuan",
        "ａｍｏｕｎｔ",
    ] {
        let text = format!("批次号,支付单号,结果,{name}\no-1,p-1,成功,\"378.31\"\n");
        let answer = read(text.as_bytes()).unwrap();
        let amount = Some(Repeated::Fen(Fen::new(37_831)));
        assert_eq!(answer.lines[0].amount, amount, "{name:?}");
    }
}

#[test]
fn the_exported_list_is_an_answer_once_it_has_results() {
    let text = format!(
        "{},结果,原因,备注,\no-1,p-1,甲,1,行,2,1.00,壹元整,x,2025,share,成功,,,\n",
        treasury::csv_head().trim_end()
    );
    let answer = read(text.as_bytes()).unwrap();
    assert_eq!(answer.lines[0].amount, Some(Repeated::Fen(Fen::new(100))));
}

#[test]
fn a_column_that_is_not_known_is_named_with_those_that_are() {
    let told = |head: &str| read(head.as_bytes()).unwrap_err().to_string();
    let unknown = told("批次号,支付单号,结果,实付数\no-1,p-1,成功,1.00\n");
    assert!(
        unknown.contains("\"实付数\"") && unknown.contains("金额(元)"),
        "{unknown}"
    );
    assert_eq!(
        read("批次号,支付单号,结果,金额,amount\n".as_bytes()),
        Err(UnreadableList::ColumnTwice("金额(元)"))
    );
    let missing = told("批次号\n");
    assert!(
        missing.contains("no column 支付单号, 结果:") && missing.contains("失败"),
        "{missing}"
    );
    let beside = told("批次号,支付单号,结果,\no-1,p-1,成功,1.00\n");
    assert!(beside.contains("column 4, which has no name"), "{beside}");
    let total = told("批次号,支付单号,结果\no-1,p-1,成功\n,合计,\n");
    assert!(
        total.contains("line 3") && total.contains("no 批次号"),
        "{total}"
    );
    let other = told("批次号,支付单号,结果\no-1,p-1,成功\no-2,p-2,成功\n");
    assert!(
        other.contains("\"o-2\"") && other.contains("\"o-1\""),
        "{other}"
    );
    let word = told("批次号,支付单号,结果\no-1,p-1,好\n");
    assert!(word.contains("退回, 失败, 处理中"), "{word}");
}

#[test]
fn what_is_no_answer_list_is_refused() {
    let head = "order_id,payment_id,result\n";
    for text in [
        String::new(),
        "order_id,payment_id\no,p\n".to_owned(),
        head.to_owned(),
        format!("{head}o-1,p-1,成功\no-2,p-2,成功\n"),
        format!("{head}o-1,p-1,maybe\n"),
        format!("{head}o-1,p-1\n"),
        format!("{head},p-1,成功\n"),
        format!("{head}o-1,p\0,成功\n"),
        format!("{head}o-1,{},成功\n", "p".repeat(2_000)),
    ] {
        assert!(read(text.as_bytes()).is_err(), "{text}");
    }
    assert!(read(b"order_id,payment_id,result\n\xff,p,SETTLED\n").is_err());
}

#[test]
fn an_amount_with_its_currency_is_refused_by_the_number_that_is_asked_for() {
    for amount in ["¥6870.49", "6870.49元", "CNY 6870.49"] {
        let text = format!("批次号,支付单号,结果,金额\no-1,p-1,成功,{amount}\n");
        let refused = read(text.as_bytes()).unwrap_err().to_string();
        assert!(refused.starts_with("line 2 can't be read"), "{refused}");
        assert!(refused.ends_with("write 6870.49 alone"), "{refused}");
    }
    let text = "批次号,支付单号,结果,金额\no-1,p-1,成功,1.5万元\n";
    let other = Some(Repeated::Other("1.5万元".to_owned()));
    assert_eq!(read(text.as_bytes()).unwrap().lines[0].amount, other);
}

//! What answers say, and what is no answer.

use super::*;

fn message(version: &str, inner: &str) -> String {
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document \
         xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>B1</MsgId></GrpHdr>{inner}</CstmrPmtStsRpt></Document>"
    )
}

fn group(status: &str) -> String {
    format!(
        "<OrgnlGrpInfAndSts><OrgnlMsgId>o-1</OrgnlMsgId>\
         <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{status}</OrgnlGrpInfAndSts>"
    )
}

fn lines(inner: &str) -> String {
    let inner = format!(
        "{}<OrgnlPmtInfAndSts><OrgnlPmtInfId>o-1</OrgnlPmtInfId>{inner}</OrgnlPmtInfAndSts>",
        group("")
    );
    message("10", &inner)
}

fn parsed(text: &str) -> Answer {
    read(text.as_bytes()).unwrap()
}

#[test]
fn a_line_says_what_became_of_a_payment_and_why() {
    let answer = parsed(&lines(
        "<TxInfAndSts><OrgnlEndToEndId> p-1 </OrgnlEndToEndId><TxSts>RJCT</TxSts>\
         <StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></StsRsnInf>\
         <OrgnlTxRef><Amt><InstdAmt Ccy=\"CNY\">12.3</InstdAmt></Amt></OrgnlTxRef>\
         </TxInfAndSts>\
         <x:TxInfAndSts xmlns:x=\"y\"><x:OrgnlEndToEndId>p&amp;&#50;</x:OrgnlEndToEndId>\
         <x:TxSts>PDNG</x:TxSts></x:TxInfAndSts>",
    ));
    let first = AnswerLine {
        end_to_end_id: "p-1".to_owned(),
        said: Said::Returned,
        reason: "AC04".to_owned(),
        amount: Some(Repeated::Fen(Fen::new(1_230))),
    };
    let second = AnswerLine {
        end_to_end_id: "p&2".to_owned(),
        said: Said::Noted("PDNG".to_owned()),
        reason: String::new(),
        amount: None,
    };
    assert_eq!((answer.order_id.as_str(), answer.whole), ("o-1", None));
    assert_eq!(answer.lines, [first, second]);
}

#[test]
fn what_a_bank_adds_of_its_own_is_not_read_however_long() {
    let added = format!(
        "<SplmtryData><Envlp><TxInfAndSts><Sgntr>{}</Sgntr><OrgnlEndToEndId>p-2</OrgnlEndToEndId>\
         <TxSts>RJCT</TxSts></TxInfAndSts></Envlp></SplmtryData>",
        "x".repeat(5_000)
    );
    let line = format!(
        "<TxInfAndSts><OrgnlEndToEndId>p-1</OrgnlEndToEndId><TxSts>ACSC</TxSts>{added}\
         </TxInfAndSts>"
    );
    let answer = parsed(&lines(&line).replace("</CstmrPmtStsRpt>", &(added + "</CstmrPmtStsRpt>")));
    let settled = AnswerLine {
        end_to_end_id: "p-1".to_owned(),
        said: Said::Settled,
        reason: String::new(),
        amount: None,
    };
    assert_eq!((answer.lines, answer.whole), (vec![settled], None));
}

#[test]
fn a_payment_without_a_status_has_that_of_its_group() {
    let line = "<TxInfAndSts><OrgnlEndToEndId>p-1</OrgnlEndToEndId></TxInfAndSts>";
    let said = |inner: &str| parsed(&lines(inner)).lines[0].said.clone();
    assert_eq!(
        said(&format!("<PmtInfSts>RJCT</PmtInfSts>{line}")),
        Said::Returned
    );
    assert_eq!(said(line), Said::Noted(String::new()));
}

#[test]
fn an_answer_without_payments_says_what_became_of_all() {
    let reason = "<StsRsnInf><Rsn><Prtry>FORMAT</Prtry></Rsn></StsRsnInf>";
    let refused = Some((Said::Returned, "FORMAT".to_owned()));
    let inner = group(&format!("<GrpSts>RJCT</GrpSts>{reason}"));
    assert_eq!(parsed(&message("03", &inner)).whole, refused);
    assert_eq!(
        parsed(&lines(&format!("<PmtInfSts>RJCT</PmtInfSts>{reason}"))).whole,
        refused
    );
    let accepted = parsed(&message("14", &group("<GrpSts>ACTC</GrpSts>")));
    assert_eq!(
        accepted.whole,
        Some((Said::Noted("ACTC".to_owned()), String::new()))
    );
    assert_eq!(parsed(&message("14", &group(""))).whole, None);
    let both = group(&format!("<GrpSts>RJCT</GrpSts>{reason}"))
        + "<OrgnlPmtInfAndSts><PmtInfSts>ACTC</PmtInfSts></OrgnlPmtInfAndSts>";
    assert_eq!(parsed(&message("10", &both)).whole, refused);
}

#[test]
fn a_part_may_be_about_another_order() {
    let other = |id: &str| {
        let about = |id| format!("<OrgnlPmtInfId>{id}</OrgnlPmtInfId>");
        let text = lines("<PmtInfSts>RJCT</PmtInfSts>").replace(&about("o-1"), &about(id));
        parsed(&text).other_order_id
    };
    assert_eq!(other("o-2"), Some("o-2".to_owned()));
    for same in ["o-1", "O-1", "", "NOTPROVIDED"] {
        assert_eq!(other(same), None, "{same}");
    }
    let part = |id: &str| format!("<OrgnlPmtInfAndSts>{id}</OrgnlPmtInfAndSts>");
    let parts =
        ["o-1", "O-1", "o-3", "o-2"].map(|id| format!("<OrgnlPmtInfId>{id}</OrgnlPmtInfId>"));
    let parts = parts.map(|id| part(&id)).concat();
    let answer = parsed(&message("10", &(group("") + &parts)));
    assert_eq!(answer.other_order_id, Some("o-3".to_owned()));
}

#[test]
fn what_is_refused_as_a_whole_and_goes_contradicts_itself() {
    let status = |element: &str, code: &str| format!("<{element}>{code}</{element}>");
    let line = |code: &str| {
        let status = status("TxSts", code);
        format!("<TxInfAndSts><OrgnlEndToEndId>p-1</OrgnlEndToEndId>{status}</TxInfAndSts>")
    };
    let part = |code: &str, lines: &str| {
        let status = status("PmtInfSts", code);
        format!("<OrgnlPmtInfAndSts>{status}{lines}</OrgnlPmtInfAndSts>")
    };
    let answer = |code: &str, parts: &str| {
        let group = if code.is_empty() {
            group("")
        } else {
            group(&status("GrpSts", code))
        };
        read(message("10", &(group + parts)).as_bytes())
    };
    let (settled, returned) = (line("ACSC"), line("RJCT"));
    for (code, parts) in [
        ("", part("RJCT", &settled)),
        ("RJCT", part("PART", &settled)),
        ("RJCT", part("ACSC", "")),
        ("RJCT", part("ACSC", "<TxInfAndSts></TxInfAndSts>")),
        ("ACSC", part("RJCT", "")),
        ("", part("RJCT", "") + &part("ACSC", "")),
        ("", part("RJCT", "") + &part("PART", &settled)),
        ("", part("RJCT", "") + &part("ACSP", "")),
        ("RJCT", part("ACWC", "")),
    ] {
        let read = answer(code, &parts).unwrap();
        assert!(read.contradicts_itself, "{code} {parts}");
    }
    for (code, part) in [
        ("RJCT", part("RJCT", "")),
        ("PART", part("RJCT", "")),
        ("ACTC", part("RJCT", "")),
        ("RJCT", part("PDNG", "")),
    ] {
        let read = answer(code, &part).unwrap();
        assert!(!read.contradicts_itself, "{code} {part}");
        assert!(matches!(read.whole, Some((Said::Returned, _))), "{part}");
    }
    for (code, parts, count) in [
        ("", part("PART", &settled), 1),
        ("ACSC", part("ACSC", &returned), 1),
        ("RJCT", part("RJCT", &returned), 1),
        // Some group payments by what became of them.
        ("", part("RJCT", &returned) + &part("ACSC", &settled), 2),
    ] {
        let read = answer(code, &parts).unwrap();
        assert!(!read.contradicts_itself, "{code} {parts}");
        assert_eq!(read.lines.len(), count, "{parts}");
    }
}

#[test]
fn how_many_go_of_what_is_refused_counts_too() {
    let told = |count: &str, code: &str| {
        format!(
            "<NbOfTxsPerSts>{count}<DtldSts>{code}</DtldSts></NbOfTxsPerSts><GrpSts>RJCT</GrpSts>"
        )
    };
    for (count, code, goes) in [
        ("<DtldNbOfTxs>5</DtldNbOfTxs>", "ACSC", true),
        ("", "ACSP", true),
        ("<DtldNbOfTxs>0</DtldNbOfTxs>", "ACSC", false),
        ("<DtldNbOfTxs>5</DtldNbOfTxs>", "RJCT", false),
    ] {
        let answer = parsed(&message("10", &group(&told(count, code))));
        assert_eq!(answer.contradicts_itself, goes, "{count} {code}");
        let part = told(count, code).replace("GrpSts", "PmtInfSts");
        assert_eq!(parsed(&lines(&part)).contradicts_itself, goes, "{part}");
    }
}

#[test]
fn what_may_be_said_once_is_not_said_twice() {
    let line = |inner: &str| lines(&format!("<TxInfAndSts>{inner}</TxInfAndSts>"));
    let amount = "<Amt><InstdAmt Ccy=\"CNY\">1</InstdAmt></Amt>";
    let one = "<GrpSts>ACSC</GrpSts>";
    let twice = group(&format!("{one}<GrpSts>RJCT</GrpSts>"));
    for (text, what) in [
        (message("10", &twice), "GrpSts"),
        (message("10", &(group(one) + &group(one))), "GrpSts"),
        (
            lines("<PmtInfSts>ACSC</PmtInfSts><PmtInfSts>RJCT</PmtInfSts>"),
            "PmtInfSts",
        ),
        (line("<TxSts>RJCT</TxSts><TxSts>ACSC</TxSts>"), "TxSts"),
        (
            line("<OrgnlEndToEndId>a</OrgnlEndToEndId><OrgnlEndToEndId>b</OrgnlEndToEndId>"),
            "OrgnlEndToEndId",
        ),
        (
            line(&format!("<OrgnlTxRef>{amount}{amount}</OrgnlTxRef>")),
            "InstdAmt",
        ),
    ] {
        assert_eq!(
            read(text.as_bytes()).unwrap_err(),
            UnreadableXml::Twice(what)
        );
    }
}

#[test]
fn an_amount_of_something_else_is_told_apart() {
    for (amount, said) in [
        ("Ccy=\"USD\">12.30", "12.30 USD"),
        ("Ccy=\"CNY\">1.234", "1.234 CNY"),
    ] {
        let answer = parsed(&lines(&format!(
            "<TxInfAndSts><OrgnlTxRef><Amt><InstdAmt {amount}</InstdAmt></Amt></OrgnlTxRef>\
             </TxInfAndSts>"
        )));
        assert_eq!(
            answer.lines[0].amount,
            Some(Repeated::Other(said.to_owned()))
        );
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    let whole = lines("");
    let doctype = "<!DOCTYPE d [<!ENTITY e \"RJCT\">]><Document/>";
    let entity = lines("<PmtInfSts>&e;</PmtInfSts>");
    let other = whole.replace("CstmrPmtStsRpt", "CstmrCdtTrfInitn");
    let two = message("10", &(group("") + &group("").replace("o-1", "o-2")));
    let deep = lines(&("<a>".repeat(80) + &"</a>".repeat(80)));
    let long = lines(&format!("<PmtInfSts>{}</PmtInfSts>", "x".repeat(2_000)));
    for text in [
        "",
        "no xml",
        &whole[..whole.len() - 20],
        doctype,
        &entity,
        &other,
        &two,
        &deep,
        &long,
        &message("10", ""),
        &(whole.clone() + &whole),
    ] {
        assert!(read(text.as_bytes()).is_err(), "{text}");
    }
}

//! The payment file for a bank: ISO 20022 `pain.001.001.09`, written piece by piece.
//!
//! [`head`], then [`payment`] for each payment in their order, then [`TAIL`]; so an order of any
//! size is sent without being held as text. Nothing in it depends on when it is written.

use gazelle_kernel::{Fen, day_in_shanghai, format_second_in_shanghai};

use super::{
    amount::yuan,
    order::{FileAccount, FileOrder, FilePayment},
};

/// The longest name and remittance that the format holds, in characters.
pub const TEXT_CHARACTERS_MAX: usize = 140;

/// The largest amount and total that the format holds: 18 digits.
pub const AMOUNT_MAX: Fen = Fen::new(999_999_999_999_999_999);

/// What ends the file.
pub const TAIL: &str = "</PmtInf></CstmrCdtTrfInitn></Document>\n";

/// What begins the file.
#[must_use]
pub fn head(order: &FileOrder) -> String {
    let order_id = text(&order.order_id);
    let count = order.payment_count;
    let total = yuan(order.total);
    let day = day_in_shanghai(order.released_at);
    let payer = name(&order.payer.name);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">\
         <CstmrCdtTrfInitn><GrpHdr><MsgId>{order_id}</MsgId><CreDtTm>{created}</CreDtTm>\
         <NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>\
         <InitgPty><Nm>{payer}</Nm></InitgPty></GrpHdr>\
         <PmtInf><PmtInfId>{order_id}</PmtInfId><PmtMtd>TRF</PmtMtd>\
         <NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>\
         <ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt>\
         <Dbtr><Nm>{payer}</Nm></Dbtr><DbtrAcct>{account}</DbtrAcct><DbtrAgt>{bank}</DbtrAgt>",
        created = format_second_in_shanghai(order.released_at),
        account = account(&order.payer),
        bank = bank(&order.payer),
    )
}

/// A payment, on a line of its own.
#[must_use]
pub fn payment(order: &FileOrder, payment: &FilePayment) -> String {
    let remittance = format!("{} {}", order.program_id, order.order_id);
    format!(
        "\n<CdtTrfTxInf><PmtId><EndToEndId>{id}</EndToEndId></PmtId>\
         <Amt><InstdAmt Ccy=\"CNY\">{amount}</InstdAmt></Amt>\
         <CdtrAgt>{bank}</CdtrAgt><Cdtr><Nm>{payee}</Nm></Cdtr><CdtrAcct>{account}</CdtrAcct>\
         <RmtInf><Ustrd>{remittance}</Ustrd></RmtInf></CdtTrfTxInf>",
        id = text(&payment.end_to_end_id),
        amount = yuan(payment.amount),
        bank = bank(&payment.payee),
        payee = name(&payment.payee.name),
        account = account(&payment.payee),
        remittance = name(&remittance),
    )
}

fn account(account: &FileAccount) -> String {
    format!("<Id><Othr><Id>{}</Id></Othr></Id>", text(&account.number))
}

/// The bank, by its clearing member id alone where it has no name.
fn bank(account: &FileAccount) -> String {
    let bank_name = match name(&account.bank_name) {
        empty if empty.is_empty() => empty,
        bank_name => format!("<Nm>{bank_name}</Nm>"),
    };
    format!(
        "<FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>{}</MmbId>\
         </ClrSysMmbId>{bank_name}</FinInstnId>",
        text(&account.bank_code)
    )
}

/// A name of at most [`TEXT_CHARACTERS_MAX`] characters.
fn name(value: &str) -> String {
    let end = value.char_indices().nth(TEXT_CHARACTERS_MAX);
    text(&value[..end.map_or(value.len(), |(end, _)| end)])
}

/// Text of an element. XML has no way to write some characters, not even escaped.
fn text(value: &str) -> String {
    let writable = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let written: String = value
        .chars()
        .map(|character| {
            if writable(character) {
                character
            } else {
                '\u{fffd}'
            }
        })
        .collect();
    quick_xml::escape::escape(written).into_owned()
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::{ProgramId, Year, parse_instant};

    use super::*;

    fn order() -> FileOrder {
        FileOrder {
            order_id: "card-fee-relief-7".to_owned(),
            released_at: parse_instant("2026-03-31T16:30:00.25Z").unwrap(),
            program_id: ProgramId::parse("card-fee-relief").unwrap(),
            program_name: "刷卡手续费补贴".to_owned(),
            payer: FileAccount {
                name: "杭州市财政局".to_owned(),
                number: "1202020209900123456".to_owned(),
                bank_code: "102331002026".to_owned(),
                bank_name: "工商银行杭州分行".to_owned(),
            },
            payment_count: 1,
            total: Fen::new(123_405),
        }
    }

    fn to(name: &str) -> FilePayment {
        FilePayment {
            end_to_end_id: "card-fee-relief-7-1".to_owned(),
            payee: FileAccount {
                name: name.to_owned(),
                number: "33001616".to_owned(),
                bank_code: "105331000013".to_owned(),
                bank_name: String::new(),
            },
            amount: Fen::new(123_405),
            years: vec![Year::new(2026).unwrap()],
        }
    }

    #[test]
    fn the_day_of_payment_is_that_of_the_release_in_shanghai() {
        let head = head(&order());
        assert!(
            head.contains("<ReqdExctnDt><Dt>2026-04-01</Dt></ReqdExctnDt>"),
            "{head}"
        );
        assert!(
            head.contains("<CreDtTm>2026-04-01T00:30:00+08:00</CreDtTm>"),
            "{head}"
        );
        assert_eq!(head.matches("<CtrlSum>1234.05</CtrlSum>").count(), 2);
    }

    #[test]
    fn a_name_is_text_whatever_is_in_it() {
        let written = payment(&order(), &to("A&B <杭州> \"𠮷\"\u{fffe}有限公司"));
        assert!(
            written.contains("<Nm>A&amp;B &lt;杭州&gt; &quot;𠮷&quot;\u{fffd}有限公司</Nm>"),
            "{written}"
        );
        assert!(!written.contains("<FinInstnId><Nm>"), "{written}");
    }

    #[test]
    fn a_name_is_no_longer_than_the_format_holds() {
        let written = payment(&order(), &to(&"𠮷".repeat(150)));
        assert_eq!(written.matches('𠮷').count(), TEXT_CHARACTERS_MAX);
    }

    #[test]
    fn the_remittance_names_program_and_order() {
        let written = payment(&order(), &to("杭州"));
        assert!(written.contains("<Ustrd>card-fee-relief card-fee-relief-7</Ustrd>"));
        assert!(written.contains("<InstdAmt Ccy=\"CNY\">1234.05</InstdAmt>"));
    }
}

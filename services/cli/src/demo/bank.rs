//! A bank: it reads a payment file, and answers what became of each payment.

use std::fmt::Write as _;

/// Answers a `pain.001` with a `pain.002`. Of `returned_one_of` payments one comes back, since its
/// account is closed; the others are there.
pub(super) fn answer(file: &str, returned_one_of: usize) -> String {
    let order_id = texts(file, "MsgId").next().unwrap_or_default();
    let mut answer = format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>answer-{order_id}</MsgId></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>{order_id}</OrgnlMsgId></OrgnlGrpInfAndSts>\
         <OrgnlPmtInfAndSts>"
    );
    for (number, payment_id) in (1..).zip(texts(file, "EndToEndId")) {
        let status = if number % returned_one_of == 0 {
            "<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>"
        } else {
            "<TxSts>ACSC</TxSts>"
        };
        let _ = write!(
            answer,
            "<TxInfAndSts><OrgnlEndToEndId>{payment_id}</OrgnlEndToEndId>{status}</TxInfAndSts>"
        );
    }
    answer + "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
}

/// What stands in each element of that name. A file of ours has no attributes there, and ids need
/// no escapes.
fn texts<'a>(file: &'a str, element: &str) -> impl Iterator<Item = &'a str> {
    let begin = format!("<{element}>");
    let parts: Vec<_> = file.split(&*begin).skip(1).collect();
    parts.into_iter().filter_map(|part| part.split('<').next())
}

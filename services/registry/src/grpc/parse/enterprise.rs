//! What requests say about enterprises and changes of their codes.

use gazelle_kernel::{DistrictCode, IndustryCode, ParseError, parse_date};
use gazelle_proto::{optional, registry::v1 as pb};
use gazelle_runtime::status::{FieldExt, FieldViolation};

use super::common::{InItem, explanation, name, uscc};
use crate::domain::{
    enterprise::{Code, CodeChange, Enterprise},
    import::Item,
    refusal::ItemRefused,
};

/// An enterprise of a batch.
pub fn enterprise(item: &pb::Enterprise) -> Item<Enterprise> {
    let evidence = &item.uscc_exception_evidence;
    let enterprise = Enterprise {
        uscc: uscc(&item.uscc).at("uscc")?,
        name: name(&item.name).at("name")?,
        district_code: DistrictCode::parse(&item.district_code).at("district_code")?,
        industry_code: IndustryCode::parse(&item.industry_code).at("industry_code")?,
        established_on: optional::parse(&item.established_on, parse_date).at("established_on")?,
        uscc_exception_evidence: optional::parse(evidence, explanation)
            .at("uscc_exception_evidence")?,
    };
    enterprise.accept().map_err(ItemRefused::Evidence)
}

/// A dated change of a code.
pub fn code_change(
    request: &pb::ChangeEnterpriseCodeRequest,
) -> Result<CodeChange, FieldViolation> {
    let change = request.change.clone().unwrap_or_default();
    let read = || -> Result<_, FieldViolation> {
        let code = match pb::CodeKind::try_from(change.kind) {
            Ok(pb::CodeKind::District) => DistrictCode::parse(&change.code)
                .map(Code::District)
                .field("code")?,
            Ok(pb::CodeKind::Industry) => IndustryCode::parse(&change.code)
                .map(Code::Industry)
                .field("code")?,
            Ok(pb::CodeKind::Unspecified) | Err(_) => {
                let kind = change.kind.to_string();
                let expected = "CODE_KIND_DISTRICT or CODE_KIND_INDUSTRY";
                return Err(ParseError::new("KIND_INVALID", &kind, expected)).field("kind");
            }
        };
        Ok((
            code,
            parse_date(&change.effective_from).field("effective_from")?,
        ))
    };
    let uscc = uscc(&request.uscc).field("uscc")?;
    let (code, effective_from) = read().field("change")?;
    Ok(CodeChange {
        uscc,
        effective_from,
        code,
    })
}

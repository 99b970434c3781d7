//! What requests say about enterprises and changes of their codes.

use gazelle_kernel::{DistrictCode, IndustryCode, ParseError, parse_date};
use gazelle_proto::{optional, registry::v1 as pb};
use gazelle_runtime::status::{Fields, Refusal};

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
pub fn code_change(request: &pb::ChangeEnterpriseCodeRequest) -> Result<CodeChange, Refusal> {
    let change = request.change.clone().unwrap_or_default();
    let mut fields = Fields::default();
    let uscc = fields.read("uscc", uscc(&request.uscc));
    let (field, code) = match pb::CodeKind::try_from(change.kind) {
        Ok(pb::CodeKind::District) => (
            "change.code",
            DistrictCode::parse(&change.code).map(Code::District),
        ),
        Ok(pb::CodeKind::Industry) => (
            "change.code",
            IndustryCode::parse(&change.code).map(Code::Industry),
        ),
        Ok(pb::CodeKind::Unspecified) | Err(_) => {
            let kind = change.kind.to_string();
            let expected = "CODE_KIND_DISTRICT or CODE_KIND_INDUSTRY";
            let error = ParseError::new("KIND_INVALID", &kind, expected);
            ("change.kind", Err(error))
        }
    };
    let code = fields.read(field, code);
    let effective_from = parse_date(&change.effective_from);
    let effective_from = fields.read("change.effective_from", effective_from);
    let read = || {
        Some(CodeChange {
            uscc: uscc?,
            effective_from: effective_from?,
            code: code?,
        })
    };
    fields.finish(read())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_change_every_field_that_is_wrong_is_named_by_its_path() {
        let violations = |kind: pb::CodeKind| {
            let request = pb::ChangeEnterpriseCodeRequest {
                change: Some(pb::CodeChange {
                    kind: kind.into(),
                    ..pb::CodeChange::default()
                }),
                ..pb::ChangeEnterpriseCodeRequest::default()
            };
            let violations = code_change(&request).unwrap_err().field_violations;
            let fields = violations.into_iter().map(|one| one.field);
            fields.collect::<Vec<_>>()
        };
        assert_eq!(
            violations(pb::CodeKind::District),
            ["uscc", "change.code", "change.effective_from"]
        );
        assert_eq!(
            violations(pb::CodeKind::Unspecified),
            ["uscc", "change.kind", "change.effective_from"]
        );
    }
}

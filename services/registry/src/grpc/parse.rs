//! Requests into values.

use gazelle_kernel::{
    Date, DistrictCode, IndustryCode, Interval, MerchantId, ParseError, PlatformId, Uscc,
    parse_date,
};
use gazelle_proto::registry::v1::{self as pb, ErrorReason};
use gazelle_runtime::status::{FieldExt, FieldViolation};
use tonic::{Code, Status};

use super::status::refuse;
use crate::domain::{
    batch::{ITEMS_MAX, Item, Refusal},
    binding::MerchantBinding,
    enterprise::{self, CodeChange, Enterprise},
    filing::{Filing, FiscalYear, figure},
    platform::Platform,
    revision::Revision,
    suspension::Suspension,
    text::{Explanation, Name},
};

/// Reads each item of a batch by itself; refuses one of a wrong size.
pub(super) fn batch<P, T>(items: &[P], read: fn(&P) -> Item<T>) -> Result<Vec<Item<T>>, Status> {
    if (1..=ITEMS_MAX).contains(&items.len()) {
        return Ok(items.iter().map(read).collect());
    }
    let message = format!("a batch has 1 to {ITEMS_MAX} items, not {}", items.len());
    Err(
        refuse(Code::InvalidArgument, ErrorReason::BatchSize, message)
            .with("item_count", items.len())
            .into(),
    )
}

/// Says which field of an item is to blame.
trait InItem<T> {
    fn at(self, field: &'static str) -> Item<T>;
}

impl<T> InItem<T> for Result<T, ParseError> {
    fn at(self, field: &'static str) -> Item<T> {
        self.map_err(|error| Refusal::Field { field, error })
    }
}

/// What is empty when it is not known.
fn optional<T>(
    text: &str,
    read: fn(&str) -> Result<T, ParseError>,
) -> Result<Option<T>, ParseError> {
    if text.is_empty() {
        return Ok(None);
    }
    read(text).map(Some)
}

fn interval(
    (from_field, from): (&'static str, &str),
    (to_field, to): (&'static str, &str),
) -> Item<Interval> {
    let from = parse_date(from).at(from_field)?;
    let to = optional(to, parse_date).at(to_field)?;
    Interval::new(from, to).at(to_field)
}

/// A code that may be an exception; whether it is one only the registry knows.
pub(super) fn uscc(text: &str) -> Result<Uscc, ParseError> {
    Uscc::parse_excepted(text)
}

pub(super) fn platform_id(text: &str) -> Result<PlatformId, ParseError> {
    PlatformId::parse(text)
}

pub(super) fn day(text: &str) -> Result<Date, ParseError> {
    parse_date(text)
}

/// A revision to read; `None` for 0, the present one.
pub(super) fn revision(number: i64) -> Result<Option<Revision>, ParseError> {
    if number == 0 {
        return Ok(None);
    }
    Revision::new(number).map(Some).ok_or_else(|| {
        ParseError::new(
            "REVISION_INVALID",
            &number.to_string(),
            "a past revision, or 0",
        )
    })
}

pub(super) fn enterprise(item: &pb::Enterprise) -> Item<Enterprise> {
    let evidence = &item.uscc_exception_evidence;
    let enterprise = Enterprise {
        uscc: uscc(&item.uscc).at("uscc")?,
        name: Name::parse(&item.name).at("name")?,
        district_code: DistrictCode::parse(&item.district_code).at("district_code")?,
        industry_code: IndustryCode::parse(&item.industry_code).at("industry_code")?,
        established_on: optional(&item.established_on, parse_date).at("established_on")?,
        uscc_exception_evidence: optional(evidence, Explanation::parse)
            .at("uscc_exception_evidence")?,
    };
    enterprise.accept()
}

pub(super) fn filing(item: &pb::Filing) -> Item<Filing> {
    Ok(Filing {
        uscc: uscc(&item.uscc).at("uscc")?,
        fiscal_year: FiscalYear::new(item.fiscal_year).at("fiscal_year")?,
        headcount: figure(item.headcount).at("headcount")?,
        annual_revenue_fen: figure(item.annual_revenue_fen).at("annual_revenue_fen")?,
        total_assets_fen: figure(item.total_assets_fen).at("total_assets_fen")?,
    })
}

pub(super) fn suspension(item: &pb::Suspension) -> Item<Suspension> {
    Ok(Suspension {
        uscc: uscc(&item.uscc).at("uscc")?,
        suspended: interval(
            ("suspended_from", &item.suspended_from),
            ("suspended_to", &item.suspended_to),
        )?,
        reason: Explanation::parse(&item.reason).at("reason")?,
    })
}

pub(super) fn binding(item: &pb::MerchantBinding) -> Item<MerchantBinding> {
    Ok(MerchantBinding {
        platform_id: platform_id(&item.platform_id).at("platform_id")?,
        merchant_id: MerchantId::parse(&item.merchant_id).at("merchant_id")?,
        uscc: uscc(&item.uscc).at("uscc")?,
        bound: interval(
            ("bound_from", &item.bound_from),
            ("bound_to", &item.bound_to),
        )?,
    })
}

pub(super) fn platform(item: &pb::Platform) -> Item<Platform> {
    Ok(Platform {
        platform_id: platform_id(&item.platform_id).at("platform_id")?,
        name: optional(&item.name, Name::parse).at("name")?,
    })
}

pub(super) fn code_change(
    request: &pb::ChangeEnterpriseCodeRequest,
) -> Result<CodeChange, FieldViolation> {
    let change = request.change.clone().unwrap_or_default();
    let read = || -> Result<_, FieldViolation> {
        let code = match pb::CodeKind::try_from(change.kind) {
            Ok(pb::CodeKind::District) => DistrictCode::parse(&change.code)
                .map(enterprise::Code::District)
                .field("code")?,
            Ok(pb::CodeKind::Industry) => IndustryCode::parse(&change.code)
                .map(enterprise::Code::Industry)
                .field("code")?,
            Ok(pb::CodeKind::Unspecified) | Err(_) => {
                let kind = change.kind.to_string();
                let expected = "CODE_KIND_DISTRICT or CODE_KIND_INDUSTRY";
                return Err(ParseError::new("KIND_INVALID", &kind, expected)).field("kind");
            }
        };
        Ok((code, day(&change.effective_from).field("effective_from")?))
    };
    let uscc = uscc(&request.uscc).field("uscc")?;
    let (code, effective_from) = read().field("change")?;
    Ok(CodeChange {
        uscc,
        effective_from,
        code,
    })
}

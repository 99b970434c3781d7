//! Values into answers.

use gazelle_kernel::Date;
use gazelle_proto::registry::v1 as pb;
use time::format_description::well_known::Rfc3339;

use super::status;
use crate::{
    app::{Change, Imported},
    domain::{
        binding::MerchantBinding,
        enterprise::{CodeChange, CodeKind, Enterprise, EnterpriseRecord},
        platform::Platform,
        suspension::Suspension,
    },
};

fn day_or_empty(day: Option<Date>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

/// A count of at most a batch.
fn count(count: usize) -> i32 {
    i32::try_from(count).expect("a batch has at most 1,000 items")
}

pub(super) fn enterprise(enterprise: Enterprise, changes: Vec<CodeChange>) -> pb::Enterprise {
    pb::Enterprise {
        uscc: enterprise.uscc.to_string(),
        name: enterprise.name.as_str().into(),
        district_code: enterprise.district_code.to_string(),
        industry_code: enterprise.industry_code.to_string(),
        established_on: day_or_empty(enterprise.established_on),
        uscc_exception_evidence: enterprise
            .uscc_exception_evidence
            .map_or_else(String::new, |evidence| evidence.as_str().into()),
        code_changes: changes.into_iter().map(Into::into).collect(),
    }
}

impl From<CodeChange> for pb::CodeChange {
    fn from(change: CodeChange) -> Self {
        let kind = match change.code.kind() {
            CodeKind::District => pb::CodeKind::District,
            CodeKind::Industry => pb::CodeKind::Industry,
        };
        Self {
            kind: kind.into(),
            effective_from: change.effective_from.to_string(),
            code: change.code.as_str().into(),
        }
    }
}

/// With the size class of each filing in the industry that held at the end of its year.
pub(super) fn facts(record: EnterpriseRecord) -> pb::EnterpriseFacts {
    let filings = record
        .filings
        .iter()
        .map(|filing| {
            let industry = record.industry_on(filing.fiscal_year.last_day());
            pb::Filing {
                uscc: filing.uscc.to_string(),
                fiscal_year: filing.fiscal_year.get(),
                headcount: filing.headcount,
                annual_revenue_fen: filing.annual_revenue_fen,
                total_assets_fen: filing.total_assets_fen,
                size_class: filing.size_class(industry).to_string(),
            }
        })
        .collect();
    pb::EnterpriseFacts {
        filings,
        suspensions: record.suspensions.into_iter().map(Into::into).collect(),
        enterprise: Some(enterprise(record.enterprise, record.code_changes)),
    }
}

impl From<Suspension> for pb::Suspension {
    fn from(suspension: Suspension) -> Self {
        Self {
            uscc: suspension.uscc.to_string(),
            suspended_from: suspension.suspended.from().to_string(),
            suspended_to: day_or_empty(suspension.suspended.to()),
            reason: suspension.reason.as_str().into(),
        }
    }
}

impl From<MerchantBinding> for pb::MerchantBinding {
    fn from(binding: MerchantBinding) -> Self {
        Self {
            platform_id: binding.platform_id.to_string(),
            merchant_id: binding.merchant_id.to_string(),
            uscc: binding.uscc.to_string(),
            bound_from: binding.bound.from().to_string(),
            bound_to: day_or_empty(binding.bound.to()),
        }
    }
}

impl From<Platform> for pb::Platform {
    fn from(platform: Platform) -> Self {
        Self {
            platform_id: platform.platform_id.to_string(),
            name: platform
                .name
                .map_or_else(String::new, |name| name.as_str().into()),
        }
    }
}

impl From<Change> for pb::Change {
    fn from(change: Change) -> Self {
        Self {
            revision: change.revision.get(),
            changed_at: change
                .changed_at
                .format(&Rfc3339)
                .expect("instants of the years that PostgreSQL and we write are RFC 3339"),
            actor: change.actor,
            action: change.action,
            content_json: change.content,
            digest: hex::encode(change.digest),
        }
    }
}

impl From<Imported> for pb::ImportResult {
    fn from(imported: Imported) -> Self {
        Self {
            created_count: count(imported.created_count),
            changed_count: count(imported.changed_count),
            unchanged_count: count(imported.unchanged_count),
            rejections: imported
                .rejections
                .into_iter()
                .map(|rejection| pb::Rejection {
                    index: count(rejection.index),
                    ..status::rejection(&rejection.refusal)
                })
                .collect(),
            revision: imported.revision.get(),
        }
    }
}

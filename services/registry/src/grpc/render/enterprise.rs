//! Enterprises, their filings and suspensions as messages.

use gazelle_proto::{optional, registry::v1 as pb};

use crate::domain::{
    enterprise::{CodeChange, CodeKind, Enterprise, EnterpriseRecord},
    suspension::Suspension,
};

/// An enterprise with the changes of its codes.
pub fn enterprise(enterprise: &Enterprise, changes: &[CodeChange]) -> pb::Enterprise {
    pb::Enterprise {
        uscc: enterprise.uscc.to_string(),
        name: enterprise.name.to_string(),
        district_code: enterprise.district_code.to_string(),
        industry_code: enterprise.industry_code.to_string(),
        established_on: optional::text(enterprise.established_on),
        uscc_exception_evidence: optional::text(enterprise.uscc_exception_evidence.as_ref()),
        code_changes: changes.iter().map(code_change).collect(),
    }
}

fn code_change(change: &CodeChange) -> pb::CodeChange {
    let kind = match change.code.kind() {
        CodeKind::District => pb::CodeKind::District,
        CodeKind::Industry => pb::CodeKind::Industry,
    };
    pb::CodeChange {
        kind: kind.into(),
        effective_from: change.effective_from.to_string(),
        code: change.code.as_str().into(),
    }
}

/// All of an enterprise, with the size class of each filing in the industry that held at the end
/// of its year.
pub fn facts(record: &EnterpriseRecord) -> pb::EnterpriseFacts {
    let filings = record
        .filings
        .iter()
        .map(|filing| {
            let industry = record.industry_on(filing.fiscal_year.last_day());
            pb::Filing {
                uscc: filing.uscc.to_string(),
                fiscal_year: filing.fiscal_year.get(),
                headcount: filing.headcount,
                annual_revenue_fen: filing.annual_revenue.get(),
                total_assets_fen: filing.total_assets.get(),
                size_class: filing.size_class(industry).to_string(),
            }
        })
        .collect();
    pb::EnterpriseFacts {
        filings,
        suspensions: record.suspensions.iter().map(suspension).collect(),
        enterprise: Some(enterprise(&record.enterprise, &record.code_changes)),
    }
}

fn suspension(suspension: &Suspension) -> pb::Suspension {
    pb::Suspension {
        uscc: suspension.uscc.to_string(),
        suspended_from: suspension.suspended.from().to_string(),
        suspended_to: optional::text(suspension.suspended.to()),
        reason: suspension.reason.to_string(),
    }
}

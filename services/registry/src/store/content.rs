//! How changed items are written down in the trail: JSON with the names of the contract, keys in
//! byte order, null where nothing is recorded.

use serde::Serialize;

use super::enterprise_code::kind_name;
use crate::domain::{
    binding::MerchantBinding,
    enterprise::{CodeChange, Enterprise},
    filing::Filing,
    platform::Platform,
    suspension::Suspension,
    text::{Explanation, Name},
};

/// What changed in one revision; lists that stayed empty are left out.
#[derive(Debug, Default, Serialize)]
pub struct Content<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bindings: Vec<BindingContent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_changes: Vec<CodeChangeContent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    enterprises: Vec<EnterpriseContent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filings: Vec<FilingContent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    platforms: Vec<PlatformContent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suspensions: Vec<SuspensionContent<'a>>,
}

impl<'a> Content<'a> {
    /// With these enterprises.
    #[must_use]
    pub fn enterprises(mut self, items: &'a [Enterprise]) -> Self {
        self.enterprises = items
            .iter()
            .map(|item| EnterpriseContent {
                district_code: item.district_code.as_str(),
                established_on: item.established_on.map(|day| day.to_string()),
                industry_code: item.industry_code.as_str(),
                name: item.name.as_str(),
                uscc: item.uscc.as_str(),
                uscc_exception_evidence: item
                    .uscc_exception_evidence
                    .as_ref()
                    .map(Explanation::as_str),
            })
            .collect();
        self
    }

    /// With this change of a code.
    #[must_use]
    pub fn code_change(mut self, item: &'a CodeChange) -> Self {
        self.code_changes = vec![CodeChangeContent {
            code: item.code.as_str(),
            effective_from: item.effective_from.to_string(),
            kind: kind_name(item.code.kind()),
            uscc: item.uscc.as_str(),
        }];
        self
    }

    /// With these filings.
    #[must_use]
    pub fn filings(mut self, items: &'a [Filing]) -> Self {
        self.filings = items
            .iter()
            .map(|item| FilingContent {
                annual_revenue_fen: item.annual_revenue_fen,
                fiscal_year: item.fiscal_year.get(),
                headcount: item.headcount,
                total_assets_fen: item.total_assets_fen,
                uscc: item.uscc.as_str(),
            })
            .collect();
        self
    }

    /// With these suspensions.
    #[must_use]
    pub fn suspensions(mut self, items: &'a [Suspension]) -> Self {
        self.suspensions = items
            .iter()
            .map(|item| SuspensionContent {
                reason: item.reason.as_str(),
                suspended_from: item.suspended.from().to_string(),
                suspended_to: item.suspended.to().map(|day| day.to_string()),
                uscc: item.uscc.as_str(),
            })
            .collect();
        self
    }

    /// With these bindings.
    #[must_use]
    pub fn bindings(mut self, items: &'a [MerchantBinding]) -> Self {
        self.bindings = items
            .iter()
            .map(|item| BindingContent {
                bound_from: item.bound.from().to_string(),
                bound_to: item.bound.to().map(|day| day.to_string()),
                merchant_id: item.merchant_id.as_str(),
                platform_id: item.platform_id.as_str(),
                uscc: item.uscc.as_str(),
            })
            .collect();
        self
    }

    /// With these platforms.
    #[must_use]
    pub fn platforms(mut self, items: &'a [Platform]) -> Self {
        self.platforms = items
            .iter()
            .map(|item| PlatformContent {
                name: item.name.as_ref().map(Name::as_str),
                platform_id: item.platform_id.as_str(),
            })
            .collect();
        self
    }

    /// The JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }
}

// Fields in the order of their bytes: that is the order of the keys.

#[derive(Debug, Serialize)]
struct EnterpriseContent<'a> {
    district_code: &'a str,
    established_on: Option<String>,
    industry_code: &'a str,
    name: &'a str,
    uscc: &'a str,
    uscc_exception_evidence: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct CodeChangeContent<'a> {
    code: &'a str,
    effective_from: String,
    kind: &'a str,
    uscc: &'a str,
}

#[derive(Debug, Serialize)]
struct FilingContent<'a> {
    annual_revenue_fen: i64,
    fiscal_year: i32,
    headcount: i64,
    total_assets_fen: i64,
    uscc: &'a str,
}

#[derive(Debug, Serialize)]
struct SuspensionContent<'a> {
    reason: &'a str,
    suspended_from: String,
    suspended_to: Option<String>,
    uscc: &'a str,
}

#[derive(Debug, Serialize)]
struct BindingContent<'a> {
    bound_from: String,
    bound_to: Option<String>,
    merchant_id: &'a str,
    platform_id: &'a str,
    uscc: &'a str,
}

#[derive(Debug, Serialize)]
struct PlatformContent<'a> {
    name: Option<&'a str>,
    platform_id: &'a str,
}

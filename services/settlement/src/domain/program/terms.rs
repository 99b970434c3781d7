//! What a program says. Its JSON is what is stored, what a run keeps, and what people write in a
//! file.

use gazelle_kernel::{
    Bps, CodePrefix, FeeKind, Fen, Interval, Name, PlatformId, ProgramId, SizeClass, Year,
};
use serde::{Deserialize, Serialize};

/// What a program says, not checked yet; see [`Program::new`](super::Program::new).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// By which it is known for ever.
    pub program_id: ProgramId,
    /// What it is called in English.
    #[serde(default)]
    pub name: Option<Name>,
    /// What it is called in Chinese.
    #[serde(default)]
    pub name_zh: Option<Name>,
    /// Fees of these days are shared.
    #[serde(flatten, with = "valid")]
    pub term: Interval,
    /// Fees of these platforms are shared; empty: all.
    #[serde(default, rename = "platforms")]
    pub platform_ids: Vec<PlatformId>,
    /// Prefixes of eligible district codes; empty: all.
    #[serde(default, rename = "districts")]
    pub district_code_prefixes: Vec<CodePrefix>,
    /// Prefixes of eligible industry codes; empty: all.
    #[serde(default, rename = "industries")]
    pub industry_code_prefixes: Vec<CodePrefix>,
    /// At least one.
    pub size_classes: Vec<SizeClass>,
    /// What is shared, a row a fee kind; fees of other kinds are out of scope.
    pub shares: Vec<Share>,
    /// The most that an enterprise is entitled to in a program year; 0: no cap.
    #[serde(default)]
    pub enterprise_year_cap_fen: Fen,
    /// At most one a year; a year without one has 0.
    #[serde(default)]
    pub budgets: Vec<Budget>,
    /// Who gets what when a budget is short.
    pub allocation: Allocation,
    pub payee: Payee,
    /// What is owed to a payee is paid from this amount on, except in a program's last order. No
    /// rule of settlement: that of the newest version holds for all years.
    #[serde(default)]
    pub payment_min_fen: Fen,
    /// From which account it is paid; where it says nothing, from the installation's.
    #[serde(default)]
    pub payer: Option<Payer>,
    /// Programs that it yields to: it leaves them what they share.
    #[serde(default, rename = "excludes")]
    pub excluded_program_ids: Vec<ProgramId>,
    /// Days of public notice before a run may be approved.
    pub notice_days: i32,
}

impl Terms {
    /// The same with every list in byte order.
    #[must_use]
    pub(super) fn sorted(mut self) -> Self {
        self.platform_ids.sort();
        self.district_code_prefixes.sort();
        self.industry_code_prefixes.sort();
        self.size_classes.sort();
        self.shares.sort_by(|a, b| a.fee_kind.cmp(&b.fee_kind));
        self.budgets.sort_by_key(|budget| budget.year);
        self.excluded_program_ids.sort();
        self
    }
}

/// How fees of one kind are shared; the enterprise bears the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Fees of this kind.
    pub fee_kind: FeeKind,
    pub government_bps: Bps,
    pub platform_bps: Bps,
}

impl Share {
    /// What the enterprise does not bear, in basis points.
    #[must_use]
    pub fn shared_bps(&self) -> u32 {
        u32::from(self.government_bps.get()) + u32::from(self.platform_bps.get())
    }
}

/// The money of one program year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The program year that it is for.
    pub year: Year,
    /// How much there is, if all of it is released.
    pub amount_fen: Fen,
    /// When it can be spent.
    pub release: Release,
}

/// When a year's budget can be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Release {
    /// All of it from the start.
    AtOnce,
    /// A twelfth a month, counted from January.
    Monthly,
}

/// Who gets what when a budget is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Allocation {
    /// The earliest application first.
    FirstCome,
    /// All in proportion to what they are due.
    ProRata,
}

/// Who is paid what the government bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Payee {
    /// The enterprise, which has paid the platform.
    Enterprise,
    /// The platform, which has waived the fee.
    Platform,
}

/// The account that a program is paid from (`PAYMENT.md`, The payment file).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// Whose account it is.
    pub account_name: String,
    /// 5 to 34 digits, capital letters and hyphens.
    pub account_number: String,
    /// The bank's CNAPS code, 12 digits.
    pub bank_code: String,
    /// What the bank is called; may be empty.
    #[serde(default)]
    pub bank_name: String,
}

/// A term by its two days, as `valid_from` and `valid_to`.
mod valid {
    use gazelle_kernel::{Date, Interval, date_text};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    #[derive(Serialize, Deserialize)]
    struct Days {
        #[serde(with = "date_text")]
        valid_from: Date,
        #[serde(with = "date_text::option", default)]
        valid_to: Option<Date>,
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    pub fn serialize<S: Serializer>(term: &Interval, serializer: S) -> Result<S::Ok, S::Error> {
        Days {
            valid_from: term.from(),
            valid_to: term.to(),
        }
        .serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Interval, D::Error> {
        let days = Days::deserialize(deserializer)?;
        Interval::new(days.valid_from, days.valid_to).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn terms_come_back_as_they_were_written() {
        let mut terms = fixture::terms("share");
        terms.platform_ids = vec![fixture::platform("alpha")];
        terms.district_code_prefixes = vec![fixture::prefix("3301")];
        terms.excluded_program_ids = vec![fixture::program_id("other")];
        terms.payer = Some(Payer {
            account_name: "杭州市财政局".into(),
            account_number: "3301-0001".into(),
            bank_code: "103331000011".into(),
            bank_name: "农业银行".into(),
        });
        let text = serde_json::to_string(&terms).expect("JSON");
        let read: Terms = serde_json::from_str(&text).expect("terms");
        assert_eq!(read, terms);
    }

    #[test]
    fn a_file_says_its_days_and_may_leave_out_what_has_a_default() {
        let terms: Terms = serde_json::from_str(
            r#"{"program_id": "a-share", "valid_from": "2016-01-01", "size_classes": ["MICRO"],
                "shares": [{"fee_kind": "COMMISSION", "government_bps": 3333, "platform_bps": 7}],
                "allocation": "FIRST_COME", "payee": "ENTERPRISE", "notice_days": 0}"#,
        )
        .expect("terms");
        assert_eq!(terms.term, fixture::interval("2016-01-01", ""));
        assert_eq!(terms.payment_min_fen, Fen::ZERO);
    }
}

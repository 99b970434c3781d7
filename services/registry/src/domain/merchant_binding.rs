//! Whose shop a merchant account is.

use std::collections::BTreeMap;

use gazelle_kernel::{
    Date, Interval, MerchantId, PlatformId, Uscc,
    batch::{Timeline, Verdict},
};
use serde::Serialize;

/// A binding; the key is the account and its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MerchantBinding {
    pub platform_id: PlatformId,
    /// The platform's name for the account.
    pub merchant_id: MerchantId,
    pub uscc: Uscc,
    pub bound: Interval,
}

impl MerchantBinding {
    /// What makes it the same binding.
    #[must_use]
    pub fn key(&self) -> (PlatformId, MerchantId, Date) {
        (
            self.platform_id.clone(),
            self.merchant_id.clone(),
            self.bound.from(),
        )
    }

    /// Whose bindings must not overlap with it.
    #[must_use]
    pub fn account(&self) -> (PlatformId, MerchantId) {
        (self.platform_id.clone(), self.merchant_id.clone())
    }
}

/// The bindings of some accounts, which never overlap (`SETTLEMENT.md`, Eligibility).
#[derive(Debug)]
pub struct MerchantAccounts(BTreeMap<(PlatformId, MerchantId), Timeline<MerchantBinding>>);

impl MerchantAccounts {
    /// The accounts with those of their recorded bindings that new ones may meet.
    #[must_use]
    pub fn new(recorded: &[MerchantBinding]) -> Self {
        let mut accounts = Self(BTreeMap::new());
        for binding in recorded {
            // What is recorded does not overlap; if it did, the earlier one would stay.
            let _ = accounts.bind(binding);
        }
        accounts
    }

    /// Puts a binding in the place of the one with its first day, unless another one of the
    /// account holds on one of its days, which is the error: the earliest of several.
    pub fn bind(&mut self, binding: &MerchantBinding) -> Result<Verdict, &MerchantBinding> {
        let account = self.0.entry(binding.account()).or_default();
        account.put(binding.bound, binding)
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::batch::{Judged, Refused, judge};

    use super::*;

    const ONE: &str = "91330100799655058B";
    const OTHER: &str = "9144030071526726XG";

    fn bound(uscc: &str, from: &str, to: &str) -> MerchantBinding {
        MerchantBinding {
            platform_id: PlatformId::parse("alpha-mall").unwrap(),
            merchant_id: MerchantId::parse("shop-1").unwrap(),
            uscc: Uscc::parse(uscc).unwrap(),
            bound: Interval::parse(from, to).unwrap(),
        }
    }

    /// What a batch comes to; of an overlap, the binding in the way.
    fn judge_bindings(
        recorded: &[MerchantBinding],
        batch: &[MerchantBinding],
    ) -> Judged<MerchantBinding, Option<MerchantBinding>> {
        let items: Vec<_> = batch.iter().cloned().map(Ok).collect();
        let mut accounts = MerchantAccounts::new(recorded);
        judge(&items, MerchantBinding::key, &None, |binding| {
            accounts.bind(binding).map_err(|other| Refused::Blocked {
                by: other.key(),
                refusal: Some(other.clone()),
            })
        })
    }

    #[test]
    fn an_account_has_one_owner_a_day_and_the_refusal_names_the_other_binding() {
        let recorded = bound(ONE, "2017-01-01", "");
        let judged = judge_bindings(
            std::slice::from_ref(&recorded),
            &[bound(OTHER, "2017-06-01", "")],
        );
        assert!(judged.written.is_empty());
        assert_eq!(judged.rejections[0].refusal, Some(recorded));
    }

    #[test]
    fn bindings_that_touch_and_other_accounts_are_free() {
        let mut elsewhere = bound(OTHER, "2017-01-01", "");
        elsewhere.platform_id = PlatformId::parse("beta-mall").unwrap();
        let judged = judge_bindings(
            &[bound(ONE, "2017-01-01", "2017-06-01")],
            &[
                bound(OTHER, "2017-06-01", ""),
                bound(OTHER, "2016-01-01", "2017-01-01"),
                elsewhere,
            ],
        );
        assert_eq!((judged.written.len(), judged.rejections.len()), (3, 0));
    }

    #[test]
    fn a_rebound_shop_is_taken_in_either_order() {
        let closes = bound(ONE, "2017-01-01", "2017-06-01");
        let opens = bound(OTHER, "2017-06-01", "");
        for batch in [
            [closes.clone(), opens.clone()],
            [opens.clone(), closes.clone()],
        ] {
            let judged = judge_bindings(&[bound(ONE, "2017-01-01", "")], &batch);
            assert_eq!(judged.written, [closes.clone(), opens.clone()]);
            assert_eq!(judged.replacing, std::slice::from_ref(&closes));
            assert!(judged.rejections.is_empty());
        }
    }

    #[test]
    fn an_earlier_item_of_the_batch_counts() {
        let batch = [bound(ONE, "2017-01-01", ""), bound(OTHER, "2017-06-01", "")];
        let judged = judge_bindings(&[], &batch);
        assert_eq!(judged.written, batch[..1]);
        assert_eq!(judged.rejections[0].index, 1);
    }

    #[test]
    fn the_same_first_day_replaces_also_the_owner() {
        let judged = judge_bindings(
            &[bound(ONE, "2017-01-01", "")],
            &[bound(OTHER, "2017-01-01", "")],
        );
        assert_eq!(judged.replacing, [bound(OTHER, "2017-01-01", "")]);
        let same = judge_bindings(
            &[bound(ONE, "2017-01-01", "")],
            &[bound(ONE, "2017-01-01", "")],
        );
        assert_eq!((same.unchanged_count, same.written.len()), (1, 0));
    }

    #[test]
    fn a_refused_item_leaves_no_trace() {
        let recorded = bound(ONE, "2017-06-01", "");
        let too_long = bound(OTHER, "2017-01-01", "");
        let fits = bound(OTHER, "2017-02-01", "2017-06-01");
        let judged = judge_bindings(&[recorded], &[too_long, fits.clone()]);
        assert_eq!(judged.written, [fits]);
        assert_eq!(judged.rejections.len(), 1);
    }
}

//! Who may call what, as the contract declares it.

pub use crate::contract::gazelle::access::v1::ErrorReason;

/// A kind of caller; see `gazelle/access/v1/access.proto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Keeps the registry.
    Registrar,
    /// Defines programs, seals periods, computes and publishes runs.
    Officer,
    /// Approves published runs.
    Approver,
    /// Reads everything, changes nothing.
    Auditor,
    /// A partner platform, which reaches its own data only.
    Platform,
    /// Another service of the suite.
    Service,
}

impl Caller {
    /// As in a token's roles, or the kind of a caller that is no person.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Officer => "officer",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Platform => "platform",
            Self::Service => "service",
        }
    }
}

/// Who may call one RPC.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The RPC's HTTP path, `/package.Service/Method`.
    pub path: &'static str,
    /// Any of these may; where there is none, nobody may.
    pub callers: &'static [Caller],
    /// Whether a person must have shown a second factor, where the service asks for one.
    pub second_factor: bool,
    /// Whether either side may send any number of messages.
    pub streaming: bool,
    /// Whether the caller may.
    pub client_streaming: bool,
}

/// The rules of all RPCs of the contract, sorted by path.
pub const RULES: &[Rule] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The rule of an RPC, or `None` where the contract has no such RPC.
#[must_use]
pub fn rule(path: &str) -> Option<&'static Rule> {
    RULES
        .binary_search_by_key(&path, |rule| rule.path)
        .ok()
        .map(|at| &RULES[at])
}

/// The paths of RPCs that are harmless to call again, sorted: `idempotency_level` in the contract.
const IDEMPOTENT: &[&str] = include!(concat!(env!("OUT_DIR"), "/idempotent.rs"));

/// Whether a call that may have been done is harmless to make again: it then changes nothing, and
/// is not refused for what the first one did.
#[must_use]
pub fn is_idempotent(path: &str) -> bool {
    IDEMPOTENT.binary_search(&path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{registry::v1 as registry, settlement::v1 as settlement};

    #[test]
    fn what_is_refused_the_second_time_or_does_more_is_not_idempotent() {
        let others = RULES.iter().filter(|rule| !is_idempotent(rule.path));
        let names: Vec<_> = others.filter_map(|r| r.path.rsplit('/').next()).collect();
        let expected = [
            "ConfirmPaymentAccounts",
            "RejectPaymentAccounts",
            "CancelOrder",
            "PrepareOrder",
            "ReleaseOrder",
            "ComputeRun",
            "DecideObjection",
            "RaiseObjection",
            "WithdrawPeriod",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn every_rpc_declares_its_callers() {
        for rule in RULES {
            assert!(!rule.callers.is_empty(), "{} declares nobody", rule.path);
        }
    }

    #[test]
    fn what_pays_money_out_asks_for_a_second_factor() {
        let asking: Vec<_> = RULES.iter().filter(|rule| rule.second_factor).collect();
        let paths: Vec<_> = asking.iter().map(|rule| rule.path).collect();
        let expected = [
            "/gazelle.registry.v1.RegistryService/ConfirmPaymentAccounts",
            "/gazelle.settlement.v1.PaymentService/ReleaseOrder",
            "/gazelle.settlement.v1.RunService/ApproveRun",
        ];
        assert_eq!(paths, expected);
    }

    #[test]
    fn only_platforms_report_usage() {
        let rule = rule("/gazelle.usage.v1.UsageService/ReportUsage").unwrap();
        assert_eq!(rule.callers, [Caller::Platform]);
    }

    #[test]
    fn every_reason_of_a_value_of_the_kernel_is_a_reason_of_the_contract() {
        let kernel = concat!(env!("CARGO_MANIFEST_DIR"), "/../services/kernel/src");
        let mut found = 0;
        for file in std::fs::read_dir(kernel).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for (at, new) in text.match_indices("ParseError::new(") {
                let argument = text[at + new.len()..].trim_start();
                let Some(reason) = argument.strip_prefix('"') else {
                    continue;
                };
                let reason = &reason[..reason.find('"').unwrap()];
                let name = &*format!("ERROR_REASON_{reason}");
                // What has accounts has their reasons among its own.
                let is_of_both = registry::ErrorReason::from_str_name(name).is_some()
                    && settlement::ErrorReason::from_str_name(name).is_some();
                let is_shared = ErrorReason::from_str_name(name).is_some();
                assert!(is_shared || is_of_both, "{reason}");
                found += 1;
            }
        }
        assert!(found > 10, "{found}");
    }
}

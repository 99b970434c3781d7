//! Which commands change something, and which only read.

use super::{
    AccountCommand, AuditCommand, Command, EnrollmentCommand, EnterpriseCommand, LedgerCommand,
    MerchantCommand, PaymentCommand, PlatformCommand, ProfileCommand, ProgramCommand,
    SettlementCommand, UsageCommand,
};

impl Command {
    /// Whether it goes on where nobody reads what it says: what it does outlives it, or its exit
    /// code is its verdict. A file that is written to stdout is all that there is of it.
    #[must_use]
    pub fn goes_on_unread(&self) -> bool {
        let is_read = matches!(
            self,
            Self::Payment(PaymentCommand::Export { out, .. })
                | Self::Ledger(LedgerCommand::Export { out, .. })
                | Self::Audit(AuditCommand::Checkpoint { out, .. })
                if out.as_os_str() == "-"
        );
        let judges = matches!(
            self,
            Self::Status { .. }
                | Self::Settlement(SettlementCommand::Verify { .. })
                | Self::Ledger(LedgerCommand::Verify { .. })
                | Self::Audit(AuditCommand::Verify { .. })
        );
        !is_read && (judges || self.changes_something())
    }

    /// The RPC that it is about, where it reads before what others may read too.
    #[must_use]
    pub fn meant_rpc(&self) -> Option<&'static str> {
        let path = match self {
            Self::Enterprise(EnterpriseCommand::Change { .. } | EnterpriseCommand::Register(_)) => {
                "/gazelle.registry.v1.RegistryService/PutEnterprises"
            }
            Self::Platform(PlatformCommand::Add(_) | PlatformCommand::Change(_)) => {
                "/gazelle.registry.v1.RegistryService/PutPlatforms"
            }
            Self::Account(AccountCommand::Confirm { .. }) => {
                "/gazelle.registry.v1.RegistryService/ConfirmPaymentAccounts"
            }
            Self::Account(AccountCommand::Reject { .. }) => {
                "/gazelle.registry.v1.RegistryService/RejectPaymentAccounts"
            }
            Self::Usage(UsageCommand::Seal { .. }) => "/gazelle.usage.v1.UsageService/SealPeriod",
            Self::Settlement(SettlementCommand::Publish { .. }) => {
                "/gazelle.settlement.v1.RunService/PublishRun"
            }
            Self::Settlement(SettlementCommand::Approve { .. }) => {
                "/gazelle.settlement.v1.RunService/ApproveRun"
            }
            Self::Settlement(SettlementCommand::Cancel { .. }) => {
                "/gazelle.settlement.v1.RunService/CancelRun"
            }
            Self::Settlement(SettlementCommand::Object { .. }) => {
                "/gazelle.settlement.v1.RunService/RaiseObjection"
            }
            Self::Settlement(SettlementCommand::Decide { .. }) => {
                "/gazelle.settlement.v1.RunService/DecideObjection"
            }
            Self::Payment(PaymentCommand::Release { .. }) => {
                "/gazelle.settlement.v1.PaymentService/ReleaseOrder"
            }
            Self::Payment(PaymentCommand::Cancel { .. }) => {
                "/gazelle.settlement.v1.PaymentService/CancelOrder"
            }
            Self::Payment(PaymentCommand::Export { .. }) => {
                "/gazelle.settlement.v1.PaymentService/ExportOrder"
            }
            Self::Payment(PaymentCommand::Answer { .. }) => {
                "/gazelle.settlement.v1.PaymentService/TakeAnswer"
            }
            _ => return None,
        };
        Some(path)
    }

    /// Whether it changes anything, in a service or in files.
    #[must_use]
    pub fn changes_something(&self) -> bool {
        match self {
            Self::Up(_)
            | Self::Filing(_)
            | Self::Suspension(_)
            | Self::SampleCity(_)
            | Self::Demo(_)
            | Self::Man { .. } => true,
            Self::Status { .. } | Self::Registry(_) | Self::Completions { .. } => false,
            Self::Enterprise(command) => !matches!(
                command,
                EnterpriseCommand::Show { .. } | EnterpriseCommand::List
            ),
            Self::Merchant(command) => !matches!(command, MerchantCommand::List { .. }),
            Self::Enrollment(command) => !matches!(command, EnrollmentCommand::List { .. }),
            Self::Platform(command) => !matches!(
                command,
                PlatformCommand::List
                    | PlatformCommand::Token(_)
                    | PlatformCommand::Certificates { .. }
            ),
            Self::Program(command) => matches!(command, ProgramCommand::Apply { .. }),
            Self::Profile(command) => matches!(command, ProfileCommand::Add(_)),
            Self::Usage(command) => matches!(
                command,
                UsageCommand::Report { .. }
                    | UsageCommand::State { .. }
                    | UsageCommand::Seal { .. }
                    | UsageCommand::Withdraw { .. }
            ),
            Self::Account(command) => matches!(
                command,
                AccountCommand::Import(_)
                    | AccountCommand::Confirm { .. }
                    | AccountCommand::Reject { .. }
            ),
            Self::Payment(command) => !matches!(
                command,
                PaymentCommand::Show { .. }
                    | PaymentCommand::Answers { .. }
                    | PaymentCommand::Balances { .. }
                    | PaymentCommand::List { .. }
                    | PaymentCommand::Money { .. }
            ),
            Self::Ledger(command) => matches!(command, LedgerCommand::Export { .. }),
            Self::Audit(command) => {
                !matches!(command, AuditCommand::List(_) | AuditCommand::Verify { .. })
            }
            Self::Settlement(command) => !matches!(
                command,
                SettlementCommand::Show { .. }
                    | SettlementCommand::List { .. }
                    | SettlementCommand::Readiness { .. }
                    | SettlementCommand::Explain { .. }
                    | SettlementCommand::Verify { .. }
                    | SettlementCommand::Objections { .. }
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use gazelle_proto::access::{Caller, rule};

    use crate::args::Args;

    #[test]
    fn what_reads_first_is_about_an_rpc_that_the_contract_has() {
        let may = |line: &str| {
            let args = Args::try_parse_from(line.split(' ')).unwrap();
            args.command
                .meant_rpc()
                .map(|path| rule(path).unwrap().callers)
        };
        for (line, caller) in [
            (
                "enterprise change 91330106MA20003340 --district 330108 --from 2025-07-01",
                Caller::Registrar,
            ),
            (
                "enterprise register 91330106MA20003340 --name x --district 330108 --industry 5292",
                Caller::Registrar,
            ),
            ("platform add a-mall", Caller::Registrar),
            ("platform change a-mall --name x", Caller::Registrar),
            ("account confirm --all", Caller::Approver),
            ("account reject 91330106MA20003340", Caller::Approver),
            (
                "usage seal --platform a-mall --period 2025-01",
                Caller::Officer,
            ),
            ("settlement publish a-share#1", Caller::Officer),
            ("settlement approve a-share#1", Caller::Approver),
            ("settlement cancel a-share#1", Caller::Officer),
            (
                "settlement object a-share#1 91330106MA20003340 --statement x",
                Caller::Officer,
            ),
            (
                "settlement decide a-share#1 91330106MA20003340 --dismiss --decision x",
                Caller::Officer,
            ),
            ("payment release a-share#1", Caller::Approver),
            ("payment cancel a-share#1", Caller::Officer),
            (
                "payment export a-share#1 --format pain001 --out x",
                Caller::Officer,
            ),
            ("payment answer x", Caller::Officer),
        ] {
            assert_eq!(
                may(&format!("gazelle {line}")),
                Some(&[caller][..]),
                "{line}"
            );
        }
        assert_eq!(may("gazelle usage periods"), None);
    }

    #[test]
    fn verdicts_and_changes_are_for_exit_codes_and_the_rest_is_for_readers() {
        let goes_on = |line: &str| {
            let args = Args::try_parse_from(line.split(' ')).unwrap();
            args.command.goes_on_unread()
        };
        for line in [
            "gazelle status",
            "gazelle settlement verify a-share#1",
            "gazelle ledger verify",
            "gazelle audit verify",
            "gazelle settlement cancel a-share#1",
            "gazelle payment export a-share#1 --format treasury-csv --out list.csv",
        ] {
            assert!(goes_on(line), "{line}");
        }
        for line in [
            "gazelle settlement list",
            "gazelle usage periods",
            "gazelle payment export a-share#1 --format treasury-csv --out -",
            "gazelle ledger export --format hledger --out -",
            "gazelle audit checkpoint --service usage --out -",
        ] {
            assert!(!goes_on(line), "{line}");
        }
    }
}

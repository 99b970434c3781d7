//! Which commands change something, and which only read.

use super::{
    AccountCommand, AuditCommand, Command, EnrollmentCommand, EnterpriseCommand, LedgerCommand,
    MerchantCommand, PaymentCommand, PlatformCommand, ProfileCommand, ProgramCommand,
    SettlementCommand, UsageCommand,
};

impl Command {
    /// Whether it goes on where nobody reads what it says: what it does outlives it, or its exit
    /// code is its verdict.
    #[must_use]
    pub fn goes_on_unread(&self) -> bool {
        let judges = matches!(
            self,
            Self::Status { .. }
                | Self::Settlement(SettlementCommand::Verify { .. })
                | Self::Ledger(LedgerCommand::Verify { .. })
                | Self::Audit(AuditCommand::Verify { .. })
        );
        judges || self.changes_something()
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

    use crate::args::Args;

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
        ] {
            assert!(goes_on(line), "{line}");
        }
        for line in ["gazelle settlement list", "gazelle usage periods"] {
            assert!(!goes_on(line), "{line}");
        }
    }
}

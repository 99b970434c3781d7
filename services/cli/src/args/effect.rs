//! Which commands change something, and which only read.

use super::{
    AccountCommand, AuditCommand, Command, EnrollmentCommand, EnterpriseCommand, LedgerCommand,
    MerchantCommand, PaymentCommand, PlatformCommand, ProfileCommand, ProgramCommand,
    SettlementCommand, UsageCommand,
};

impl Command {
    /// Whether what it does outlives it: then it goes on where nobody reads what it says.
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

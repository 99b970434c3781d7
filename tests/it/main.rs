//! The suite, started for real and used as its users would.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that cannot go on ends the test that called it"
)]

mod access;
mod access_matrix;
mod architecture;
mod audit;
mod bounds;
mod budgets;
mod cli;
mod cli_files;
mod cli_input;
mod cli_month;
mod cli_platforms;
mod configured;
mod database;
mod database_access;
mod database_check;
mod database_history;
mod database_rows;
mod eligibility;
mod eligibility_days;
mod enrollments;
mod faults;
mod health;
mod identity;
mod identity_provider;
mod identity_streams;
mod ingest_metrics;
mod insiders;
mod isolation;
mod ledger;
mod ledger_tampered;
mod objections;
mod objections_refused;
mod onboarding;
mod owed;
mod payment_accounts;
mod payment_crashes;
mod payment_kills;
mod payment_races;
mod payments;
mod payments_bounds;
mod programs;
mod python_client;
mod readiness;
mod registry;
mod registry_history;
mod registry_paging;
mod registry_shops;
mod report_receipts;
mod report_resumed;
mod restart;
mod restart_hard;
mod reversals;
mod rolling;
mod runs;
mod runs_bounds;
mod runs_refused;
mod sealed_totals;
mod sealing;
mod sealing_again;
mod sealing_bounds;
mod separate;
mod settlement;
mod telemetry;
mod tls;
mod usage;
mod usage_checks;
mod usage_model;
mod usage_streams;
mod verify;
mod watched;
mod withdrawals;

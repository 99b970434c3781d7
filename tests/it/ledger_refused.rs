//! The books: what the database refuses, whoever writes.

use gazelle_runtime::clock::Clock;
use gazelle_tests::city::City;
use gazelle_tests::runs::books;
use gazelle_tests::suite::Suite;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

/// The constraint by which the database refuses a statement of the service's own role.
async fn constraint(session: &mut PgConnection, statement: &str) -> String {
    let refused = session
        .execute(AssertSqlSafe(statement.to_owned()))
        .await
        .unwrap_err();
    let refused = refused.as_database_error().unwrap();
    refused
        .constraint()
        .map_or_else(|| refused.message().to_owned(), str::to_owned)
}

/// What would not balance, and the rule or right that is in its way.
fn unbalanced() -> Vec<(String, &'static str)> {
    let balance = |kind: &str, debit: i64, credit: i64, before: &str, released: &str| {
        format!(
            "insert into ledger_balance (account_id, number, kind, posting_number, debit_fen,
                                         credit_fen, before_fen, released_fen)
             select account_id, number + 1, kind, 1000, {debit}, {credit}, {before}, {released}
             from ledger_balance join ledger_account using (account_id, kind)
             where kind = '{kind}' order by number desc limit 1"
        )
    };
    vec![
        (
            balance("granted", 2_000_000, 0, "after_fen", "1000000"),
            "ledger_balance_within_released",
        ),
        (
            balance("granted", 1, 0, "after_fen", "null"),
            "ledger_balance_within_released",
        ),
        (
            balance("payable", 1_000_000, 0, "after_fen", "null"),
            "ledger_balance_sign",
        ),
        (
            balance("committed", 0, 1_000_000, "after_fen", "null"),
            "ledger_balance_sign",
        ),
        (
            balance("free", 1, 1, "after_fen", "null"),
            "ledger_balance_one_side",
        ),
        (
            balance("free", 1, 0, "after_fen + 5", "null"),
            "ledger_balance_continues",
        ),
        (
            balance("free", 1, 0, "after_fen", "null"),
            "ledger_balance_of_posting",
        ),
        (
            "update ledger_posting set amount_fen = 1".to_owned(),
            "permission denied for table ledger_posting",
        ),
        (
            "insert into ledger_posting
             select 1000, 1, debit_account_id, credit_account_id, 1, null from ledger_posting
             where posting_number = 1"
                .to_owned(),
            "ledger_posting_in_time",
        ),
        (
            "update ledger_head set entry_number = entry_number - 1".to_owned(),
            "ledger_head_goes_on",
        ),
        (
            "delete from ledger_entry".to_owned(),
            "permission denied for table ledger_entry",
        ),
    ]
}

/// What would refer to nothing, and the rule that is in its way.
fn unfounded() -> Vec<(String, &'static str)> {
    let entry = "insert into ledger_entry (entry_number, cause, cause_id, program_id, recorded_at,
                                           recorded_by, posting_count, digest)
                 select entry_number + 1, 'order_prepared', 'none', program_id, now(), 'person:a', 1,
                        digest
                 from ledger_entry order by entry_number desc limit 1;";
    let posting = |entry: &str, debit: &str, credit: &str| {
        format!(
            "insert into ledger_posting
             select posting_count + 1, entry_number + {entry}, {debit}, {credit}, 1, null
             from ledger_head, (select debit_account_id, credit_account_id from ledger_posting
                                where posting_number = 1) one;"
        )
    };
    let moved = posting("1", "debit_account_id", "credit_account_id");
    let balance = |account: &str, kind: &str, debit: i64, credit: i64| {
        format!(
            "{entry} {moved} insert into ledger_balance (account_id, number, kind, posting_number,
                                                         debit_fen, credit_fen, before_fen)
             select account_id, number + 1, {kind}, head.posting_count + 1, {debit}, {credit},
                    after_fen
             from ledger_head head, ledger_posting made join ledger_balance on account_id = {account}
             where made.posting_number = 1 order by number desc limit 1"
        )
    };
    vec![
        (
            "insert into ledger_account (kind, program_id, year) values ('free', 'none', 2017)"
                .to_owned(),
            "ledger_account_of_program",
        ),
        (
            posting("9", "debit_account_id", "credit_account_id"),
            "ledger_posting_of_entry",
        ),
        (
            format!("{entry} {}", posting("1", "-1", "credit_account_id")),
            "ledger_posting_of_accounts",
        ),
        (
            format!("{entry} {}", posting("1", "debit_account_id", "-1")),
            "ledger_posting_of_accounts",
        ),
        (
            balance("debit_account_id", "kind", 2, 0),
            "ledger_balance_of_posting",
        ),
        (
            balance("debit_account_id", "'receivable'", 1, 0),
            "ledger_balance_of_kind",
        ),
        (
            balance("debit_account_id", "kind", 1, 0),
            "ledger_entry_whole",
        ),
    ]
}

/// Payments of no order, and what would come to one, with the rule that is in its way.
fn unpaid() -> Vec<(String, &'static str)> {
    vec![
        (
            "insert into payment (payment_id, order_id, payee_id, amount_fen, account_version,
                                  account_name, account_number, bank_code, bank_name, state)
             values ('p', 'none', 'a', 1, 1, '', '', '', '', 'PENDING')"
                .to_owned(),
            "payment_order_closed",
        ),
        (
            "insert into remittance values ('none', 1, 2017, 1)".to_owned(),
            "remittance_of_payment",
        ),
    ]
}

#[tokio::test]
async fn the_database_refuses_what_would_not_balance_whoever_writes() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    books(&city).await;
    let mut service = suite.database("settlement", "gazelle_settlement").await;
    for (statement, expected) in [unbalanced(), unfounded(), unpaid()].concat() {
        assert_eq!(
            constraint(&mut service, &statement).await,
            expected,
            "{statement}"
        );
    }
    let twice = "insert into ledger_entry (entry_number, cause, cause_id, program_id, recorded_at,
                                           recorded_by, posting_count, digest)
                 select 1000, cause, cause_id, program_id, recorded_at, recorded_by, 1, digest
                 from ledger_entry where entry_number = 1";
    assert_eq!(
        constraint(&mut service, twice).await,
        "ledger_entry_one_per_cause"
    );
    suite.stop().await;
}

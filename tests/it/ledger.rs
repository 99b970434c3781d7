//! The books: what is found of what a superuser did past all the rules of the database.

use gazelle_proto::settlement::v1::LedgerCheckpoint;
use gazelle_runtime::clock::Clock;
use gazelle_tests::city::City;
use gazelle_tests::payments::{
    Owing, answer_list, payments, prepare, release, take_answer, verify,
};
use gazelle_tests::refusal::{metadata, reason};
use gazelle_tests::runs::books;
use gazelle_tests::suite::Suite;
use sqlx::{Executor as _, PgConnection};
use tonic::Code;

/// A superuser for whom no trigger and no foreign key holds.
async fn intruder(suite: &Suite) -> PgConnection {
    let mut session = suite.database("settlement", "postgres").await;
    let alone = "set session_replication_role = replica";
    session.execute(alone).await.unwrap();
    session
}

/// Each as what a superuser does, and what is found of it.
const TAMPERINGS: [(&str, &str); 27] = [
    (
        "alter table ledger_entry drop constraint ledger_entry_first;
         insert into ledger_entry (entry_number, cause, cause_id, program_id, recorded_at, recorded_by,
                                   posting_count, digest)
         select -7, cause, 'nothing', program_id, recorded_at, recorded_by, posting_count, digest
         from ledger_entry where entry_number = 1",
        "ENTRY_INSERTED",
    ),
    (
        "update ledger_posting set amount_fen = amount_fen + 1 where posting_number = 2",
        "ENTRY_EDITED",
    ),
    (
        "update ledger_posting set payment_id = 'p' where posting_number = 3",
        "ENTRY_EDITED",
    ),
    (
        "update ledger_posting set debit_account_id = credit_account_id,
                credit_account_id = debit_account_id where posting_number = 1",
        "ENTRY_EDITED",
    ),
    (
        "update ledger_entry set recorded_by = 'person:mallory' where entry_number = 2",
        "ENTRY_EDITED",
    ),
    (
        "update ledger_entry set recorded_at = recorded_at + interval '1 us' where entry_number = 3",
        "ENTRY_EDITED",
    ),
    (
        "update ledger_entry set cause_id = cause_id || 'x' where entry_number = 1",
        "ENTRY_EDITED",
    ),
    (
        "update ledger_entry set digest = sha256(digest) where entry_number = 2",
        "ENTRY_EDITED",
    ),
    (
        "delete from ledger_entry where entry_number = 2",
        "ENTRY_DELETED",
    ),
    (
        "update ledger_entry set entry_number = case entry_number when 1 then 2 else 1 end
         where entry_number in (1, 2)",
        "ENTRIES_SWAPPED",
    ),
    (
        "delete from ledger_posting where posting_number = 4",
        "POSTING_DELETED",
    ),
    (
        "insert into ledger_posting select 1000, 2, debit_account_id, credit_account_id, 1, null
         from ledger_posting where posting_number = 1",
        "POSTING_DELETED",
    ),
    (
        "update ledger_balance set before_fen = before_fen + 1 where number > 1 and posting_number =
                (select min(posting_number) from ledger_balance where number > 1)",
        "BALANCE_EDITED",
    ),
    (
        "alter table ledger_balance drop constraint ledger_balance_one_side;
         update ledger_balance set debit_fen = debit_fen + 7, credit_fen = credit_fen + 7
         where posting_number = 2",
        "BALANCE_EDITED",
    ),
    (
        "update ledger_balance set debit_fen = -credit_fen, credit_fen = -debit_fen
         where posting_number = 2",
        "BALANCE_EDITED",
    ),
    (
        "delete from ledger_balance where posting_number = 2",
        "BALANCE_DELETED",
    ),
    (
        "update ledger_account set kind = 'free' where kind = 'granted'",
        "ENTRY_EDITED",
    ),
    (
        "insert into ledger_account (kind, program_id, year)
         select 'granted', program_id, 2099 from program limit 1",
        "ACCOUNT_EDITED",
    ),
    (
        "alter table ledger_account drop constraint ledger_account_pkey cascade;
         insert into ledger_account (account_id, kind, program_id, year) overriding system value
         select account_id, 'granted', program_id, 2099 from ledger_account limit 1",
        "ACCOUNT_EDITED",
    ),
    (
        "update ledger_posting set entry_number = -601 where posting_number = 1",
        "POSTING_DELETED",
    ),
    (
        "update ledger_head set digest = sha256(digest)",
        "ENTRY_INSERTED",
    ),
    (
        "alter table ledger_head drop constraint ledger_head_only_row;
         insert into ledger_head select false, entry_number, posting_count, digest from ledger_head",
        "ENTRY_INSERTED",
    ),
    (
        "update ledger_head set posting_count = posting_count + 1",
        "POSTING_INSERTED",
    ),
    (
        "update ledger_balance set released_fen = released_fen + 1 where released_fen is not null",
        "CAUSE_DISAGREES",
    ),
    (
        "update open_item set amount_fen = amount_fen + 1",
        "CAUSE_DISAGREES",
    ),
    (
        "update run set granted_fen = granted_fen + 1, line_government_fen = line_government_fen + 1,
                line_fee_fen = line_fee_fen + 1 where state = 'approved'",
        "CAUSE_DISAGREES",
    ),
    (
        "update run set notice_ends_at = notice_ends_at - interval '1 us'",
        "CAUSE_DISAGREES",
    ),
];

#[tokio::test]
async fn whatever_a_superuser_does_to_the_books_is_found() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    books(&city).await;
    let whole = verify(&city, None).await.unwrap();
    assert!(whole.entry_number >= 6, "{whole:?}");
    let mut intruder = intruder(&suite).await;
    let copy = "create table kept_entry as table ledger_entry;
                create table kept_posting as table ledger_posting;
                create table kept_balance as table ledger_balance;
                create table kept_account as table ledger_account;
                create table kept_head as table ledger_head;
                create table kept_item as table open_item;
                create table kept_run as table run";
    intruder.execute(copy).await.unwrap();
    let unique = "alter table ledger_account drop constraint ledger_account_once cascade";
    intruder.execute(unique).await.unwrap();
    for (tampering, kind) in TAMPERINGS {
        // Numbers change places in one statement, which an immediate key would not let pass.
        let swaps = tampering.contains("case entry_number");
        if swaps {
            let key = "alter table ledger_entry drop constraint ledger_entry_pkey cascade";
            intruder.execute(key).await.unwrap();
        }
        let done = intruder.execute(tampering).await.unwrap();
        assert!(done.rows_affected() > 0, "{tampering}");

        let status = verify(&city, None).await.unwrap_err();

        assert_eq!(
            (status.code(), &*reason(&status)),
            (Code::DataLoss, "LEDGER_BROKEN")
        );
        assert_eq!(metadata(&status, "kind"), kind, "{tampering}: {status}");
        undo(&mut intruder).await;
        assert_eq!(verify(&city, None).await.unwrap(), whole, "{tampering}");
    }
    suite.stop().await;
}

/// Puts back what was kept.
async fn undo(intruder: &mut PgConnection) {
    let undo = "delete from ledger_balance; delete from ledger_posting; delete from ledger_entry;
                delete from ledger_account; delete from ledger_head;
                insert into ledger_account overriding system value table kept_account;
                insert into ledger_entry (entry_number, cause, cause_id, program_id, recorded_at,
                                          recorded_by, posting_count, digest)
                select entry_number, cause, cause_id, program_id, recorded_at, recorded_by,
                       posting_count, digest from kept_entry;
                insert into ledger_posting table kept_posting;
                insert into ledger_balance (account_id, number, kind, posting_number, debit_fen,
                                            credit_fen, before_fen, released_fen)
                select account_id, number, kind, posting_number, debit_fen, credit_fen, before_fen,
                       released_fen from kept_balance;
                insert into ledger_head table kept_head;
                delete from open_item; insert into open_item table kept_item;
                update run set granted_fen = kept.granted_fen, line_fee_fen = kept.line_fee_fen,
                       line_government_fen = kept.line_government_fen,
                       notice_ends_at = kept.notice_ends_at
                from kept_run kept where kept.run_id = run.run_id";
    intruder.execute(undo).await.unwrap();
}

#[tokio::test]
async fn a_checkpoint_shows_books_that_were_cut_or_written_anew() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    books(&city).await;
    let whole = verify(&city, None).await.unwrap();
    assert_eq!(verify(&city, Some(whole.clone())).await.unwrap(), whole);
    let other = LedgerCheckpoint {
        digest: "00".repeat(32),
        ..whole.clone()
    };
    let status = verify(&city, Some(other)).await.unwrap_err();
    assert_eq!(metadata(&status, "kind"), "WRITTEN_ANEW");

    let mut intruder = intruder(&suite).await;
    let cut = "delete from ledger_balance where posting_number in (
                   select posting_number from ledger_posting join ledger_head using (entry_number));
               delete from ledger_posting where entry_number = (select entry_number from ledger_head);
               delete from ledger_entry where entry_number = (select entry_number from ledger_head);
               update ledger_head set entry_number = entry_number - 1,
                      digest = (select digest from ledger_entry e where e.entry_number = ledger_head.entry_number - 1)";
    intruder.execute(cut).await.unwrap();
    let status = verify(&city, Some(whole)).await.unwrap_err();
    assert_eq!(metadata(&status, "kind"), "TAIL_CUT");
    suite.stop().await;
}

#[tokio::test]
async fn payees_of_the_treasurys_accounts_that_change_places_are_found() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 2).await;
    let order = prepare(&city.officer, &owing.program_id).await.unwrap();
    release(&city.approver, &order).await.unwrap();
    // Paid, and returned later: both balances are 0 again.
    for result in ["成功", "退回"] {
        let made = payments(&city, &order).await;
        let rows: Vec<_> = made.iter().map(|it| (&*it.payment_id, result)).collect();
        take_answer(&city.officer, &answer_list(&order, &rows))
            .await
            .unwrap();
    }
    verify(&city, None).await.unwrap();
    let mut intruder = intruder(&suite).await;
    let swap = "alter table ledger_account drop constraint ledger_account_once cascade;
                update ledger_account account set payee_id = other.payee_id
                from ledger_account other
                where account.kind = 'treasury' and other.kind = 'treasury'
                      and account.account_id <> other.account_id";
    intruder.execute(swap).await.unwrap();

    let status = verify(&city, None).await.unwrap_err();

    assert_eq!(metadata(&status, "kind"), "ENTRY_EDITED");
    suite.stop().await;
}

#[tokio::test]
async fn what_the_database_derives_and_is_made_something_else_is_found() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    books(&city).await;
    verify(&city, None).await.unwrap();
    let mut intruder = intruder(&suite).await;
    for (edit, undo, kind) in [
        (
            "alter table ledger_entry alter previous drop expression;
             update ledger_entry set previous = 7 where entry_number = 2",
            "update ledger_entry set previous = 1 where entry_number = 2",
            "CAUSE_DISAGREES",
        ),
        (
            "alter table ledger_balance alter previous drop expression;
             update ledger_balance set previous = 7 where posting_number = 2",
            "update ledger_balance set previous = nullif(number - 1, 0) where posting_number = 2",
            "BALANCE_EDITED",
        ),
        (
            "alter table ledger_balance alter after_fen drop expression;
             update ledger_balance set after_fen = after_fen - 1 where posting_number = 2",
            "update ledger_balance set after_fen = after_fen + 1 where posting_number = 2",
            "BALANCE_EDITED",
        ),
    ] {
        intruder.execute(edit).await.unwrap();
        let status = verify(&city, None).await.unwrap_err();
        assert_eq!(metadata(&status, "kind"), kind, "{edit}: {status}");
        intruder.execute(undo).await.unwrap();
        verify(&city, None).await.unwrap();
    }
    suite.stop().await;
}

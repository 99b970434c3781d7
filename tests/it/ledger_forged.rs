//! The books: what is found where all hangs together, of what somebody added, of a trail that was
//! edited with what it tells, and of what was changed between two steps.

use gazelle_proto::settlement::v1::PaymentFileFormat;
use gazelle_runtime::clock::Clock;
use gazelle_tests::city::City;
use gazelle_tests::payments::{Owing, confirm_account, export, prepare, release, verify};
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::runs::{books, settled_city};
use gazelle_tests::suite::Suite;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use tonic::Code;

/// What is found: its kind, and what exactly.
async fn found(city: &City<'_>) -> (String, String) {
    let checked = verify(city, None).await;
    let status = refused(checked, Code::DataLoss, "LEDGER_BROKEN");
    (metadata(&status, "kind"), metadata(&status, "detail"))
}

async fn run(session: &mut PgConnection, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    session.execute(statements).await.unwrap();
}

/// Adds an entry as `ledger_service.proto` has it, by which one fen goes from account to account
/// of a program's 2017: no trigger, check or foreign key minds.
const FORGE: &str = "
    create function part(field text) returns bytea language sql as
        $$ select int8send(octet_length(convert_to(field, 'UTF8'))) || convert_to(field, 'UTF8') $$;
    create function named(kind text, program text) returns text language sql as
        $$ select case kind when 'budget' then concat('equity:budget:', program, ':2017')
                  else concat('assets:budget:', program, ':2017:', kind) end $$;
    create function book(account text, program text, posting bigint, debit bigint, credit bigint)
        returns void language sql as
        $$ insert into ledger_balance (account_id, number, kind, posting_number, debit_fen,
                                       credit_fen, before_fen)
           select account_id, number + 1, kind, posting, debit, credit, after_fen
           from ledger_balance join ledger_account using (account_id, kind)
           where kind = account and program_id = program and year = 2017
           order by number desc limit 1 $$;
    create function forge(program text, id text, debits text[], credits text[]) returns void
        language plpgsql as $$
    declare
        head ledger_head;
        message bytea;
        moved integer := cardinality(debits);
    begin
        select * into head from ledger_head;
        message := 'gazelle.ledger.v1'::bytea || head.digest
            || int8send((extract(epoch from now()) * 1000000)::bigint) || part('budget_set')
            || part(id) || part(program) || part('person:officer') || int8send(moved);
        for place in 1..moved loop
            message := message || part(named(debits[place], program))
                || part(named(credits[place], program)) || int8send(1) || part('');
        end loop;
        insert into ledger_entry (entry_number, cause, cause_id, program_id, recorded_at,
                                  recorded_by, posting_count, digest)
        values (head.entry_number + 1, 'budget_set', id, program, now(), 'person:officer', moved,
                sha256(message));
        for place in 1..moved loop
            insert into ledger_posting
            select head.posting_count + place, head.entry_number + 1, debit.account_id,
                   credit.account_id, 1
            from ledger_account debit join ledger_account credit using (program_id, year)
            where program_id = program and year = 2017 and debit.kind = debits[place]
              and credit.kind = credits[place];
            perform book(debits[place], program, head.posting_count + place, 1, 0),
                    book(credits[place], program, head.posting_count + place, 0, 1);
        end loop;
        update ledger_head set entry_number = head.entry_number + 1, digest = sha256(message),
               posting_count = head.posting_count + moved;
    end $$";

#[tokio::test]
async fn an_entry_that_hangs_together_and_that_nobody_made_is_found() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let program = books(&city).await;
    let whole = verify(&city, None).await.unwrap();
    let mut owner = suite.database("settlement", "postgres").await;
    run(&mut owner, FORGE).await;

    // All accounts come to what they did.
    let back_and_forth = format!(
        "select forge('{program}', '{program} 2', array['free', 'budget'], array['budget', 'free'])"
    );
    run(&mut owner, &back_and_forth).await;
    let (kind, detail) = found(&city).await;
    assert_eq!(kind, "CAUSE_DISAGREES");
    let nobody = format!("entry {}: nobody did budget_set", whole.entry_number + 1);
    assert!(detail.starts_with(&nobody), "{detail}");

    // What was granted could be granted once more.
    let freed =
        format!("select forge('{program}', '{program} 3', array['free'], array['granted'])");
    run(&mut owner, &freed).await;
    let (kind, detail) = found(&city).await;
    assert_eq!(kind, "CAUSE_DISAGREES");
    assert!(detail.starts_with("free of"), "{detail}");
    suite.stop().await;
}

#[tokio::test]
async fn a_trail_that_was_edited_with_what_it_tells_is_found() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    books(&city).await;
    let mut owner = suite.database("settlement", "postgres").await;
    let edit = "set session_replication_role = replica;
                update program_version set applied_by = 'person:mallory';
                update event set actor = 'person:mallory' where action = 'program.apply'";
    run(&mut owner, edit).await;

    let (kind, detail) = found(&city).await;

    assert_eq!(kind, "TRAIL_BROKEN");
    assert!(detail.starts_with("ENTRY_EDITED: entry"), "{detail}");
    suite.stop().await;
}

#[tokio::test]
async fn what_was_changed_of_an_order_between_two_steps_is_found_after_the_second() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 2).await;
    let order = prepare(&city.officer, &owing.program_id).await.unwrap();
    let mut owner = suite.database("settlement", "postgres").await;
    let edit = "set session_replication_role = replica;
                update payment_order set prepared_by = 'person:mallory'";
    run(&mut owner, edit).await;
    release(&city.approver, &order).await.unwrap();

    let (kind, detail) = found(&city).await;

    assert_eq!(kind, "CAUSE_DISAGREES");
    let steps = format!("order {} is not what its steps made of it", order.order_id);
    assert_eq!(detail, steps);
    suite.stop().await;
}

#[tokio::test]
async fn what_was_changed_of_open_items_between_two_steps_is_found_after_the_second() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let program_id = settled_city(&city, &["2017-01", "2017-02"], |_| ()).await;
    for period in ["2017-01", "2017-02"] {
        city.settle(&program_id, 2017, period).await;
    }
    let mut owner = suite.database("settlement", "postgres").await;
    let payee: String = sqlx::query_scalar("select distinct payee_id from open_item")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    confirm_account(&city, &payee, "777").await;
    // Another run's money than was given, and as much of it.
    let edit = "set session_replication_role = replica;
                update open_item set amount_fen = amount_fen + case run_number when 1 then 1 else -1 end";
    run(&mut owner, edit).await;
    prepare(&city.officer, &program_id).await.unwrap();

    let (kind, detail) = found(&city).await;

    assert_eq!(kind, "CAUSE_DISAGREES");
    let items = format!("open items of {program_id} are not what was left of them");
    assert_eq!(detail, items);
    suite.stop().await;
}

const FORMATS: [PaymentFileFormat; 3] = [
    PaymentFileFormat::Pain001,
    PaymentFileFormat::TreasuryCsv,
    PaymentFileFormat::TreasuryXlsx,
];

#[tokio::test]
async fn what_is_paid_is_what_was_prepared_and_released_and_what_the_books_owe() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 2).await;
    let mut owner = suite.database("settlement", "postgres").await;
    run(&mut owner, "set session_replication_role = replica").await;

    let more = "update open_item set amount_fen = amount_fen + 1";
    run(&mut owner, more).await;
    let unowed = prepare(&city.officer, &owing.program_id).await;
    refused(unowed, Code::Internal, "INTERNAL");
    let less = "update open_item set amount_fen = amount_fen - 1";
    run(&mut owner, less).await;

    let order = prepare(&city.officer, &owing.program_id).await.unwrap();
    // There, and back again.
    let elsewhere = "update payment set account_number = reverse(account_number)
                     where payment_id like '%-1'";
    run(&mut owner, elsewhere).await;
    let changed = release(&city.approver, &order).await;
    refused(changed, Code::FailedPrecondition, "DIGEST_MISMATCH");
    run(&mut owner, elsewhere).await;
    release(&city.approver, &order).await.unwrap();

    run(&mut owner, elsewhere).await;
    for format in FORMATS {
        let changed = export(&city.officer, &order.order_id, format).await;
        refused(changed, Code::FailedPrecondition, "DIGEST_MISMATCH");
    }
    run(&mut owner, elsewhere).await;
    let file = export(&city.officer, &order.order_id, FORMATS[0]).await;
    assert!(!file.unwrap().is_empty());
    verify(&city, None).await.unwrap();
    suite.stop().await;
}

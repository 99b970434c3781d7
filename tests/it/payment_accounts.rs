//! Payment accounts: proposed by one person, confirmed by another, whoever writes.

use gazelle_proto::registry::v1::{
    ListPaymentAccountsRequest, PaymentAccount, PaymentAccountState as AccountState,
};
use gazelle_runtime::clock::Clock;
use gazelle_tests::fresh;
use gazelle_tests::office::{Office, account};
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::registry::{counts, rejections};
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::registry_is_sound;
use time::Duration;
use tonic::Code;

#[tokio::test]
async fn an_account_is_in_force_once_somebody_else_confirmed_it() {
    let office = Office::open();
    let one = office.payee().await;
    let platform = account(&fresh::platform("mall"), "");
    office
        .city
        .bind(&platform.payee_id, "shop", &one.payee_id)
        .await;
    // A platform without a name is registered under its id.
    let platform = account(&platform.payee_id, &platform.payee_id);

    let put = office.put(&[&one, &platform]).await;
    assert_eq!((counts(&put), rejections(&put)), ((2, 0, 0), vec![]));
    assert_eq!(office.in_force(&one).await, None);
    assert_eq!(office.confirm(&[&one, &platform]).await, 2);

    let in_force = office.in_force(&one).await.unwrap();
    assert_eq!(in_force.account_number, one.account_number);
    assert_eq!(
        (
            in_force.proposed_by.as_str(),
            in_force.confirmed_by.as_str()
        ),
        ("person:registrar", "person:approver")
    );
    assert_eq!(office.states(&one).await, [AccountState::Confirmed]);
    assert!(office.in_force(&platform).await.is_some());
    let again = Office::confirm_as(&office.city.approver, &[&one], 0).await;
    refused(again, Code::FailedPrecondition, "ACCOUNT_NOT_PROPOSED");

    let mut newer = one.clone();
    newer.account_number = "99999-A".to_owned();
    assert_eq!(counts(&office.put(&[&newer]).await), (0, 1, 0));
    assert_eq!(office.in_force(&one).await.unwrap(), in_force);
    assert_eq!(office.confirm(&[&newer]).await, 1);
    assert_eq!(
        office.in_force(&one).await.unwrap().account_number,
        "99999-A"
    );
    assert_eq!(
        office.states(&one).await,
        [AccountState::Replaced, AccountState::Confirmed]
    );
}

#[tokio::test]
async fn accounts_are_proposed_and_confirmed_when_the_database_says() {
    let now = Clock::system().now();
    let suite = Suite::start(Clock::fixed(now + Duration::days(40))).await;
    let office = Office::on(&suite);
    let one = office.payee().await;
    office.put(&[&one]).await;
    assert_eq!(office.confirm(&[&one]).await, 1);

    let in_force = office.in_force(&one).await.unwrap();
    for at in [in_force.proposed_at, in_force.confirmed_at] {
        let tomorrow = now + Duration::days(1);
        assert!(at.unwrap().seconds < tomorrow.unix_timestamp());
    }
    suite.stop().await;
}

#[tokio::test]
async fn nobody_confirms_what_they_proposed_not_even_past_the_service() {
    // Of its own: all that wait are confirmed.
    let suite = Suite::start(Clock::system()).await;
    let office = Office::on(&suite);
    let (own, others) = (office.payee().await, office.payee().await);
    Office::put_as(&office.admin, &[&own]).await;
    office.put(&[&others]).await;

    let named = Office::confirm_as(&office.admin, &[&others, &own], 0).await;
    let status = refused(named, Code::PermissionDenied, "SELF_APPROVAL");
    assert_eq!(metadata(&status, "payee_id"), own.payee_id);
    assert_eq!(office.states(&others).await, [AccountState::Proposed]);
    let all = Office::confirm_as(&office.admin, &[], 0).await.unwrap();
    assert_eq!((all.confirmed_count, all.left_count), (1, 1));
    assert_eq!(office.states(&own).await, [AccountState::Proposed]);
    assert_eq!(office.states(&others).await, [AccountState::Confirmed]);

    // Neither does the owner of the tables write it down so.
    let mut session = suite.database("registry", "gazelle_registry_owner").await;
    let mut closed = sqlx::Connection::begin(&mut session).await.unwrap();
    let close = "update payment_account_state set until_revision = since_revision + 1000000
                 where payee_id = $1";
    let done = sqlx::query(close)
        .bind(&own.payee_id)
        .execute(&mut *closed)
        .await;
    assert_eq!(done.unwrap().rows_affected(), 1);
    for (confirmed_by, proposed_by) in [
        ("proposed_by", "proposed_by"),
        // Nor under another's name as the one who proposed it.
        ("proposed_by", "'person:registrar'"),
    ] {
        let insert = format!(
            "insert into payment_account_state (payee_id, version, proposed_by, state,
                                                confirmed_by, confirmed_at, since_revision)
             select payee_id, version, {proposed_by}, 'confirmed', {confirmed_by}, proposed_at,
                    proposed_revision + 1000000
             from payment_account where payee_id = $1"
        );
        let mut attempt = sqlx::Acquire::begin(&mut *closed).await.unwrap();
        let insert = sqlx::query(sqlx::AssertSqlSafe(insert)).bind(&own.payee_id);
        let error = insert.execute(&mut *attempt).await.unwrap_err();
        let error = error.into_database_error().unwrap();
        let constraint = error.constraint().unwrap_or_default().to_owned();
        assert!(
            [
                "payment_account_state_confirmed_by_another",
                "payment_account_state_of_account"
            ]
            .contains(&constraint.as_str()),
            "{error}"
        );
        attempt.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn states_of_an_account_follow_each_other_also_past_the_service() {
    let suite = Suite::start(Clock::system()).await;
    let office = Office::on(&suite);
    let payee = office.payee().await;
    office.put(&[&payee]).await;
    assert_eq!(office.confirm(&[&payee]).await, 1);

    let mut session = suite.database("registry", "gazelle_registry_owner").await;
    let mut closed = sqlx::Connection::begin(&mut session).await.unwrap();
    let close = "update payment_account_state set until_revision = since_revision + 1000000
                 where payee_id = $1 and until_revision is null";
    let done = sqlx::query(close)
        .bind(&payee.payee_id)
        .execute(&mut *closed)
        .await;
    assert_eq!(done.unwrap().rows_affected(), 1);
    for (state, confirmed_by, later, taken) in [
        // What was confirmed is proposed no more, nor confirmed twice.
        ("'proposed'", "null", 0, false),
        ("state", "confirmed_by", 0, false),
        // Who confirmed it stays, and there is no time between.
        ("'replaced'", "'person:somebody'", 0, false),
        ("'replaced'", "null", 0, false),
        ("'replaced'", "confirmed_by", 1, false),
        ("'replaced'", "confirmed_by", 0, true),
    ] {
        let insert = format!(
            "insert into payment_account_state (payee_id, version, proposed_by, state,
                                                confirmed_by, confirmed_at, since_revision)
             select payee_id, version, proposed_by, {state}, {confirmed_by},
                    case when {confirmed_by} is null then null else confirmed_at end,
                    until_revision + {later}
             from payment_account_state where payee_id = $1 and state = 'confirmed'"
        );
        let mut attempt = sqlx::Acquire::begin(&mut *closed).await.unwrap();
        let insert = sqlx::query(sqlx::AssertSqlSafe(insert)).bind(&payee.payee_id);
        let inserted = insert.execute(&mut *attempt).await;
        attempt.rollback().await.unwrap();
        if taken {
            assert_eq!(inserted.unwrap().rows_affected(), 1);
            continue;
        }
        let error = inserted.unwrap_err().into_database_error().unwrap();
        let rule = Some("payment_account_state_rule");
        assert_eq!(error.constraint(), rule, "{state} {confirmed_by}: {error}");
    }
    suite.stop().await;
}

#[tokio::test]
async fn only_what_the_approver_has_seen_is_confirmed_or_rejected() {
    let office = Office::open();
    let payee = office.payee().await;
    let seen = office.put(&[&payee]).await.revision;
    let mut other = payee.clone();
    other.account_number = "11111111".to_owned();
    let latest = office.put(&[&other]).await.revision;
    assert_eq!(
        office.states(&payee).await,
        [AccountState::Replaced, AccountState::Proposed]
    );
    let late = Office::confirm_as(&office.city.approver, &[&payee], seen).await;
    refused(late, Code::FailedPrecondition, "ACCOUNT_NOT_PROPOSED");
    let late = office.reject_seen(&payee, seen).await;
    refused(late, Code::FailedPrecondition, "ACCOUNT_NOT_PROPOSED");
    let now = Office::confirm_as(&office.city.approver, &[&payee], latest).await;
    assert_eq!(now.unwrap().confirmed_count, 1);
    // The same account, which is in force since.
    let late = office.reject_seen(&payee, latest).await;
    refused(late, Code::FailedPrecondition, "ACCOUNT_NOT_PROPOSED");
    assert_eq!(office.reject(&payee).await.unwrap(), (0, 1));
}

#[tokio::test]
async fn bad_rows_are_refused_and_a_bank_code_that_fails_its_check_is_warned_of() {
    let office = Office::open();
    let mut items = vec![PaymentAccount::default(); 12];
    for item in &mut items {
        *item = office.payee().await;
    }
    items[0].payee_id = fresh::uscc();
    items[1].payee_id = fresh::platform("unknown");
    items[2].payee_id = "nobody!".to_owned();
    items[3].account_name.push('x');
    items[4].account_number.push('a');
    items[5].bank_code.pop();
    items[6].name_exception_evidence = "seen".to_owned();
    items[7].account_name = "杭州市西湖区龙井茶庄（代收）".to_owned();
    items[7].name_exception_evidence = "委托书".to_owned();
    // The same name in another width.
    items[8].account_name = "\u{3000}杭州市西湖区龙井茶庄 ".to_owned();
    items[9].bank_code = "102100099995".to_owned();
    items[10].account_name = "＝1+1".to_owned();
    items[10].name_exception_evidence = "委托书".to_owned();
    items[11].bank_name = "@SUM(A1)".to_owned();

    let put = office.put(&items.iter().collect::<Vec<_>>()).await;

    assert_eq!(counts(&put), (3, 0, 0));
    assert_eq!(
        rejections(&put),
        [
            (0, "ENTERPRISE_NOT_FOUND", "uscc"),
            (1, "PLATFORM_NOT_FOUND", "payee_id"),
            (2, "PAYEE_INVALID", "payee_id"),
            (3, "ACCOUNT_NAME_MISMATCH", "account_name"),
            (4, "ACCOUNT_NUMBER_INVALID", "account_number"),
            (5, "BANK_CODE_INVALID", "bank_code"),
            (6, "EXCEPTION_NOT_NEEDED", "name_exception_evidence"),
            (10, "TEXT_INVALID", "account_name"),
            (11, "TEXT_INVALID", "bank_name"),
        ]
    );
    let number = &put.rejections[4].message;
    assert!(!number.contains(&items[4].account_number), "{number}");
    let warnings: Vec<_> = put
        .warnings
        .iter()
        .map(|w| (w.index, w.reason.as_str()))
        .collect();
    assert_eq!(warnings, [(9, "BANK_CODE_CHECK_DIGIT")]);
    let kept = office.versions(&items[8]).await;
    assert_eq!(kept[0].account_name, "杭州市西湖区龙井茶庄");
}

#[tokio::test]
async fn lists_show_the_last_four_characters_of_a_number() {
    let office = Office::open();
    let payee = office.payee().await;
    office.put(&[&payee]).await;
    office.confirm(&[&payee]).await;
    let request = ListPaymentAccountsRequest {
        payee_id: payee.payee_id.clone(),
        state: AccountState::Confirmed.into(),
        ..ListPaymentAccountsRequest::default()
    };
    let mut registry = office.city.officer.registry.clone();
    let listed = registry.list_payment_accounts(request).await.unwrap();
    let listed = listed.into_inner().accounts;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].account_number_last_four, "5678");
    assert!(!format!("{listed:?}").contains("1234"));
    // What is written down of the change neither.
    let mut session = Suite::shared()
        .database("registry", "gazelle_registry")
        .await;
    let count = "select count(*) from event where content like '%12345678%'";
    let count: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut session)
        .await
        .unwrap();
    assert_eq!(count, 0);
}

#[tokio::test]
async fn an_account_as_a_list_shows_it_is_unchanged_where_it_is_recorded_and_never_proposed() {
    let office = Office::open();
    let (payee, rejected, other) = (
        office.payee().await,
        office.payee().await,
        office.payee().await,
    );
    let mut newer = payee.clone();
    newer.bank_name = "工商银行".to_owned();
    for account in [&payee, &newer] {
        office.put(&[account]).await;
        office.confirm(&[account]).await;
    }
    office.put(&[&rejected]).await;
    office.reject(&rejected).await.unwrap();
    let as_listed = |account: &PaymentAccount| PaymentAccount {
        account_number: String::new(),
        account_number_last_four: "5678".to_owned(),
        ..account.clone()
    };
    let mut wrong_end = as_listed(&payee);
    wrong_end.account_number_last_four = "5679".to_owned();
    let mut no_end = as_listed(&payee);
    no_end.account_number_last_four = "678".to_owned();
    let rows = [&payee, &newer, &rejected, &other].map(as_listed);
    let mut rows: Vec<_> = rows.iter().collect();
    rows.extend([&wrong_end, &no_end, &other]);

    let put = office.put(&rows).await;

    assert_eq!(counts(&put), (1, 0, 3));
    assert_eq!(
        rejections(&put),
        [
            (3, "ACCOUNT_NUMBER_HIDDEN", "account_number"),
            (4, "ACCOUNT_NUMBER_HIDDEN", "account_number"),
            (5, "ACCOUNT_NUMBER_INVALID", "account_number_last_four"),
        ]
    );
    let warnings = put.warnings.iter().map(|w| (w.index, w.reason.as_str()));
    let hidden = |index| (index, "ACCOUNT_NUMBER_HIDDEN");
    assert_eq!(warnings.collect::<Vec<_>>(), [hidden(0), hidden(2)]);

    // Nor does it propose anew what a payment came back from.
    let payment = fresh::program("payment");
    office.note(&newer, &payment, Clock::system().now()).await;
    let put = office.put(&[&as_listed(&newer)]).await;
    assert_eq!((counts(&put), put.warnings.len()), ((0, 0, 1), 1));
    assert_eq!(
        office.states(&payee).await,
        [AccountState::Replaced, AccountState::Confirmed]
    );
    registry_is_sound(Suite::shared()).await;
}

#[tokio::test]
async fn the_same_account_again_changes_nothing_unless_a_payment_came_back_since() {
    let office = Office::open();
    let payee = office.payee().await;
    office.put(&[&payee]).await;
    assert_eq!(counts(&office.put(&[&payee]).await), (0, 0, 1));
    office.confirm(&[&payee]).await;
    assert_eq!(counts(&office.put(&[&payee]).await), (0, 0, 1));

    let payment = fresh::program("payment");
    let returned_at = Clock::system().now();
    assert_eq!(office.note(&payee, &payment, returned_at).await, 1);
    assert_eq!(office.note(&payee, &payment, returned_at).await, 0);
    let in_force = office.in_force(&payee).await.unwrap();
    assert!(in_force.payment_returned_at.is_some());
    assert_eq!(counts(&office.put(&[&payee]).await), (0, 1, 0));
    assert_eq!(counts(&office.put(&[&payee]).await), (0, 0, 1));
    assert_eq!(office.confirm(&[&payee]).await, 1);
    let in_force = office.in_force(&payee).await.unwrap();
    assert_eq!((in_force.version, in_force.payment_returned_at), (2, None));
    assert_eq!(counts(&office.put(&[&payee]).await), (0, 0, 1));

    // A return from before the confirmation, noted late, holds nothing up.
    let late = fresh::program("payment");
    assert_eq!(office.note(&payee, &late, returned_at).await, 1);
    assert_eq!(counts(&office.put(&[&payee]).await), (0, 0, 1));
    assert_eq!(
        office.states(&payee).await,
        [AccountState::Replaced, AccountState::Confirmed]
    );
    registry_is_sound(Suite::shared()).await;
}

#[tokio::test]
async fn a_proposal_between_a_return_and_its_late_note_is_made_then() {
    let office = Office::open();
    let payee = office.payee().await;
    office.put(&[&payee]).await;
    office.confirm(&[&payee]).await;
    let returned_at = Clock::system().now();
    assert_eq!(counts(&office.put(&[&payee]).await), (0, 0, 1));

    office
        .note(&payee, &fresh::program("payment"), returned_at)
        .await;

    let versions = office.versions(&payee).await;
    assert_eq!(
        office.states(&payee).await,
        [AccountState::Confirmed, AccountState::Proposed]
    );
    assert_eq!(versions[1].proposed_by, "person:registrar");
    assert_eq!(office.confirm(&[&payee]).await, 1);
    registry_is_sound(Suite::shared()).await;
}

#[tokio::test]
async fn a_rejected_account_is_not_paid_to_and_may_be_proposed_again() {
    let office = Office::open();
    let payee = office.payee().await;
    refused(
        office.reject(&payee).await,
        Code::NotFound,
        "ACCOUNT_NOT_FOUND",
    );
    office.put(&[&payee]).await;
    assert_eq!(office.reject(&payee).await.unwrap(), (1, 0));
    assert_eq!(counts(&office.put(&[&payee]).await), (0, 1, 0));
    office.confirm(&[&payee]).await;
    assert_eq!(office.reject(&payee).await.unwrap(), (0, 1));
    assert_eq!(office.in_force(&payee).await, None);
    let versions = office.versions(&payee).await;
    assert_eq!(versions[1].confirmed_by, versions[1].rejected_by);
    assert_eq!(
        office.states(&payee).await,
        [AccountState::Rejected, AccountState::Rejected]
    );
    registry_is_sound(Suite::shared()).await;
}

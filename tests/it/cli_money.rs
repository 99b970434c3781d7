//! An official with other people's money at the command line: what is confirmed is what was seen,
//! and no payment is settled on an amount that nobody compared without a word.

use gazelle_tests::city::City;
use gazelle_tests::desk::Desk;
use gazelle_tests::payments::{Owing, order, payments, prepare};
use gazelle_tests::suite::Suite;
use serde_json::json;

const ACCOUNTS: &str = "payee_id,account_name,account_number,bank_code,bank_name\n";

#[tokio::test]
async fn an_account_is_confirmed_as_it_was_shown_and_a_later_one_is_not() {
    let desk = Desk::new();
    let city = City::on(Suite::shared());
    let uscc = city.micro_enterprise().await;
    let name = gazelle_tests::city::shopkeeper(&uscc).name;
    let propose = async |number: &str| {
        let row = format!("{uscc},{name},{number},102100099996,工商银行\n");
        let file = desk.write("accounts.csv", format!("{ACCOUNTS}{row}"));
        let import = format!("account import {file}");
        let _ = desk.gazelle("registrar", &import).await.done();
    };
    propose("6222020200011111").await;
    let list = format!("account list --payee {uscc}");
    let seen = desk.json("approver", &list).await["payment_accounts"][0].clone();
    propose("6222020200022222").await;

    let revision = seen["proposed_revision"].as_i64().unwrap();
    for unseen in [
        "--version 1".to_owned(),
        format!("--through-revision {revision}"),
    ] {
        let confirm = format!("account confirm {uscc} {unseen}");
        let ran = desk.gazelle("approver", &confirm).await;
        ran.refused("ACCOUNT_NOT_PROPOSED");
    }
    let confirm = format!("account confirm {uscc} --version 2");
    let ran = desk.gazelle("approver", &confirm).await.done();
    for told in [&*uscc, &name, "工商银行", "…2222", "version 2", "person:"] {
        assert!(ran.stdout.contains(told), "{told}: {ran:?}");
    }
    assert!(ran.stdout.contains("1 account confirmed"), "{ran:?}");

    // Both versions, as the list has them: the first is not paid to.
    let listed = desk
        .gazelle("approver", &format!("{list} --output csv"))
        .await;
    let listed = desk.write("listed.csv", listed.done().stdout);
    let import = format!("account import {listed}");
    let again = desk.json("registrar", &import).await;
    let counts = ["unchanged", "changed", "rejected", "warnings"].map(|it| again[it].clone());
    assert_eq!(counts, [2, 0, 0, 1].map(|count| json!(count)), "{again}");

    let reject = format!("account reject {uscc}");
    let ran = desk.gazelle("approver", &reject).await.done();
    assert!(ran.stdout.contains("…2222"), "{ran:?}");
}

#[tokio::test]
async fn a_treasurys_answer_is_compared_by_whatever_name_its_amount_has() {
    let desk = Desk::new();
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 2).await;
    let paid = prepare(&city.officer, &owing.program_id).await.unwrap();
    let release = format!("payment release {}", paid.order_id);
    let released = desk.gazelle("approver", &release).await;
    let _ = released.shows_first(&paid.digest).done();
    let made = payments(&city, &paid).await;
    let answer = async |amount: &str, at: usize, cell: &str| {
        let (order_id, id) = (&paid.order_id, &made[at].payment_id);
        let list = format!("批次号,支付单号,结果{amount}\n{order_id},{id},成功{cell}\n");
        let file = desk.write("answer.csv", list);
        let answer = format!("payment answer {file}");
        desk.gazelle("officer", &answer).await
    };
    for amount in [",金额（元）", ",金额", ",amount"] {
        answer(amount, 0, ",1.00").await.refused("ANSWER_MISMATCH");
    }
    let unknown = answer(",实付数", 0, ",1.00").await;
    unknown.refused("ANSWER_UNREADABLE");
    assert!(unknown.stderr.contains("金额(元)"), "{unknown:?}");
    assert_eq!(order(&city, &paid.order_id).await.settled_count, 0);

    let compared = answer(",金额（元）", 0, ",5.00").await.done();
    assert!(!compared.stdout.contains("ATTENTION"), "{compared:?}");
    let blind = answer("", 1, "").await.done();
    assert!(blind.stdout.contains("ATTENTION"), "{blind:?}");
    let answers = format!("payment answers {}", paid.order_id);
    let kept = desk.json("auditor", &answers).await;
    let counts = [0, 1].map(|at| kept["answers"][at]["uncompared_count"].clone());
    assert_eq!(counts, [json!(1), json!(0)], "{kept}");
}

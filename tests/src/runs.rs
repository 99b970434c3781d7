//! Runs that many tests stand on, and what is done to them.

use gazelle_client::Client;
use gazelle_proto::settlement::v1::{
    CancelRunRequest, DecideObjectionRequest, DecideObjectionResponse, Objection, Program,
    RaiseObjectionRequest, Run,
};
use tonic::Status;

use crate::city::{City, at_once, program, share};
use crate::fresh;
use crate::report::fee;

/// A program with a micro enterprise in it, to which each month charged 1,000 fen.
pub async fn settled_city(
    city: &City<'_>,
    periods: &[&str],
    change: impl FnOnce(&mut Program),
) -> String {
    charged(city, periods, change).await.1
}

/// As [`settled_city`], with the platform before the program.
pub async fn charged(
    city: &City<'_>,
    periods: &[&str],
    change: impl FnOnce(&mut Program),
) -> (String, String) {
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    let mut program = program(&id, &[&platform]);
    change(&mut program);
    city.apply(program).await.unwrap();
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    city.enroll(&id, &uscc, 0).await;
    for period in periods {
        let record = fee(period, "shop", "COMMISSION", &format!("{period}-05"), 1_000);
        city.seal_period(&platform, period, &[record]).await;
    }
    (platform, id)
}

/// A run of a program with 400 fen, which grants 400 of 500; its program, its platform.
pub async fn run_of_400(city: &City<'_>) -> (Run, String, String) {
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    let short = Program {
        budgets: vec![at_once(400)],
        ..program(&id, &[&platform])
    };
    city.apply(short).await.unwrap();
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    city.enroll(&id, &uscc, 0).await;
    let records = [
        fee("r", "shop", "COMMISSION", "2017-01-05", 1_000),
        fee("s", "stranger", "COMMISSION", "2017-01-05", 1),
    ];
    city.seal_period(&platform, "2017-01", &records).await;
    let run = city.compute(&id, 0, "2017-01").await.unwrap();
    (city.publish(&run).await.unwrap(), id, platform)
}

/// A program with 1,000 fen, two enterprises with 1,600 and 800 fen of commissions in January, of
/// which half is due, and the run that grants 800 and, of 400, the last 200.
pub async fn short_run(city: &City<'_>) -> (String, String, [String; 2], Run) {
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    let short = Program {
        budgets: vec![at_once(1_000)],
        shares: vec![share("COMMISSION", 5_000, 1_000)],
        ..program(&id, &[&platform])
    };
    city.apply(short).await.unwrap();
    let e = [city.micro_enterprise().await, city.micro_enterprise().await];
    let mut records = Vec::new();
    for (minute, (uscc, fen)) in (0..).zip([(&e[0], 1_600), (&e[1], 800)]) {
        city.bind(&platform, uscc, uscc).await;
        city.enroll(&id, uscc, minute).await;
        records.push(fee(uscc, uscc, "COMMISSION", "2017-01-05", fen));
    }
    city.seal_period(&platform, "2017-01", &records).await;
    let run = city.compute(&id, 0, "2017-01").await.unwrap();
    (platform, id, e, run)
}

/// Cancels a run.
pub async fn cancel(officer: &Client, run: &Run) -> Result<Run, Status> {
    let request = CancelRunRequest {
        run_id: run.run_id.clone(),
    };
    Ok(officer
        .runs
        .clone()
        .cancel_run(request)
        .await?
        .into_inner()
        .run
        .unwrap())
}

/// Raises an objection.
pub async fn raise(officer: &Client, run: &Run, uscc: &str) -> Result<Objection, Status> {
    let request = RaiseObjectionRequest {
        run_id: run.run_id.clone(),
        uscc: uscc.to_owned(),
        statement: "一月的店铺不是我司的".to_owned(),
    };
    Ok(officer
        .runs
        .clone()
        .raise_objection(request)
        .await?
        .into_inner()
        .objection
        .unwrap())
}

/// Decides an objection.
pub async fn decide(
    officer: &Client,
    run: &Run,
    uscc: &str,
    uphold: bool,
) -> Result<DecideObjectionResponse, Status> {
    let request = DecideObjectionRequest {
        run_id: run.run_id.clone(),
        uscc: uscc.to_owned(),
        uphold,
        decision: "已核实".to_owned(),
    };
    Ok(officer
        .runs
        .clone()
        .decide_objection(request)
        .await?
        .into_inner())
}

/// Two programs' runs, approved, on a suite of their own: books that nobody else writes.
/// Returns the first program.
pub async fn books(city: &City<'_>) -> String {
    let (platform, uscc) = (fresh::platform("mall"), city.micro_enterprise().await);
    city.bind(&platform, "shop", &uscc).await;
    let records = [fee("r", "shop", "COMMISSION", "2017-01-05", 1_000)];
    city.seal_period(&platform, "2017-01", &records).await;
    let other = fresh::platform("other");
    city.bind(&other, "shop", &uscc).await;
    city.seal_period(&other, "2017-01", &records).await;
    let ids = [
        (fresh::program("one"), &platform),
        (fresh::program("two"), &other),
    ];
    for (id, platform) in &ids {
        city.apply(program(id, &[platform])).await.unwrap();
        city.enroll(id, &uscc, 0).await;
        city.settle(id, 2017, "2017-01").await;
    }
    let [(first, _), _] = ids;
    first
}

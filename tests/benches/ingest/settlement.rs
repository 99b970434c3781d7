//! A year's settlement, and a month's seal, against PostgreSQL's own sums over the raw records.
//!
//! The records come in through the usage service, the registry's facts and the program through
//! theirs; then every month is stated and sealed. PostgreSQL sums with its default settings for
//! queries (`work_mem`, parallel workers), on a table that was vacuumed and analysed.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use gazelle_proto::registry::v1 as registry;
use gazelle_proto::settlement::v1 as settlement;
use gazelle_proto::usage::v1 as usage;
use gazelle_runtime::auth::Role;
use gazelle_tests::{city, fresh, report};
use sqlx::{Executor as _, PgConnection};

use crate::data::{self, FEE_KINDS, PLATFORMS, Shape};
use crate::load;
use crate::measured::process_us;
use crate::progress::Progress;
use crate::rounds::MESSAGE_RECORDS;
use crate::server::{Database, Memory, Servers};
use crate::service::Service;

/// As many as in a large city.
const ENTERPRISES: usize = 10_000;

/// One of so many is too large for the program.
const INELIGIBLE: usize = 7;

/// Items of a call to the registry or to settlement.
const ITEMS: usize = 1_000;

const PROGRAM: &str = "bench";

/// The two ways to say it: join every record, or only the sums by merchant.
const JOIN_FIRST: &str = "select sum(total)::int8, count(*) from (\
     select enterprise, fee_kind, period, sum(amount_fen) total \
     from record join shop using (platform, merchant_id) where eligible group by 1, 2, 3) sums";
const GROUP_FIRST: &str = "select sum(total)::int8, count(*) from (\
     select enterprise, fee_kind, period, sum(total) total from (\
     select platform, merchant_id, fee_kind, period, sum(amount_fen) total \
     from record group by 1, 2, 3, 4) merchant_sums \
     join shop using (platform, merchant_id) where eligible group by 1, 2, 3) sums";

/// The sums that a seal keeps.
const PERIOD_SUMS: &str = "select sum(total)::int8, count(*) from (\
     select platform, period, merchant_id, fee_kind, fee_date, sum(amount_fen) total, count(*) \
     from record group by 1, 2, 3, 4, 5) sums";

/// A computation of the run.
#[derive(Debug, Clone, Copy)]
pub struct Computed {
    /// From the call to its answer.
    pub seconds: f64,
    /// CPU of the settlement service alone.
    pub cpu_seconds: f64,
}

/// The same year summed by PostgreSQL and settled, right after each other.
#[derive(Debug)]
pub struct Settled {
    pub join_first_seconds: f64,
    pub group_first_seconds: f64,
    /// By a service that has just started, and knows nothing of the registry.
    pub cold: Computed,
    /// The same once more.
    pub warm: Computed,
}

impl Settled {
    /// The better of the two.
    pub fn sql_seconds(&self) -> f64 {
        self.join_first_seconds.min(self.group_first_seconds)
    }
}

/// A month sealed.
#[derive(Debug)]
pub struct Sealed {
    /// The best of three.
    pub sql_seconds: f64,
    /// From the call to its answer.
    pub seconds: f64,
    /// What the records add up to.
    pub totals: i64,
}

/// A year of a city.
#[derive(Debug)]
pub struct Year {
    pub settled: Vec<Settled>,
    /// Sealing all of its months.
    pub seal_seconds: f64,
    /// What the records add up to by platform, month, merchant, kind and day.
    pub totals: i64,
}

/// Seals a month of all records of one platform.
pub async fn period(servers: &Servers, shape: Shape, progress: &Progress) -> Result<Sealed> {
    progress.step("a month: loading it");
    let shape = Shape {
        platforms: 1,
        periods: 1,
        ..shape
    };
    let database = servers.fresh(Memory::Ample).await?;
    let service = loaded(&database, shape).await?;
    progress.step("a month: its sums, and its seal");
    state(&service, shape).await?;
    let mut session = vacuumed(&database).await?;
    let mut sql_seconds = f64::INFINITY;
    let mut totals = 0;
    for _ in 0..3 {
        let (seconds, (_, rows)) = summed(&mut session, PERIOD_SUMS).await?;
        sql_seconds = sql_seconds.min(seconds);
        totals = rows;
    }
    servers.checkpoint().await?;
    let seconds = seal(&service, shape).await?;
    service.stop().await?;
    Ok(Sealed {
        sql_seconds,
        seconds,
        totals,
    })
}

/// Settles a year, so many times.
pub async fn year(
    servers: &Servers,
    shape: Shape,
    rounds: usize,
    progress: &Progress,
) -> Result<Year> {
    progress.step("a year: loading it");
    let database = servers.fresh(Memory::Ample).await?;
    let usage = loaded(&database, shape).await?;
    progress.step("a year: sealing it");
    state(&usage, shape).await?;
    let seal_seconds = seal(&usage, shape).await?;
    progress.step("a year: enterprises, shops and a program");
    let registry_database = servers.create(Memory::Ample, "registry").await?;
    let registry = Service::registry(&registry_database).await?;
    let codes: Vec<String> = (0..ENTERPRISES).map(|_| fresh::uscc()).collect();
    register(&registry, shape, &codes).await?;
    let settlement_database = servers.create(Memory::Ample, "settlement").await?;
    let service = Service::settlement(&settlement_database, &registry, &usage).await?;
    enroll(&service, &codes).await?;
    service.stop().await?;
    let mut session = vacuumed(&database).await?;
    create_shops(&mut session, shape).await?;
    let totals = sqlx::query_scalar("select sum(cardinality(fee_kinds))::int8 from sealed_total");
    let totals = totals.fetch_one(&mut session).await?;

    let mut settled = Vec::new();
    for _ in 0..rounds {
        progress.step("a year: its sums, and its settlement");
        servers.checkpoint().await?;
        let (join_first_seconds, (total_fen, _)) = summed(&mut session, JOIN_FIRST).await?;
        let (group_first_seconds, _) = summed(&mut session, GROUP_FIRST).await?;
        let service = Service::settlement(&settlement_database, &registry, &usage).await?;
        let cold = compute(&service, shape, total_fen).await?;
        let warm = compute(&service, shape, total_fen).await?;
        service.stop().await?;
        settled.push(Settled {
            join_first_seconds,
            group_first_seconds,
            cold,
            warm,
        });
    }
    usage.stop().await?;
    registry.stop().await?;
    Ok(Year {
        settled,
        seal_seconds,
        totals,
    })
}

async fn loaded(database: &Database<'_>, shape: Shape) -> Result<Service> {
    let service = Service::usage(database).await?;
    let lanes = shape.lanes(MESSAGE_RECORDS, 2);
    let measured = load::all(database, &service, lanes).await?;
    measured.all_of(shape.count)?;
    Ok(service)
}

fn periods(shape: Shape) -> impl Iterator<Item = (&'static str, String)> {
    let platforms = PLATFORMS.iter().take(shape.platforms);
    platforms.flat_map(move |platform| {
        (1..=shape.periods).map(|number| (*platform, data::period(number)))
    })
}

/// States what was received: the service is not on trial here.
async fn state(service: &Service, shape: Shape) -> Result<()> {
    for (platform_id, period) in periods(shape) {
        let client = service.platform(platform_id)?;
        let request = usage::GetPeriodRequest {
            platform_id: platform_id.to_owned(),
            period: period.clone(),
        };
        let found = client.usage.clone().get_period(request).await?.into_inner();
        let received = found.period.and_then(|period| period.received);
        let received = received.context("a period without what was received")?;
        let (count, total) = (received.record_count, received.total_fen);
        report::state(&client, platform_id, &period, count, total).await?;
    }
    Ok(())
}

async fn seal(service: &Service, shape: Shape) -> Result<f64> {
    let officer = service.person(Role::Officer)?;
    let started = Instant::now();
    for (platform_id, period) in periods(shape) {
        report::seal(&officer, platform_id, &period).await?;
    }
    Ok(started.elapsed().as_secs_f64())
}

/// A merchant's enterprise, and whether that one is eligible.
fn owner(platform: usize, rank: usize) -> (usize, bool) {
    let enterprise = (rank * PLATFORMS.len() + platform) % ENTERPRISES;
    (enterprise, !enterprise.is_multiple_of(INELIGIBLE))
}

fn shops(shape: Shape) -> impl Iterator<Item = (usize, usize)> {
    let platforms = 0..shape.platforms;
    platforms.flat_map(move |platform| (0..shape.merchants()).map(move |rank| (platform, rank)))
}

async fn register(service: &Service, shape: Shape, codes: &[String]) -> Result<()> {
    let mut client = service.person(Role::Registrar)?.registry;
    for (number, codes) in codes.chunks(ITEMS).enumerate() {
        let enterprises = codes.iter().map(|code| city::shopkeeper(code)).collect();
        let request = registry::PutEnterprisesRequest { enterprises };
        put(client.put_enterprises(request).await?.into_inner().result)?;
        let filing = |(index, code): (usize, &String)| {
            let mut filing = city::micro(code, 2016);
            if (number * ITEMS + index).is_multiple_of(INELIGIBLE) {
                // A retailer with these figures is LARGE.
                (filing.headcount, filing.annual_revenue_fen) = (1_000, 100_000_000_000);
            }
            filing
        };
        let filings = codes.iter().enumerate().map(filing).collect();
        let request = registry::PutFilingsRequest { filings };
        put(client.put_filings(request).await?.into_inner().result)?;
    }
    let bindings: Vec<_> = shops(shape)
        .map(|(platform, rank)| registry::MerchantBinding {
            platform_id: PLATFORMS[platform].to_owned(),
            merchant_id: shape.merchant_id(platform, rank),
            uscc: codes[owner(platform, rank).0].clone(),
            bound_from: "2010-01-01".to_owned(),
            bound_to: String::new(),
        })
        .collect();
    for bindings in bindings.chunks(ITEMS) {
        let bindings = bindings.to_vec();
        let request = registry::PutMerchantBindingsRequest { bindings };
        put(client
            .put_merchant_bindings(request)
            .await?
            .into_inner()
            .result)?;
    }
    Ok(())
}

fn put(result: Option<registry::ImportResult>) -> Result<()> {
    let rejections = result.context("no result")?.rejections;
    ensure!(rejections.is_empty(), "refused: {:?}", rejections[0]);
    Ok(())
}

/// A program that shares all fees of all but the ineligible, pro rata, from a budget that is too
/// short.
async fn enroll(service: &Service, codes: &[String]) -> Result<()> {
    let mut client = service.person(Role::Officer)?.programs;
    let program = settlement::Program {
        shares: FEE_KINDS.map(|kind| city::share(kind, 3_000, 500)).to_vec(),
        budgets: vec![city::at_once(1_000_000_000)],
        allocation: settlement::Allocation::ProRata.into(),
        ..city::program(PROGRAM, &[])
    };
    let request = settlement::ApplyProgramRequest {
        program: Some(program),
    };
    client.apply_program(request).await?;
    for codes in codes.chunks(ITEMS) {
        let enrollment = |code: &String| city::enrollment(PROGRAM, code);
        let enrollments = codes.iter().map(enrollment).collect();
        let request = settlement::PutEnrollmentsRequest { enrollments };
        let result = client.put_enrollments(request).await?.into_inner().result;
        let rejections = result.context("no result")?.rejections;
        ensure!(rejections.is_empty(), "refused: {:?}", rejections[0]);
    }
    Ok(())
}

/// A session on tables that are as PostgreSQL likes them best.
async fn vacuumed(database: &Database<'_>) -> Result<PgConnection> {
    let mut session = database.session().await?;
    session.execute("vacuum analyze record").await?;
    session.execute("vacuum analyze sealed_total").await?;
    Ok(session)
}

/// What PostgreSQL joins with: whose merchant it is, and whether that one is eligible.
async fn create_shops(session: &mut PgConnection, shape: Shape) -> Result<()> {
    let create = "create table shop (platform smallint, merchant_id text collate \"C\", enterprise integer not null, \
                  eligible boolean not null, primary key (platform, merchant_id))";
    session.execute(create).await?;
    let (mut platforms, mut merchants) = (Vec::new(), Vec::new());
    let (mut enterprises, mut eligibles) = (Vec::new(), Vec::new());
    for (platform, rank) in shops(shape) {
        let (enterprise, eligible) = owner(platform, rank);
        platforms.push(PLATFORMS[platform]);
        merchants.push(shape.merchant_id(platform, rank));
        enterprises.push(i32::try_from(enterprise)?);
        eligibles.push(eligible);
    }
    let insert = "insert into shop select platform, merchant_id, enterprise, eligible \
                  from unnest($1::text[], $2::text[], $3::int[], $4::bool[]) \
                  given (platform_id, merchant_id, enterprise, eligible) join platform using (platform_id)";
    sqlx::query(insert)
        .bind(platforms)
        .bind(merchants)
        .bind(enterprises)
        .bind(eligibles)
        .execute(&mut *session)
        .await?;
    session.execute("vacuum analyze shop").await?;
    Ok(())
}

/// How long a query of sums takes, their total, and how many there are.
async fn summed(session: &mut PgConnection, query: &'static str) -> Result<(f64, (i64, i64))> {
    let started = Instant::now();
    let sums = sqlx::query_as(query).fetch_one(session).await?;
    Ok((started.elapsed().as_secs_f64(), sums))
}

/// Computes the year's run, sees that it has what PostgreSQL summed, and cancels it.
async fn compute(service: &Service, shape: Shape, eligible_fen: i64) -> Result<Computed> {
    let officer = service.person(Role::Officer)?;
    // A call that makes the connection.
    let list = settlement::ListProgramsRequest::default();
    officer.programs.clone().list_programs(list).await?;
    let cpu_before = process_us(service.pid()?)?;
    let started = Instant::now();
    let run = city::compute(&officer, PROGRAM, 2017, &data::period(shape.periods)).await;
    let seconds = started.elapsed().as_secs_f64();
    let run = run.context("the run was refused")?;
    let cpu_us = process_us(service.pid()?)? - cpu_before;
    let totals = run.totals.context("a run without totals")?;
    ensure!(
        totals.eligible_fen == eligible_fen,
        "the run has {} fen of eligible fees, PostgreSQL sums {eligible_fen}",
        totals.eligible_fen
    );
    let request = settlement::CancelRunRequest { run_id: run.run_id };
    officer.runs.clone().cancel_run(request).await?;
    Ok(Computed {
        seconds,
        cpu_seconds: f64::from(u32::try_from(cpu_us)?) / 1e6,
    })
}

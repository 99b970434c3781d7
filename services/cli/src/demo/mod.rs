//! `gazelle demo`: a city's year, played through the same calls as the commands make.

mod accounts;
mod bank;
mod bars;
mod cast;
mod owed;
mod pay;
mod period;
mod summary;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Instant;

use gazelle_kernel::{ProgramId, Year};

use self::cast::{cast, headline};
use crate::args::DemoArgs;
use crate::commands::{enrollment, enterprise, filing, merchant, platform, program, suspension};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Format, Out, progress, thousands};
use crate::profile::Home;
use crate::sample::{self, PROGRAM_IDS, Size, YEAR};
use crate::up::{Options, Suite};
use crate::words;

/// Runs the demo.
pub async fn run(context: &mut Context, args: &DemoArgs, home_given: bool) -> Result<(), Failure> {
    let mut out = Out::stdout(Format::Table);
    let home = fresh_home(&context.home, home_given)?;
    let city = TemporaryFolder::temporary()?;
    let began = Instant::now();

    headline(
        &mut out,
        "A city, its enterprises, two platforms, three programs",
    )?;
    let size = Size {
        seed: args.seed,
        enterprises: args.enterprises,
        records: None,
    };
    let wait = progress::waiting("generating the city");
    let folder = city.0.clone();
    let generated = tokio::task::spawn_blocking(move || sample::generate(&folder, size)).await;
    wait.finish_and_clear();
    let generated = generated.map_err(|error| Failure::new("INTERNAL", error.to_string()))??;
    out.line(&format!(
        "{} enterprises, {} merchant accounts, {} usage records of {YEAR} (seed {})",
        count(generated.enterprises),
        count(generated.merchants),
        count(generated.records),
        args.seed
    ))?;
    out.flush()?;

    let wait = progress::waiting("starting the suite");
    let suite = Suite::start(&home, Options::default()).await;
    wait.finish_and_clear();
    let suite = suite?;
    out.line(&format!(
        "the suite is up, on a PostgreSQL of its own in {}",
        home.folder().display()
    ))?;
    out.flush()?;
    let played = play(&mut out, &suite, &city.0, home.folder()).await;
    let stopped = suite.stop().await;
    played.and(stopped)?;

    headline(&mut out, "Go on exploring")?;
    let folder = home.folder().display();
    out.line(&format!(
        "That took {} s. Everything is kept in {folder}:",
        began.elapsed().as_secs()
    ))?;
    out.line(&format!("  gazelle --home {folder} up"))?;
    out.line("and in another terminal")?;
    out.line(&format!("  export GAZELLE_HOME={folder}"))?;
    out.line("  export GAZELLE_AS=auditor")?;
    out.line("  gazelle settlement list")?;
    out.line("  gazelle settlement show RUN --table lines")?;
    out.line("  gazelle usage periods")?;
    out.line("  gazelle registry changes")?;
    out.line("  gazelle payment list")?;
    out.line("  gazelle help")?;
    out.flush()
}

async fn play(out: &mut Out, suite: &Suite, city: &Path, home: &Path) -> Result<(), Failure> {
    let cast = cast(suite)?;
    let year = Year::new(YEAR)?;
    headline(out, "The bureau registers them and applies its programs")?;
    platform::import_file(&cast.registrar, out, &city.join("platforms.csv")).await?;
    enterprise::import_file(&cast.registrar, out, &city.join("enterprises.csv")).await?;
    filing::import_file(&cast.registrar, out, &city.join("filings.csv")).await?;
    merchant::import_file(&cast.registrar, out, &city.join("merchants.csv")).await?;
    suspension::import_file(&cast.registrar, out, &city.join("suspensions.csv")).await?;
    for id in [
        "binjiang-pioneers",
        "card-fee-relief",
        "marketplace-fee-share",
    ] {
        let file = city.join("programs").join(format!("{id}.json"));
        let mut quiet = Out::to(Format::Table, Box::new(std::io::sink()));
        program::apply_file(&cast.officer, &mut quiet, &file).await?;
    }
    out.line(&format!("programs: {}", PROGRAM_IDS.join(", ")))?;
    enrollment::import_file(&cast.officer, out, &city.join("enrollments.csv")).await?;

    headline(
        out,
        "Month by month: reported, stated, sealed, settled, approved",
    )?;
    let programs: Vec<ProgramId> = PROGRAM_IDS
        .iter()
        .map(|id| ProgramId::parse(id))
        .collect::<Result<_, _>>()?;
    let statements = period::statements(city)?;
    let mut periods = Vec::new();
    out.line(&owed::line(&cast, &programs[0], year.december()).await?)?;
    for period in year.january().through(year.december()) {
        let wait = progress::waiting(&format!("{period}"));
        let settled = period::play(&cast, city, &statements, &programs, period).await;
        wait.finish_and_clear();
        let settled = settled?;
        out.line(&settled.line())?;
        out.flush()?;
        periods.push(settled);
    }
    out.line(&owed::line(&cast, &programs[0], year.december()).await?)?;
    summary::show(out, &cast, &periods).await?;
    pay::play(out, &cast, city, &programs, home).await
}

fn count(number: u64) -> String {
    thousands(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The home that was asked for, which must be empty, or a new one beside the default.
fn fresh_home(asked: &Home, given: bool) -> Result<Home, Failure> {
    if given {
        if is_unused(asked.folder())? {
            return Ok(asked.clone());
        }
        let message = words::HOME_USED.with(&[("home", &asked.folder().display())]);
        return Err(Failure::new("HOME_NOT_EMPTY", message));
    }
    let default = asked.folder().display();
    for number in 1_u32.. {
        let folder = PathBuf::from(format!("{default}-demo-{number}"));
        if is_unused(&folder)? {
            return Home::new(Some(folder));
        }
    }
    Err(Failure::new("HOME_NOT_EMPTY", words::HOME_NEEDED.say()))
}

fn is_unused(folder: &Path) -> Result<bool, Failure> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// A folder that is removed in the end.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn temporary() -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("gazelle-city-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What stays behind is only made-up data.
        let _ = fs::remove_dir_all(&self.0);
    }
}

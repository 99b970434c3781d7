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
    out.go_on_unread();
    let home = fresh_home(&context.home, home_given)?;
    let city = TemporaryFolder::temporary()?;
    let began = Instant::now();

    headline(&mut out, words::HEADLINE_CITY.say())?;
    let size = Size {
        seed: args.seed,
        enterprises: args.enterprises,
        records: None,
    };
    let wait = progress::waiting(words::GENERATING_CITY.say());
    let folder = city.0.clone();
    let generated = tokio::task::spawn_blocking(move || sample::generate(&folder, size)).await;
    wait.finish_and_clear();
    let generated = generated.map_err(|error| Failure::new("INTERNAL", error.to_string()))??;
    out.line(&words::CITY.with(&[
        ("enterprises", &count(generated.enterprises)),
        ("merchants", &count(generated.merchants)),
        ("records", &count(generated.records)),
        ("year", &YEAR),
        ("seed", &args.seed),
    ]))?;
    out.flush()?;

    let wait = progress::waiting(words::STARTING_SUITE.say());
    let suite = Suite::start(&home, Options::default()).await;
    wait.finish_and_clear();
    let suite = suite?;
    out.line(&words::SUITE_IS_UP.with(&[("home", &home.folder().display())]))?;
    out.flush()?;
    let played = play(&mut out, &suite, &city.0, home.folder()).await;
    let stopped = suite.stop().await;
    played.and(stopped)?;

    headline(&mut out, words::HEADLINE_ON.say())?;
    let folder = home.folder().display();
    let seconds = began.elapsed().as_secs();
    out.line(&words::KEPT_IN.with(&[("seconds", &seconds), ("home", &folder)]))?;
    out.line(&format!("  gazelle --home {folder} up"))?;
    out.line(words::OTHER_TERMINAL.say())?;
    out.line(&format!("  export GAZELLE_HOME={folder}"))?;
    out.line("  export GAZELLE_AS=auditor")?;
    out.line("  gazelle settlement list")?;
    out.line("  gazelle settlement show RUN --table lines")?;
    out.line("  gazelle usage periods")?;
    out.line("  gazelle registry changes")?;
    out.line("  gazelle payment list")?;
    out.line("  gazelle help")?;
    out.finish()
}

async fn play(out: &mut Out, suite: &Suite, city: &Path, home: &Path) -> Result<(), Failure> {
    let cast = cast(suite)?;
    let year = Year::new(YEAR)?;
    headline(out, words::HEADLINE_REGISTER.say())?;
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
    out.line(&words::PROGRAMS_APPLIED.with(&[("programs", &PROGRAM_IDS.join(", "))]))?;
    enrollment::import_file(&cast.officer, out, &city.join("enrollments.csv")).await?;

    headline(out, words::HEADLINE_MONTHS.say())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a source prints as it stands there.
    fn printed(source: &str) -> impl Iterator<Item = &str> {
        let calls = ["line(", "headline(out,", "headline(&mut out,", "waiting("];
        calls.into_iter().flat_map(move |call| {
            let after = source.split(call).skip(1);
            after.filter_map(|rest| {
                let rest = rest.trim_start().trim_start_matches("&format!(");
                rest.trim_start().strip_prefix('"')?.split('"').next()
            })
        })
    }

    #[test]
    fn what_is_said_is_said_in_the_language_of_the_process() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo");
        let mut commands = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let source = fs::read_to_string(entry.unwrap().path()).unwrap();
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for text in printed(source) {
                let places = text
                    .split('{')
                    .map(|it| it.split_once('}').map_or(it, |it| it.1));
                let own: String = places.collect();
                let is_command = own.starts_with("  gazelle") || own.starts_with("  export");
                commands += usize::from(is_command);
                let is_said = own.replace("\\n", "").contains(char::is_alphabetic);
                assert!(is_command || !is_said, "{text}");
            }
        }
        assert!(commands > 8, "{commands}");
    }
}

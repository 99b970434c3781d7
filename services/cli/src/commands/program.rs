//! `gazelle program`.

use std::collections::BTreeSet;
use std::path::Path;

use gazelle_kernel::Fen;
use gazelle_proto::settlement::v1::{
    Allocation, ApplyProgramRequest, GetProgramMoneyRequest, GetProgramRequest,
    ListProgramsRequest, ListRunsRequest, Payee, Program, Release, Run, RunState, SizeClass,
    YearMoney,
};

use super::platform::stranger;
use crate::args::ProgramCommand;
use crate::client::{Client, pages};
use crate::context::Context;
use crate::failure::Failure;
use crate::input::program::{FIELD_NAMES, ProgramFile};
use crate::output::{Cell, Column, Format, Notes, Out, column};
use crate::words::explain::percent;
use crate::words::{self, Lang, Text};

pub(crate) async fn run(context: &mut Context, command: ProgramCommand) -> Result<(), Failure> {
    match command {
        ProgramCommand::Apply { file } => {
            let program = ProgramFile::read(&file)?;
            let client = context.client().await?;
            apply(&client, &mut context.out, program).await
        }
        ProgramCommand::Show { program, version } => {
            let client = context.client().await?;
            let request = GetProgramRequest {
                program_id: program.to_string(),
                version,
            };
            let answer = client
                .programs
                .clone()
                .get_program(request)
                .await?
                .into_inner();
            show(&mut context.out, there(answer.program)?)
        }
        ProgramCommand::List => {
            let client = context.client().await?;
            list(context, &client).await
        }
    }
}

/// Applies the program of a file.
pub async fn apply_file(client: &Client, out: &mut Out, file: &Path) -> Result<(), Failure> {
    apply(client, out, ProgramFile::read(file)?).await
}

async fn apply(client: &Client, out: &mut Out, program: ProgramFile) -> Result<(), Failure> {
    let request = ApplyProgramRequest {
        program: Some(program.0),
    };
    let answer = client
        .programs
        .clone()
        .apply_program(request)
        .await
        .map_err(|status| Failure::from(status).renamed(&FIELD_NAMES))?
        .into_inner();
    let program = there(answer.program)?;
    let mut notes = Notes::default();
    if let Some(registered) = stranger::registered(client).await {
        let text = words::PLATFORMS_NOT_REGISTERED;
        notes.add(stranger::told(text, &registered, &program.platform_ids));
    }
    if answer.changed {
        let unfunded = program.budgets.is_empty();
        notes.add(unfunded.then(|| words::PROGRAM_WITHOUT_BUDGET.say().to_owned()));
        notes.add(overdrawn(client, &program.program_id).await);
        notes.add(stays(&settled(client, &program.program_id).await));
    }
    out.one(&[
        (column("program_id", "program"), program.program_id.into()),
        (column("version", "version"), program.version.into()),
        (column("changed", "changed"), Cell::Flag(answer.changed)),
        notes.field(),
    ])?;
    notes.tell(out)
}

/// What there is to say of years whose budget was cut below what it gave already. The program is
/// applied, whether or not that can be found out.
async fn overdrawn(client: &Client, program_id: &str) -> Vec<String> {
    let request = GetProgramMoneyRequest {
        program_id: program_id.to_owned(),
    };
    let answer = client.payments.clone().get_program_money(request).await;
    let years = answer.map_or_else(|_| Vec::new(), |answer| answer.into_inner().years);
    years.iter().filter_map(overdraft).collect()
}

fn overdraft(year: &YearMoney) -> Option<String> {
    let free = Fen::new(year.free_fen).to_yuan();
    (year.free_fen < 0)
        .then(|| words::BUDGET_OVERDRAWN.with(&[("year", &year.year), ("free", &free)]))
}

/// The years of a program that have an approved run, as far as that can be found out.
async fn settled(client: &Client, program_id: &str) -> BTreeSet<i32> {
    let fetch = async |page_token| {
        let request = ListRunsRequest {
            program_id: program_id.to_owned(),
            page_size: 1_000,
            page_token,
        };
        let page = client.runs.clone().list_runs(request).await?.into_inner();
        Ok((page.runs, page.next_page_token))
    };
    let mut years = BTreeSet::new();
    let look = |run: Run| {
        if run.state() == RunState::Approved {
            years.insert(run.year);
        }
        Ok(())
    };
    // What was applied is applied, whether or not that can be told.
    let _: Result<(), Failure> = pages(fetch, look).await;
    years
}

/// Says of years that have an approved run that they are settled as before.
fn stays(years: &BTreeSet<i32>) -> Option<String> {
    let told: Vec<_> = years.iter().map(i32::to_string).collect();
    let told = told.join(words::COMMA.say());
    (!years.is_empty()).then(|| words::YEARS_STAY.with(&[("years", &told)]))
}

fn there(program: Option<Program>) -> Result<Program, Failure> {
    program.ok_or_else(|| Failure::said("INTERNAL", "the service answered without a program"))
}

async fn list(context: &mut Context, client: &Client) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("program_id", "program"),
        column("name", "name"),
        column("name_zh", "name in Chinese"),
        column("valid_from", "from"),
        column("valid_to", "to"),
        column("version", "version"),
        column("applied_by", "submitted by"),
        column("applied_at", "submitted at"),
    ];
    let fetch = async |page_token| {
        let request = ListProgramsRequest {
            page_size: 1_000,
            page_token,
        };
        let page = client
            .programs
            .clone()
            .list_programs(request)
            .await?
            .into_inner();
        Ok((page.programs, page.next_page_token))
    };
    let mut listing = context.out.list("programs", COLUMNS);
    pages(fetch, |program| {
        listing.row(vec![
            program.program_id.into(),
            program.name.into(),
            program.name_zh.into(),
            program.valid_from.into(),
            program.valid_to.into(),
            program.version.into(),
            program.applied_by.into(),
            program.applied_at.into(),
        ])
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

/// JSON is a file that `apply` takes.
fn show(out: &mut Out, program: Program) -> Result<(), Failure> {
    if out.format() == Format::Json {
        return out
            .json(&serde_json::to_value(ProgramFile(program)).map_err(std::io::Error::from)?);
    }
    let mut facts = whom(&program);
    facts.extend(how(&program));
    out.one(&facts)
}

/// Which fees a program shares, and of whom.
fn whom(program: &Program) -> Vec<(Column, Cell)> {
    let all = |list: &[String]| {
        if list.is_empty() {
            Cell::coded("", words::PROGRAM_ALL.say())
        } else {
            list.join(", ").into()
        }
    };
    vec![
        (
            column("program_id", "program"),
            program.program_id.as_str().into(),
        ),
        (column("name", "name"), program.name.as_str().into()),
        (
            column("name_zh", "name in Chinese"),
            program.name_zh.as_str().into(),
        ),
        (
            column("valid_from", "from"),
            program.valid_from.as_str().into(),
        ),
        (column("valid_to", "to"), program.valid_to.as_str().into()),
        (column("platforms", "platforms"), all(&program.platform_ids)),
        (
            column("districts", "districts"),
            all(&program.district_code_prefixes),
        ),
        (
            column("industries", "industries"),
            all(&program.industry_code_prefixes),
        ),
        (
            column("size_classes", "size classes"),
            listed(program.size_classes().map(class), ", "),
        ),
    ]
}

/// How it shares them, and out of what.
fn how(program: &Program) -> Vec<(Column, Cell)> {
    let shares = program.shares.iter().map(|share| {
        let (government, platform) = (share.government_bps, share.platform_bps);
        let code = format!(
            "{} government_bps={government} platform_bps={platform}",
            share.fee_kind
        );
        let said = words::SHARE_LINE.with(&[
            ("kind", &share.fee_kind),
            ("government", &percent(government)),
            ("platform", &percent(platform)),
        ]);
        (code, said)
    });
    let budgets = program.budgets.iter().map(|budget| {
        let release = release(budget.release());
        let code = format!(
            "{} amount_fen={} {}",
            budget.year,
            budget.amount_fen,
            release.in_lang(Lang::En)
        );
        let amount = Fen::new(budget.amount_fen).to_yuan();
        let said = words::BUDGET_LINE.with(&[("year", &budget.year), ("amount", &amount)]);
        (code, format!("{said} {}", release.say()))
    });
    vec![
        (column("shares", "shares"), listed(shares, "; ")),
        (
            column("enterprise_year_cap_fen", "cap a year (yuan)"),
            Cell::fen(program.enterprise_year_cap_fen),
        ),
        (column("budgets", "budgets"), listed(budgets, "; ")),
        (
            column("allocation", "when short"),
            coded(allocation(program.allocation())),
        ),
        (column("payee", "paid to"), coded(payee(program.payee()))),
        (
            column("excludes", "yields to"),
            program.excluded_program_ids.join(", ").into(),
        ),
        (
            column("payment_min_fen", "least payment (yuan)"),
            Cell::fen(program.payment_min_fen),
        ),
        (
            column("notice_days", "days of notice"),
            program.notice_days.into(),
        ),
        (column("version", "version"), program.version.into()),
        (
            column("applied_by", "submitted by"),
            program.applied_by.as_str().into(),
        ),
        (
            column("applied_at", "submitted at"),
            program.applied_at.into(),
        ),
    ]
}

/// A list of such texts.
fn listed(texts: impl Iterator<Item = (String, String)>, separator: &str) -> Cell {
    let (codes, said): (Vec<_>, Vec<_>) = texts.unzip();
    Cell::coded(codes.join(separator), said.join(separator))
}

/// A code of the contract, whose English is its name there.
fn coded(text: Text) -> Cell {
    Cell::coded(text.in_lang(Lang::En), text.say())
}

fn class(class: SizeClass) -> (String, String) {
    let text = match class {
        SizeClass::Unspecified => words::CODE_UNKNOWN,
        SizeClass::Micro => words::CLASS_MICRO,
        SizeClass::Small => words::CLASS_SMALL,
        SizeClass::Medium => words::CLASS_MEDIUM,
        SizeClass::Large => words::CLASS_LARGE,
    };
    (text.in_lang(Lang::En).to_owned(), text.say().to_owned())
}

fn release(release: Release) -> Text {
    match release {
        Release::Unspecified => words::CODE_UNKNOWN,
        Release::AtOnce => words::RELEASE_AT_ONCE,
        Release::Monthly => words::RELEASE_MONTHLY,
    }
}

fn allocation(allocation: Allocation) -> Text {
    match allocation {
        Allocation::Unspecified => words::CODE_UNKNOWN,
        Allocation::FirstCome => words::FIRST_COME,
        Allocation::ProRata => words::PRO_RATA,
    }
}

fn payee(payee: Payee) -> Text {
    match payee {
        Payee::Unspecified => words::CODE_UNKNOWN,
        Payee::Enterprise => words::PAYEE_ENTERPRISE,
        Payee::Platform => words::PAYEE_PLATFORM,
    }
}

#[cfg(test)]
mod tests {
    use gazelle_proto::settlement::v1::{Budget, Share};

    use super::*;

    #[test]
    fn a_budget_below_what_it_gave_is_warned_of() {
        let year = |free_fen| YearMoney {
            year: 2025,
            free_fen,
            ..YearMoney::default()
        };
        let told = overdraft(&year(-1_977_024)).unwrap();
        assert!(
            told.contains("2025") && told.contains("-19,770.24"),
            "{told}"
        );
        assert_eq!(overdraft(&year(0)), None);
    }

    #[test]
    fn a_program_is_told_in_one_language_and_its_codes_stay_for_programs() {
        let share = Share {
            fee_kind: "COMMISSION".to_owned(),
            government_bps: 3_000,
            platform_bps: 500,
        };
        let program = Program {
            shares: vec![share],
            payee: Payee::Platform.into(),
            budgets: vec![Budget {
                year: 2025,
                amount_fen: 450_001,
                release: Release::AtOnce.into(),
            }],
            ..Program::default()
        };
        let facts = [whom(&program), how(&program)].concat();
        let fact = |key: &str| facts.iter().find(|(column, _)| column.key == key).unwrap();
        let code = "COMMISSION government_bps=3000 platform_bps=500";
        let line = "COMMISSION government 30 % platform 5 %";
        assert_eq!(fact("shares").1, Cell::coded(code, line));
        let code = "2025 amount_fen=450001 AT_ONCE";
        let line = "2025 4,500.01 yuan AT_ONCE";
        assert_eq!(fact("budgets").1, Cell::coded(code, line));
        assert_eq!(fact("platforms").1, Cell::coded("", "all"));
        let titles: Vec<_> = facts
            .iter()
            .map(|(it, _)| words::chinese(it.title))
            .collect();
        for (at, title) in titles.iter().enumerate() {
            assert!(
                title.is_some() && !titles[..at].contains(title),
                "{title:?}"
            );
        }
        for text in [
            words::PROGRAM_ALL,
            release(Release::Monthly),
            payee(Payee::Platform),
        ] {
            assert!(!text.in_lang(Lang::Zh).is_ascii());
        }
    }
}

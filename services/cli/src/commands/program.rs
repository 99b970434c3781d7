//! `gazelle program`.

use std::path::Path;

use gazelle_proto::settlement::v1::{
    Allocation, ApplyProgramRequest, GetProgramRequest, ListProgramsRequest, Payee, Program,
    Release,
};

use crate::args::ProgramCommand;
use crate::client::{Client, pages};
use crate::context::Context;
use crate::failure::Failure;
use crate::input::program::ProgramFile;
use crate::output::{Cell, Column, Format, Out, column};
use crate::words::explain::percent;

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
        .await?
        .into_inner();
    let program = there(answer.program)?;
    out.one(&[
        (column("program_id", "program"), program.program_id.into()),
        (column("version", "version"), program.version.into()),
        (column("changed", "changed"), Cell::Flag(answer.changed)),
    ])
}

fn there(program: Option<Program>) -> Result<Program, Failure> {
    program.ok_or_else(|| Failure::new("INTERNAL", "the service answered without a program"))
}

async fn list(context: &mut Context, client: &Client) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("program_id", "program"),
        column("name", "name"),
        column("name_zh", "名称"),
        column("valid_from", "from"),
        column("valid_to", "to"),
        column("version", "version"),
        column("applied_by", "applied by"),
        column("applied_at", "applied at"),
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
            "all".to_owned()
        } else {
            list.join(", ")
        }
    };
    let classes: Vec<_> = program
        .size_classes()
        .map(|class| class.as_str_name().trim_start_matches("SIZE_CLASS_"))
        .collect();
    vec![
        (
            column("program_id", "program"),
            program.program_id.as_str().into(),
        ),
        (column("name", "name"), program.name.as_str().into()),
        (column("name_zh", "名称"), program.name_zh.as_str().into()),
        (
            column("valid_from", "from"),
            program.valid_from.as_str().into(),
        ),
        (column("valid_to", "to"), program.valid_to.as_str().into()),
        (
            column("platforms", "platforms"),
            all(&program.platform_ids).into(),
        ),
        (
            column("districts", "districts"),
            all(&program.district_code_prefixes).into(),
        ),
        (
            column("industries", "industries"),
            all(&program.industry_code_prefixes).into(),
        ),
        (
            column("size_classes", "size classes"),
            classes.join(", ").into(),
        ),
    ]
}

/// How it shares them, and out of what.
fn how(program: &Program) -> Vec<(Column, Cell)> {
    let shares = program.shares.iter().map(|share| {
        let (government, platform) = (percent(share.government_bps), percent(share.platform_bps));
        format!(
            "{} government {government} platform {platform}",
            share.fee_kind
        )
    });
    let budgets = program.budgets.iter().map(|budget| {
        let amount = gazelle_kernel::Fen::new(budget.amount_fen).to_yuan();
        format!(
            "{} {amount} yuan {}",
            budget.year,
            release(budget.release())
        )
    });
    vec![
        (
            column("shares", "shares"),
            shares.collect::<Vec<_>>().join("; ").into(),
        ),
        (
            column("enterprise_year_cap_fen", "cap a year (yuan)"),
            Cell::fen(program.enterprise_year_cap_fen),
        ),
        (
            column("budgets", "budgets"),
            budgets.collect::<Vec<_>>().join("; ").into(),
        ),
        (
            column("allocation", "when short"),
            allocation(program.allocation()).into(),
        ),
        (column("payee", "paid to"), payee(program.payee()).into()),
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
            column("applied_by", "applied by"),
            program.applied_by.as_str().into(),
        ),
        (
            column("applied_at", "applied at"),
            program.applied_at.into(),
        ),
    ]
}

fn release(release: Release) -> &'static str {
    match release {
        Release::Unspecified => "UNKNOWN",
        Release::AtOnce => "AT_ONCE",
        Release::Monthly => "MONTHLY",
    }
}

fn allocation(allocation: Allocation) -> &'static str {
    match allocation {
        Allocation::Unspecified => "UNKNOWN",
        Allocation::FirstCome => "FIRST_COME",
        Allocation::ProRata => "PRO_RATA",
    }
}

fn payee(payee: Payee) -> &'static str {
    match payee {
        Payee::Unspecified => "UNKNOWN",
        Payee::Enterprise => "ENTERPRISE",
        Payee::Platform => "PLATFORM",
    }
}

//! `gazelle enterprise`.

use std::path::Path;

use gazelle_proto::registry::v1::{
    ChangeEnterpriseCodeRequest, CodeChange, CodeKind, Enterprise, Filing, GetEnterpriseRequest,
    GetEnterpriseResponse, ListEnterprisesRequest, PutEnterprisesRequest, Suspension,
};
use serde_json::json;

use super::import::{self, ItemKind, field};
use super::merchant;
use crate::args::{EnterpriseCommand, RegisterArgs};
use crate::client::{Client, pages};
use crate::context::Context;
use crate::failure::Failure;
use crate::input::field::check_name;
use crate::output::{Cell, Column, Format, Out, column};
use crate::words;

const KIND: ItemKind<Enterprise> = ItemKind {
    what: "enterprises",
    required: &[
        "uscc",
        "name",
        "district_code",
        "industry_code",
        "established_on",
    ],
    optional: &["uscc_exception_evidence"],
    id_columns: 1,
    key: &[0],
    is_statement: |_| true,
    parse: |fields| {
        Ok(Enterprise {
            uscc: field(fields, 0),
            name: field(fields, 1),
            district_code: field(fields, 2),
            industry_code: field(fields, 3),
            established_on: field(fields, 4),
            uscc_exception_evidence: field(fields, 5),
            code_changes: Vec::new(),
        })
    },
};

const COLUMNS: &[Column] = &[
    column("uscc", "enterprise"),
    column("name", "name"),
    column("district_code", "district"),
    column("industry_code", "industry"),
    column("established_on", "established on"),
    column("uscc_exception_evidence", "accepted on"),
];

pub(crate) async fn run(context: &mut Context, command: EnterpriseCommand) -> Result<(), Failure> {
    let client = context.client().await?;
    match command {
        EnterpriseCommand::Import(import) => {
            import_file(&client, &mut context.out, &import.file).await
        }
        EnterpriseCommand::Show { uscc } => show(context, &client, uscc).await,
        EnterpriseCommand::List => list(context, &client).await,
        EnterpriseCommand::Register(args) => register(context, &client, args).await,
        EnterpriseCommand::Change {
            uscc,
            district,
            industry,
            from,
        } => {
            let (kind, code) = match (district, industry) {
                (Some(code), _) => (CodeKind::District, code),
                (None, code) => (CodeKind::Industry, code.unwrap_or_default()),
            };
            let change = CodeChange {
                kind: kind.into(),
                effective_from: from,
                code,
            };
            change_code(context, &client, uscc, change).await
        }
    }
}

/// Imports a file of enterprises.
pub async fn import_file(client: &Client, out: &mut Out, file: &Path) -> Result<(), Failure> {
    import::run(out, &KIND, file, async |enterprises| {
        let mut registry = client.registry.clone();
        let answer = registry
            .put_enterprises(PutEnterprisesRequest { enterprises })
            .await?;
        import::answer(answer.into_inner().result)
    })
    .await
}

async fn list(context: &mut Context, client: &Client) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListEnterprisesRequest {
            page_size: 1_000,
            page_token,
        };
        let page = client
            .registry
            .clone()
            .list_enterprises(request)
            .await?
            .into_inner();
        Ok((page.enterprises, page.next_page_token))
    };
    let mut listing = context.out.list("enterprises", COLUMNS);
    pages(fetch, |enterprise| {
        listing.row(
            facts(enterprise)
                .into_iter()
                .take(COLUMNS.len())
                .map(|(_, cell)| cell)
                .collect(),
        )
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

async fn register(
    context: &mut Context,
    client: &Client,
    args: RegisterArgs,
) -> Result<(), Failure> {
    check_name(&args.name)?;
    let recorded = match get(client, args.uscc.clone()).await {
        Ok(found) => found.enterprise.unwrap_or_default(),
        Err(failure) if failure.reason() == "ENTERPRISE_NOT_FOUND" => Enterprise::default(),
        // What is no code, or needs evidence, is told with the rest of it.
        Err(failure) if failure.reason().starts_with("USCC_") => Enterprise::default(),
        Err(failure) => return Err(failure),
    };
    let evidence = args.exception_evidence;
    let enterprise = Enterprise {
        uscc: args.uscc.clone(),
        name: args.name,
        district_code: args.district,
        industry_code: args.industry,
        established_on: args.established_on.unwrap_or(recorded.established_on),
        uscc_exception_evidence: evidence.unwrap_or(recorded.uscc_exception_evidence),
        code_changes: Vec::new(),
    };
    let enterprises = vec![enterprise];
    let request = PutEnterprisesRequest { enterprises };
    let answer = client
        .registry
        .clone()
        .put_enterprises(request)
        .await?
        .into_inner();
    import::one(answer.result)?;
    show(context, client, args.uscc).await
}

async fn change_code(
    context: &mut Context,
    client: &Client,
    uscc: String,
    change: CodeChange,
) -> Result<(), Failure> {
    let request = ChangeEnterpriseCodeRequest {
        uscc: uscc.clone(),
        change: Some(change),
    };
    client
        .registry
        .clone()
        .change_enterprise_code(request)
        .await?;
    show(context, client, uscc).await
}

async fn get(client: &Client, uscc: String) -> Result<GetEnterpriseResponse, Failure> {
    let request = GetEnterpriseRequest { uscc };
    let answer = client.registry.clone().get_enterprise(request).await?;
    Ok(answer.into_inner())
}

async fn show(context: &mut Context, client: &Client, uscc: String) -> Result<(), Failure> {
    let found = get(client, uscc).await?;
    let GetEnterpriseResponse {
        enterprise,
        filings,
        suspensions,
        bindings,
    } = found;
    let enterprise = enterprise
        .ok_or_else(|| Failure::said("INTERNAL", "the registry answered without an enterprise"))?;
    let mut fields = facts(enterprise);
    if context.out.format() != Format::Table {
        // The same as `code_changes`, in words.
        fields.retain(|(column, _)| column.key != "changes");
        let merchants = bindings.iter().map(|b| {
            json!({"platform_id": b.platform_id, "merchant_id": b.merchant_id,
                   "bound_from": b.bound_from, "bound_to": b.bound_to})
        });
        fields.push(nested("filings", filings.iter().map(filing_json)));
        fields.push(nested(
            "suspensions",
            suspensions.iter().map(suspension_json),
        ));
        fields.push(nested("merchants", merchants));
        return context.out.one(&fields);
    }
    context.out.one(&fields)?;
    show_filings(&mut context.out, filings)?;
    show_suspensions(&mut context.out, suspensions)?;
    let mut listing = context.out.list("merchants", merchant::COLUMNS);
    bindings
        .into_iter()
        .try_for_each(|binding| listing.row(merchant::cells(binding)))?;
    listing.finish(&[])?;
    Ok(())
}

fn nested(key: &'static str, values: impl Iterator<Item = serde_json::Value>) -> (Column, Cell) {
    (column(key, key), Cell::Nested(values.collect()))
}

fn filing_json(filing: &Filing) -> serde_json::Value {
    json!({"fiscal_year": filing.fiscal_year, "headcount": filing.headcount,
           "annual_revenue_fen": filing.annual_revenue_fen,
           "total_assets_fen": filing.total_assets_fen, "size_class": filing.size_class})
}

fn suspension_json(suspension: &Suspension) -> serde_json::Value {
    json!({"suspended_from": suspension.suspended_from, "suspended_to": suspension.suspended_to,
           "reason": suspension.reason})
}

fn facts(enterprise: Enterprise) -> Vec<(Column, Cell)> {
    let changes: Vec<_> = enterprise.code_changes.iter().map(told_change).collect();
    let changes_json = enterprise.code_changes.iter().map(|change| {
        json!({"kind": kind_name(change.kind()), "effective_from": change.effective_from,
               "code": change.code})
    });
    let cells = [
        enterprise.uscc,
        enterprise.name,
        enterprise.district_code,
        enterprise.industry_code,
        enterprise.established_on,
        enterprise.uscc_exception_evidence,
    ];
    let mut fields: Vec<(Column, Cell)> =
        COLUMNS.iter().copied().zip(cells.map(Cell::Text)).collect();
    fields.push((column("changes", "changes"), changes.join("; ").into()));
    fields.push(nested("code_changes", changes_json));
    fields
}

fn kind_name(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::Unspecified => "UNKNOWN",
        CodeKind::District => "DISTRICT",
        CodeKind::Industry => "INDUSTRY",
    }
}

fn told_change(change: &CodeChange) -> String {
    let text = match change.kind() {
        CodeKind::Unspecified | CodeKind::District => words::DISTRICT_FROM,
        CodeKind::Industry => words::INDUSTRY_FROM,
    };
    text.with(&[("code", &change.code), ("day", &change.effective_from)])
}

/// A size class as the registry writes it, and what people call it.
fn size_class(class: String) -> Cell {
    let text = match class.as_str() {
        "MICRO" => words::CLASS_MICRO,
        "SMALL" => words::CLASS_SMALL,
        "MEDIUM" => words::CLASS_MEDIUM,
        "LARGE" => words::CLASS_LARGE,
        _ => return class.into(),
    };
    Cell::coded(class, text.say())
}

fn show_filings(out: &mut Out, filings: Vec<Filing>) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("fiscal_year", "fiscal year"),
        column("headcount", "headcount"),
        column("annual_revenue_fen", "revenue (yuan)"),
        column("total_assets_fen", "assets (yuan)"),
        column("size_class", "size class"),
    ];
    let mut listing = out.list("filings", COLUMNS);
    for filing in filings {
        listing.row(vec![
            Cell::Year(filing.fiscal_year),
            filing.headcount.into(),
            Cell::fen(filing.annual_revenue_fen),
            Cell::fen(filing.total_assets_fen),
            size_class(filing.size_class),
        ])?;
    }
    listing.finish(&[])?;
    Ok(())
}

fn show_suspensions(out: &mut Out, suspensions: Vec<Suspension>) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("suspended_from", "suspended from"),
        column("suspended_to", "to"),
        column("reason", "reason"),
    ];
    let mut listing = out.list("suspensions", COLUMNS);
    for suspension in suspensions {
        listing.row(vec![
            suspension.suspended_from.into(),
            suspension.suspended_to.into(),
            suspension.reason.into(),
        ])?;
    }
    listing.finish(&[])?;
    Ok(())
}

//! Compiles the contract: messages and stubs for prost and tonic, the
//! descriptors for reflection, and the access rules that the RPCs declare.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};

const FILES: [&str; 7] = [
    "gazelle/audit/v1/audit_service.proto",
    "gazelle/registry/v1/registry_service.proto",
    "gazelle/usage/v1/usage_service.proto",
    "gazelle/settlement/v1/ledger_service.proto",
    "gazelle/settlement/v1/payment_service.proto",
    "gazelle/settlement/v1/program_service.proto",
    "gazelle/settlement/v1/run_service.proto",
];
const REASONS: [&str; 4] = [
    "gazelle/audit/v1/error_reason.proto",
    "gazelle/registry/v1/error_reason.proto",
    "gazelle/usage/v1/error_reason.proto",
    "gazelle/settlement/v1/error_reason.proto",
];

fn main() -> anyhow::Result<()> {
    println!("cargo:rerun-if-changed=gazelle");
    let out = PathBuf::from(std::env::var("OUT_DIR").context("cargo sets OUT_DIR")?);
    let mut compiler = protox::Compiler::new(["."])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(FILES.iter().chain(&REASONS))?;
    std::fs::write(
        out.join("descriptors.bin"),
        compiler.encode_file_descriptor_set(),
    )?;
    write_rules(&compiler.descriptor_pool(), &out.join("rules.rs"))?;
    tonic_prost_build::configure()
        .include_file("contract.rs")
        .extern_path(
            ".gazelle.usage.v1.ReportUsageRequest",
            "crate::batch::ReportUsageRequest",
        )
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

/// Writes the `RULES` table: one row an RPC, sorted by path.
fn write_rules(pool: &DescriptorPool, to: &Path) -> anyhow::Result<()> {
    let mut methods: Vec<MethodDescriptor> = pool
        .services()
        .flat_map(|s| s.methods().collect::<Vec<_>>())
        .collect();
    methods.sort_by_key(path);
    let mut text = String::from("&[\n");
    for method in methods {
        let rule = rule(pool, &method)?;
        let second_factor = rule.get_field_by_name("second_factor");
        writeln!(
            text,
            "    Rule {{ path: {:?}, callers: &[{}], second_factor: {}, streaming: {} }},",
            path(&method),
            callers(pool, &rule)?.join(", "),
            second_factor
                .and_then(|it| it.as_bool())
                .context("a rule has a second factor")?,
            method.is_client_streaming() || method.is_server_streaming()
        )?;
    }
    text.push(']');
    Ok(std::fs::write(to, text)?)
}

fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

fn rule(pool: &DescriptorPool, method: &MethodDescriptor) -> anyhow::Result<DynamicMessage> {
    let extension = pool
        .get_extension_by_name("gazelle.access.v1.rule")
        .context("the contract imports gazelle.access.v1")?;
    let options = method.options();
    let rule = options.get_extension(&extension);
    Ok(rule.as_message().context("a rule is a message")?.clone())
}

fn callers(pool: &DescriptorPool, rule: &DynamicMessage) -> anyhow::Result<Vec<String>> {
    let caller_enum = pool
        .get_enum_by_name("gazelle.access.v1.Caller")
        .context("gazelle.access.v1 has Caller")?;
    let callers = rule
        .get_field_by_name("callers")
        .context("a rule has callers")?;
    callers
        .as_list()
        .context("callers are a list")?
        .iter()
        .map(|value| {
            let number = value
                .as_enum_number()
                .with_context(|| format!("caller {value:?}"))?;
            let value = caller_enum.get_value(number).context("a known caller")?;
            Ok(format!(
                "Caller::{}",
                camel(value.name().trim_start_matches("CALLER_"))
            ))
        })
        .collect()
}

fn camel(upper: &str) -> String {
    let (first, rest) = upper.split_at(1);
    format!("{first}{}", rest.to_lowercase())
}

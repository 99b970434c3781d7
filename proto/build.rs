//! Compiles the contract: messages and stubs for prost and tonic, the
//! descriptors for reflection, the access rules that the RPCs declare, which of them
//! are harmless to repeat, and where requests have lists.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use prost_reflect::prost_types::method_options::IdempotencyLevel;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor,
};

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

/// Messages that are not generated.
const REPORT: &str = "gazelle.usage.v1.ReportUsageRequest";
const RECEIPT: &str = "gazelle.usage.v1.Receipt";

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
    write_idempotent(&compiler.descriptor_pool(), &out.join("idempotent.rs"))?;
    write_shapes(&compiler.descriptor_pool(), &out.join("shapes.rs"))?;
    tonic_prost_build::configure()
        .codec_path("crate::codec::BoundedCodec")
        .include_file("contract.rs")
        .extern_path(format!(".{REPORT}"), "crate::batch::ReportUsageRequest")
        .extern_path(format!(".{RECEIPT}"), "crate::receipt::Receipt")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

/// Writes the `RULES` table: one row an RPC, sorted by path.
fn write_rules(pool: &DescriptorPool, to: &Path) -> anyhow::Result<()> {
    let mut text = String::from("&[\n");
    for method in methods(pool) {
        let rule = rule(pool, &method)?;
        let second_factor = rule.get_field_by_name("second_factor");
        writeln!(
            text,
            "    Rule {{ path: {:?}, callers: &[{}], second_factor: {}, streaming: {}, \
             client_streaming: {} }},",
            path(&method),
            callers(pool, &rule)?.join(", "),
            second_factor
                .and_then(|it| it.as_bool())
                .context("a rule has a second factor")?,
            method.is_client_streaming() || method.is_server_streaming(),
            method.is_client_streaming()
        )?;
    }
    text.push(']');
    Ok(std::fs::write(to, text)?)
}

/// Writes the `IDEMPOTENT` table: the paths of RPCs that are harmless to repeat, sorted.
fn write_idempotent(pool: &DescriptorPool, to: &Path) -> anyhow::Result<()> {
    let mut methods = methods(pool);
    methods.retain(|method| {
        let options = method.method_descriptor_proto().options.clone();
        let level = options.unwrap_or_default().idempotency_level();
        level != IdempotencyLevel::IdempotencyUnknown
    });
    let paths: Vec<String> = methods.iter().map(path).collect();
    Ok(std::fs::write(to, format!("&{paths:?}"))?)
}

/// All RPCs, sorted by path.
fn methods(pool: &DescriptorPool) -> Vec<MethodDescriptor> {
    let methods = pool.services().map(|s| s.methods().collect::<Vec<_>>());
    let mut methods: Vec<_> = methods.flatten().collect();
    methods.sort_by_key(path);
    methods
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

/// Writes which fields of requests have lists, or messages with lists, and which shape is whose.
fn write_shapes(pool: &DescriptorPool, to: &Path) -> anyhow::Result<()> {
    let mut shapes: Vec<MessageDescriptor> = Vec::new();
    let mut impls = BTreeMap::new();
    for method in pool
        .services()
        .flat_map(|s| s.methods().collect::<Vec<_>>())
    {
        let (input, output) = (method.input(), method.output());
        impls.entry(output.full_name().to_owned()).or_insert(None);
        // That one is bounded where it is read, which costs nothing there.
        let is_counted = has_lists(&input, &mut Vec::new()) && input.full_name() != REPORT;
        let shape = is_counted.then(|| position(&mut shapes, &input));
        impls.insert(input.full_name().to_owned(), shape);
    }
    let mut text = String::from("static SHAPES: &[&[Field]] = &[\n");
    let mut at = 0;
    // Grows by what its messages have in them.
    while let Some(message) = shapes.get(at).cloned() {
        let fields = message.fields().filter_map(|field| {
            let kind = field.kind();
            let inner = kind
                .as_message()
                .filter(|it| has_lists(it, &mut Vec::new()));
            let inner = inner.map(|inner| position(&mut shapes, inner));
            let (tag, is_list) = (field.number(), is_list(&field));
            (is_list || inner.is_some())
                .then(|| format!("Field {{ tag: {tag}, is_list: {is_list}, inner: {inner:?} }}"))
        });
        let fields: Vec<String> = fields.collect();
        writeln!(text, "    &[{}],", fields.join(", "))?;
        at += 1;
    }
    text.push_str("];\n");
    for (name, shape) in impls {
        let path = match name.as_str() {
            REPORT => "crate::batch::ReportUsageRequest".to_owned(),
            name => format!("crate::contract::{}", name.replace('.', "::")),
        };
        writeln!(
            text,
            "impl Bounded for {path} {{ const SHAPE: Option<usize> = {shape:?}; }}"
        )?;
    }
    Ok(std::fs::write(to, text)?)
}

/// A list of what takes more in memory than on the wire; numbers do not, by much.
fn is_list(field: &FieldDescriptor) -> bool {
    let is_large = matches!(field.kind(), Kind::Message(_) | Kind::String | Kind::Bytes);
    is_large && (field.is_list() || field.is_map())
}

/// Whether a message has lists, or messages in it do.
fn has_lists(message: &MessageDescriptor, seen: &mut Vec<MessageDescriptor>) -> bool {
    if seen.contains(message) {
        return false;
    }
    seen.push(message.clone());
    message.fields().any(|field| {
        let kind = field.kind();
        is_list(&field)
            || kind
                .as_message()
                .is_some_and(|inner| has_lists(inner, seen))
    })
}

/// Where a message stands, at the end if it is new.
fn position(messages: &mut Vec<MessageDescriptor>, message: &MessageDescriptor) -> usize {
    let known = messages.iter().position(|known| known == message);
    known.unwrap_or_else(|| {
        messages.push(message.clone());
        messages.len() - 1
    })
}

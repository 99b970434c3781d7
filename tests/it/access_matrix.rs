//! `proto/ACCESS.md`: who may call what, as the contract's method options have it.
//!
//! `GAZELLE_WRITE_DOCS=1 cargo test --package gazelle-tests --test it access_matrix` writes it.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use gazelle_proto::access::{Caller, RULES};

const HEAD: &str = "# Who may call what

Made from the contract, whose method options (`gazelle.access.v1.rule`) are also what the services enforce: before a request is read, and for every RPC; one without callers is refused to all. A platform reaches its own data alone. Health and reflection are open to everybody.

`factor`: the token must say that there was a second factor, where `[auth.second_factor]` asks for one. A person has the roles that their token names. `officer` and `approver` may be one person's, and still nobody approves, releases or confirms what they had a part in: [SECURITY.md](../SECURITY.md) says which parts those are.
";

const CALLERS: [(Caller, &str); 6] = [
    (Caller::Registrar, "registrar"),
    (Caller::Officer, "officer"),
    (Caller::Approver, "approver"),
    (Caller::Auditor, "auditor"),
    (Caller::Platform, "platform"),
    (Caller::Service, "service"),
];

fn matrix() -> String {
    let mut text = HEAD.to_owned();
    let mut service = "";
    for rule in RULES {
        let (of_service, method) = rule.path[1..].split_once('/').unwrap();
        if of_service != service {
            service = of_service;
            let names = CALLERS.map(|(_, name)| name).join(" | ");
            let line = "| :-: ".repeat(CALLERS.len());
            write!(text, "\n## {service}\n\n| RPC | {names} |\n| --- {line}|\n").unwrap();
        }
        let yes = if rule.second_factor { "factor" } else { "yes" };
        let cells = CALLERS.map(|(caller, _)| {
            let may = rule.callers.contains(&caller);
            if may { yes } else { "" }
        });
        writeln!(text, "| `{method}` | {} |", cells.join(" | ")).unwrap();
    }
    text
}

#[test]
fn the_matrix_in_the_documentation_is_the_contract_s() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto/ACCESS.md");
    let made = matrix();
    if env::var_os("GAZELLE_WRITE_DOCS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == written,
        "proto/ACCESS.md is not what the contract says: write it anew, as this file's head says"
    );
}

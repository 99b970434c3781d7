//! Commands whose services cannot do what is asked just now.

use std::path::{Path, PathBuf};

use gazelle_kernel::PlatformId;
use gazelle_runtime::auth::{Principal, Role};
use gazelle_tests::apart::{Apart, SERVICES};
use gazelle_tests::binary::{command, finish};
use gazelle_tests::report::{fee, report_all, state};
use gazelle_tests::running::Running;
use gazelle_tests::suite::person;
use serde_json::json;
use tempfile::{TempDir, tempdir};
use tokio::process::Child;

const PLATFORM: &str = "waiting-mall";

/// Commands that are harmless to repeat.
const HARMLESS: usize = 5;

/// What is run while nothing can be written: by whom, and what; first what is harmless to repeat.
fn commands(folder: &Path) -> Vec<(&'static str, String)> {
    let write = |name: &str, content: String| {
        let file = folder.join(name);
        std::fs::write(&file, content).unwrap();
        file.display().to_string()
    };
    let statements = write(
        "statements.csv",
        format!(
            "platform_id,period,record_count,total_fen\n{PLATFORM},2017-02,0,0\n\
             {PLATFORM},2017-03,0,0\n"
        ),
    );
    let content = json!({
        "program_id": "waiting", "name": "Waiting", "name_zh": "等待",
        "valid_from": "2017-01-01", "valid_to": "2018-01-01",
        "platforms": [PLATFORM], "districts": ["3301"], "industries": [],
        "size_classes": ["MICRO"],
        "shares": [{"fee_kind": "COMMISSION", "government_bps": 3000, "platform_bps": 2000}],
        "enterprise_year_cap_fen": 0,
        "budgets": [{"year": 2017, "amount_fen": 100_000, "release": "AT_ONCE"}],
        "allocation": "PRO_RATA", "payee": "ENTERPRISE", "excludes": [], "notice_days": 0,
    });
    let program = write("program.json", content.to_string());
    let whose = format!("--platform {PLATFORM} --period");
    vec![
        (
            "registrar",
            format!("platform add {PLATFORM} --reports-from 2017-01"),
        ),
        ("officer", format!("program apply {program}")),
        ("officer", format!("usage seal {whose} 2016-12")),
        (
            "mall",
            format!("usage state {whose} 2017-01 --record-count 0 --total-fen 0"),
        ),
        ("mall", format!("usage state --from {statements}")),
        // Refused the second time, but nothing of it was done.
        ("mall", format!("usage withdraw {whose} 2016-11")),
    ]
}

/// Services, and who calls them.
struct Office {
    apart: Apart,
    services: Vec<Running>,
    home: PathBuf,
    folder: TempDir,
}

impl Office {
    /// A platform has a month that can be sealed, and one that it can withdraw.
    async fn new() -> Self {
        let apart = Apart::new().await;
        let mut services = Vec::new();
        for service in SERVICES {
            services.push(apart.serve(service, &[]).await);
        }
        let platform = Principal::Platform(PlatformId::parse(PLATFORM).unwrap());
        let home = apart.profile("mall", &platform);
        for (name, role) in [("registrar", Role::Registrar), ("officer", Role::Officer)] {
            let _ = apart.profile(name, &person(name, &[role]));
        }
        let mall = apart.client(platform);
        for period in ["2016-11", "2016-12"] {
            let day = format!("{period}-05");
            let fees = [fee(period, "shop", "COMMISSION", &day, 7)];
            report_all(&mall, PLATFORM, period, &fees).await;
            state(&mall, PLATFORM, period, 1, 7).await.unwrap();
        }
        let folder = tempdir().unwrap();
        Self {
            apart,
            services,
            home,
            folder,
        }
    }

    /// Begins the first so many commands, and waits until each service had to refuse one.
    async fn begin(&self, count: usize) -> Vec<(String, Child)> {
        let commands = commands(self.folder.path()).into_iter().take(count);
        let began = commands.map(|(who, what)| {
            let arguments = format!("--output json {what}");
            (what, command(&self.home, who, &arguments).spawn().unwrap())
        });
        let began = began.collect();
        for service in SERVICES {
            let refused = "a dependency does not serve";
            self.apart.logged(service, refused).await;
        }
        began
    }

    /// Sees that all that began was done.
    async fn all_done(self, began: Vec<(String, Child)>) {
        for (what, child) in began {
            let ran = finish(child).await;
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{what}: {ran:?}");
            if what.contains("--from") {
                let said = ran.json();
                assert_eq!((&said["stated"], &said["rejected"]), (&json!(2), &json!(0)));
            }
        }
        for service in self.services {
            service.ends_well().await;
        }
    }
}

#[tokio::test]
async fn what_cannot_be_written_just_now_is_written_once_it_can_be() {
    let office = Office::new().await;
    office.apart.let_write(false).await;
    let began = office.begin(HARMLESS + 1).await;
    office.apart.let_write(true).await;
    office.all_done(began).await;
}

#[tokio::test]
async fn what_is_harmless_to_repeat_is_done_once_the_database_is_there_again() {
    let mut office = Office::new().await;
    office.apart.stop_database().await;
    let began = office.begin(HARMLESS).await;
    office.apart.start_database().await;
    office.all_done(began).await;
}

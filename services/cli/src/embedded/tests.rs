//! With the real binaries.

use std::{
    cell::Cell,
    env, fs,
    future::poll_fn,
    io::{BufRead, BufReader, Write},
    num::NonZeroU32,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    pin::pin,
    process::{Command, Stdio},
    task::Poll,
    thread,
};

use gazelle_runtime::{config::DatabaseConfig, database};
use rustix::process::geteuid;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixStream};

use super::*;

/// Set for a process that is started to be killed.
const HOLD: &str = "GAZELLE_TEST_HOLD";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        Self(folder)
    }

    /// A home whose name needs escaping in a URL.
    fn home(&self) -> PathBuf {
        self.0.path().join("a home + 1")
    }
}

async fn connect(server: &Postgres, role: &str) -> Result<PgConnection, sqlx::Error> {
    server
        .url("gazelle_usage", role)
        .parse::<PgConnectOptions>()
        .unwrap()
        .connect()
        .await
}

async fn ensure(server: &Postgres) {
    let roles = ("gazelle_usage_owner", "gazelle_usage");
    server
        .ensure_database("gazelle_usage", roles.0, roles.1)
        .await
        .unwrap();
}

async fn owner(server: &Postgres) -> PgConnection {
    connect(server, "gazelle_usage_owner").await.unwrap()
}

async fn count(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar("select count(*) from kept")
        .fetch_one(connection)
        .await
        .unwrap()
}

/// Processes that work on the data of `home`.
fn servers(home: &Path) -> Vec<String> {
    let data = fs::canonicalize(home).unwrap().join("data");
    let processes = fs::read_dir("/proc")
        .unwrap()
        .map(|entry| entry.unwrap().path());
    processes
        .filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == data))
        .map(|process| process.display().to_string())
        .collect()
}

fn wait_until_no_server(home: &Path) {
    let started = Instant::now();
    while !servers(home).is_empty() {
        assert!(
            started.elapsed() < START_WAIT,
            "{:?} live on",
            servers(home)
        );
        thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn data_survives_a_restart_and_each_role_does_no_more_than_it_may() {
    let folder = Folder::new();
    let server = Postgres::start(&folder.home()).await.unwrap();
    ensure(&server).await;
    ensure(&server).await;
    server
        .ensure_database("other", "other_owner", "other")
        .await
        .unwrap();
    let mut owner = owner(&server).await;
    owner
        .execute("create table kept (id bigint)")
        .await
        .unwrap();
    owner
        .execute("grant select, insert on kept to gazelle_usage")
        .await
        .unwrap();
    let mut service = connect(&server, "gazelle_usage").await.unwrap();
    service
        .execute("insert into kept values (1)")
        .await
        .unwrap();

    let code = |error: sqlx::Error| {
        error
            .as_database_error()
            .unwrap()
            .code()
            .unwrap()
            .into_owned()
    };
    assert_eq!(
        code(service.execute("delete from kept").await.unwrap_err()),
        "42501"
    );
    assert_eq!(
        code(service.execute("create table t ()").await.unwrap_err()),
        "42501"
    );
    assert_eq!(code(connect(&server, "other").await.unwrap_err()), "42501");
    assert_eq!(
        code(connect(&server, "other_owner").await.unwrap_err()),
        "42501"
    );

    server.stop().await.unwrap();
    assert!(servers(&folder.home()).is_empty());
    let server = Postgres::start(&folder.home()).await.unwrap();
    ensure(&server).await;
    let mut service = connect(&server, "gazelle_usage").await.unwrap();
    assert_eq!(count(&mut service).await, 1);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_home_is_served_once_and_again_only_when_it_is_free() {
    let folder = Folder::new();
    let server = Postgres::start(&folder.home()).await.unwrap();

    let refused = Postgres::start(&folder.home()).await.unwrap_err();

    assert_eq!(refused.reason(), "HOME_IN_USE");
    ensure(&server).await;
    drop(server);
    wait_until_no_server(&folder.home());
    Postgres::start(&folder.home())
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_works() {
    let folder = Folder::new();
    let home = folder.0.path().join("h".repeat(120));
    let server = Postgres::start(&home).await.unwrap();
    ensure(&server).await;
    owner(&server)
        .await
        .execute("create table kept (id bigint)")
        .await
        .unwrap();
    let socket = PathBuf::from(server.home.run_folder());
    assert!(!socket.starts_with(&home));
    assert_eq!(
        fs::metadata(&socket).unwrap().permissions().mode() & 0o777,
        0o700
    );
    server.stop().await.unwrap();
    fs::remove_dir_all(socket).unwrap();
}

#[tokio::test]
async fn a_first_start_that_was_broken_off_is_begun_anew() {
    let folder = Folder::new();
    let unfinished = folder.home().join("data.tmp");
    fs::create_dir_all(unfinished.join("base")).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15").unwrap();

    let server = Postgres::start(&folder.home()).await.unwrap();

    ensure(&server).await;
    assert!(!unfinished.exists());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_left_behind_is_stopped_and_its_data_served_again() {
    let folder = Folder::new();
    let Postgres { process, home } = Postgres::start(&folder.home()).await.unwrap();
    // As if its process were gone: the lock is, the server is not.
    drop(home);

    let start = async || {
        for _ in 0..1_000 {
            let started = Postgres::start(&folder.home()).await;
            // What another test is just starting has a copy of the lock until it is another
            // program.
            if !matches!(started, Err(EmbeddedError::HomeInUse(_))) {
                return started;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Postgres::start(&folder.home()).await
    };
    let server = start().await.unwrap();

    assert_eq!(process.exited().await, "exit status: 0");
    ensure(&server).await;
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_number_that_is_another_processs_by_now_is_left_alone() {
    let folder = Folder::new();
    Postgres::start(&folder.home())
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    let mut bystander = Command::new("sleep").arg("600").spawn().unwrap();
    let pid_file = folder.home().join("data/postmaster.pid");
    fs::write(&pid_file, format!("{}\n", bystander.id())).unwrap();
    fs::set_permissions(&pid_file, fs::Permissions::from_mode(0o644)).unwrap();

    let started = Postgres::start(&folder.home()).await;

    assert!(bystander.try_wait().unwrap().is_none());
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    started.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn somebodys_shell_in_the_folder_of_the_data_is_not_waited_for() {
    let folder = Folder::new();
    let server = Postgres::start(&folder.home()).await.unwrap();
    server.stop().await.unwrap();
    let mut bystander = Command::new("sleep")
        .arg("600")
        .current_dir(folder.home().join("data"))
        .spawn()
        .unwrap();

    let started = Postgres::start(&folder.home()).await;

    bystander.kill().unwrap();
    bystander.wait().unwrap();
    started.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_home_that_the_servers_user_cannot_reach_is_named() {
    if !geteuid().is_root() {
        return; // Then the server's user is ours.
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let refused = Postgres::start(&folder.path().join("home"))
        .await
        .unwrap_err();
    assert_eq!(refused.reason(), "HOME_NOT_USABLE");
    let message = refused.to_string();
    assert!(
        message.contains(&format!("chmod o+x {}", folder.path().display())),
        "{message}"
    );
    assert!(!message.contains("/home"), "{message}");
}

#[tokio::test]
async fn a_killed_process_leaves_no_server_and_loses_nothing_acknowledged() {
    let folder = Folder::new();
    let mut holder = Command::new(env::current_exe().unwrap())
        .args([
            "embedded::tests::holds_a_server_until_killed",
            "--exact",
            "--ignored",
        ])
        .args(["--nocapture", "--test-threads=1"])
        .env(HOLD, folder.home())
        // A shell's for another database: nobody here is to follow them.
        .envs([("PGPORT", "1"), ("PGSSLMODE", "verify-full")])
        .envs(["PGHOST", "PGUSER", "PGDATABASE"].map(|name| (name, "elsewhere")))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let ready = lines
        .map(Result::unwrap)
        .any(|line| line.contains("HOLDING"));
    assert!(ready, "the holder ended");
    assert!(!servers(&folder.home()).is_empty());

    holder.kill().unwrap();
    holder.wait().unwrap();

    wait_until_no_server(&folder.home());
    let server = Postgres::start(&folder.home()).await.unwrap();
    assert_eq!(count(&mut owner(&server).await).await, 1);
    server.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "only runs for the test above, which kills it"]
async fn holds_a_server_until_killed() {
    let Some(home) = env::var_os(HOLD) else {
        return;
    };
    let server = Postgres::start(Path::new(&home)).await.unwrap();
    ensure(&server).await;
    let mut owner = owner(&server).await;
    owner
        .execute("create table kept (id bigint)")
        .await
        .unwrap();
    owner.execute("insert into kept values (1)").await.unwrap();
    writeln!(std::io::stdout(), "HOLDING").unwrap();
    std::future::pending::<()>().await;
}

/// Stands between clients and the server, in a folder of its own; returns a URL through it.
///
/// It runs on the thread of its test. So between two waits of the test, nothing that was sent is
/// answered: a test can let go of a call exactly when it is on its way.
fn relay(server: &Postgres, folder: &Path, database: &str, role: &str) -> String {
    let name = format!(".s.PGSQL.{}", home::PORT);
    let far = Path::new(server.home.run_folder()).join(&name);
    let near = UnixListener::bind(folder.join(&name)).unwrap();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = near.accept().await.unwrap();
            let mut server = UnixStream::connect(&far).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    format!(
        "postgres://{role}@localhost/{database}?host={}",
        folder.display()
    )
}

/// Cancels a `begin()` after it was sent and before it is answered; then writes one row through
/// the same connection. Returns how many rows others see.
async fn rows_after_a_cancelled_begin(server: &Postgres, pool: PgPool) -> i64 {
    let mut connection = pool.acquire().await.unwrap();
    {
        let mut begin = pin!(connection.begin());
        let sent = poll_fn(|context| Poll::Ready(begin.as_mut().poll(context))).await;
        assert!(sent.is_pending(), "the relay cannot have answered");
    }
    drop(connection);

    let written = pool.execute("insert into kept values (1)").await.unwrap();
    assert_eq!(written.rows_affected(), 1, "the write is acknowledged");
    pool.close().await;
    count(&mut owner(server).await).await
}

/// The first half shows that the trap is there and this test sees
/// it; when it fails, `sqlx` has closed it.
#[tokio::test(flavor = "current_thread")]
async fn a_cancelled_begin_loses_no_later_write_through_a_pool_of_ours() {
    let folder = Folder::new();
    let server = Postgres::start(&folder.home()).await.unwrap();
    ensure(&server).await;
    owner(&server)
        .await
        .execute("create table kept (id bigint)")
        .await
        .unwrap();
    let url = relay(
        &server,
        folder.0.path(),
        "gazelle_usage",
        "gazelle_usage_owner",
    );
    let plain = PgPoolOptions::new()
        .max_connections(1)
        .connect(&url)
        .await
        .unwrap();
    assert_eq!(rows_after_a_cancelled_begin(&server, plain).await, 0);
    let config = DatabaseConfig {
        max_connections: NonZeroU32::MIN,
        ..DatabaseConfig::new(url.parse().unwrap())
    };
    let ours = database::connect("usage", &config).await.unwrap();
    assert_eq!(rows_after_a_cancelled_begin(&server, ours).await, 1);
    server.stop().await.unwrap();
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Hidden(sqlx::Error),
    #[error("cannot save")]
    Caused(#[source] sqlx::Error),
}

#[tokio::test]
async fn a_transaction_that_gave_way_runs_again_however_its_error_is_wrapped() {
    let folder = Folder::new();
    let server = Postgres::start(&folder.home()).await.unwrap();
    ensure(&server).await;
    let url = server.url("gazelle_usage", "gazelle_usage");
    let pool = PgPool::connect(&url).await.unwrap();
    for wrap in [Failed::Hidden, Failed::Caused] {
        for (code, attempts_needed) in [("40001", 3), ("40P01", 3), ("22000", 1)] {
            let attempts = Cell::new(0);
            let result = database::retry_serialization(async || {
                attempts.set(attempts.get() + 1);
                if attempts.get() == 3 {
                    return Ok(());
                }
                let fail = format!("do 'begin raise using errcode = ''{code}''; end'");
                pool.execute(AssertSqlSafe(fail))
                    .await
                    .map(|_| ())
                    .map_err(wrap)
            })
            .await;
            assert_eq!(attempts.get(), attempts_needed, "{code}: {result:?}");
        }
    }
    pool.close().await;
    server.stop().await.unwrap();
}

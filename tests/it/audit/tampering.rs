//! Whoever changes a trail past all rules of the database is found out, at the right entry.

use futures::TryStreamExt as _;
use gazelle_client::Patient;
use gazelle_proto::audit::v1::{
    Checkpoint, GetCheckpointRequest, VerifyChainRequest, VerifyChainResponse,
    audit_service_client::AuditServiceClient,
};
use gazelle_runtime::audit::{Broken, ChainVerifier};
use gazelle_runtime::clock::Clock;
use gazelle_runtime::store::event;
use gazelle_tests::city::{City, program};
use gazelle_tests::fresh;
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::report::fee;
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::trail;
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};
use tonic::{Code, Status};

const SERVICES: [&str; 3] = ["registry", "usage", "settlement"];

/// A suite of one's own with some months settled: at least eight entries a trail.
async fn busy_suite() -> Suite {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    for _ in 0..4 {
        let (platform, uscc) = (fresh::platform("mall"), city.micro_enterprise().await);
        city.bind(&platform, "shop", &uscc).await;
        let records = [fee("r", "shop", "COMMISSION", "2017-01-05", 1_000)];
        city.seal_period(&platform, "2017-01", &records).await;
        let id = fresh::program("fees");
        city.apply(program(&id, &[&platform])).await.unwrap();
        city.enroll(&id, &uscc, 0).await;
        city.settle(&id, 2017, "2017-01").await;
    }
    suite
}

/// A superuser for whom no trigger fires, and who can put a trail back as it was.
struct TrailIntruder(PgConnection);

impl TrailIntruder {
    async fn into(suite: &Suite, service: &str) -> Self {
        let mut session = suite.database(service, "postgres").await;
        let alone = "set session_replication_role = replica;
            alter table event drop constraint if exists event_revision;
            create table kept as select number, at, actor, action, subject, content, digest from event;
            create table kept_head as table event_head";
        session.execute(alone).await.unwrap();
        Self(session)
    }

    async fn run(&mut self, statements: &'static str) {
        self.0.execute(statements).await.unwrap();
    }

    async fn undo(&mut self) {
        let undo = "truncate event, event_head;
            insert into event (number, at, actor, action, subject, content, digest) table kept;
            insert into event_head table kept_head";
        self.run(undo).await;
    }

    async fn last(&mut self) -> i64 {
        let row = self.0.fetch_one("select number from kept_head").await;
        row.unwrap().get(0)
    }
}

async fn verify(
    trail: &AuditServiceClient<Patient>,
    checkpoint: Option<Checkpoint>,
) -> Result<VerifyChainResponse, Status> {
    let request = VerifyChainRequest {
        checkpoint,
        with_state: false,
    };
    gazelle_tests::trail::verify(trail, request).await
}

async fn kept(trail: &AuditServiceClient<Patient>) -> Checkpoint {
    let answer = trail.clone().get_checkpoint(GetCheckpointRequest {}).await;
    answer.unwrap().into_inner().checkpoint.unwrap()
}

/// Kind and entry of what is found.
async fn found(
    trail: &AuditServiceClient<Patient>,
    checkpoint: Option<Checkpoint>,
) -> (String, i64) {
    let status = refused(
        verify(trail, checkpoint).await,
        Code::DataLoss,
        "CHAIN_BROKEN",
    );
    let word = |key| metadata(&status, key);
    (word("kind"), word("entry_number").parse().unwrap())
}

/// What a superuser does, what is found of it, and where; 0: at the last entry, 1 below: after it.
const TAMPERINGS: [(&str, &str, i64); 24] = [
    ("update event set actor = 'person:mallory' where number = 3", "ENTRY_EDITED", 3),
    ("update event set at = at + interval '1 us' where number = 4", "ENTRY_EDITED", 4),
    ("update event set action = action || 'x' where number = 2", "ENTRY_EDITED", 2),
    ("update event set content = content || ' ' where number = 1", "ENTRY_EDITED", 1),
    ("update event set digest = sha256(digest) where number = 5", "ENTRY_EDITED", 5),
    ("delete from event where number = 3", "ENTRY_DELETED", 3),
    (
        "delete from event where number = 3;
         update event set number = number + 1000 where number > 3;
         update event set number = number - 1001 where number > 1000",
        "ENTRY_DELETED",
        3,
    ),
    (
        "update event set number = number + 1000 where number > 2;
         insert into event (number, at, actor, action, subject, content, digest)
             select 3, at, 'person:mallory', action, subject, content, digest from event where number = 2;
         update event set number = number - 999 where number > 1000",
        "ENTRY_INSERTED",
        3,
    ),
    (
        "update event set number = 1000 where number = 2;
         update event set number = 2 where number = 3;
         update event set number = 3 where number = 1000",
        "ENTRIES_SWAPPED",
        2,
    ),
    (
        "update event one set (at, actor, action, subject, content) =
             (select at, actor, action, subject, content from event other
              where other.number = 8 - one.number)
         where number in (2, 6)",
        "ENTRIES_SWAPPED",
        2,
    ),
    (
        "insert into event (number, at, actor, action, subject, content, digest)
             select number + 1, at, actor, action, subject, content, digest
             from event order by number desc limit 1",
        "ENTRY_INSERTED",
        -1,
    ),
    (
        "alter table event drop constraint if exists event_number_positive;
         insert into event (number, at, actor, action, subject, content, digest)
             select -7, at, actor, action, subject, content, digest from event where number = 1",
        "ENTRY_INSERTED",
        1,
    ),
    ("delete from event where number = (select max(number) from event)", "TAIL_CUT", 0),
    ("update event_head set digest = sha256(digest)", "HEAD_EDITED", 0),
    ("update event_head set number = number - 1", "ENTRY_INSERTED", 0),
    ("delete from event_head", "HEAD_EDITED", 0),
    (
        "alter table event_head alter digest drop not null; update event_head set digest = null",
        "HEAD_EDITED",
        0,
    ),
    (
        "alter table event_head alter number drop not null; update event_head set number = null",
        "HEAD_EDITED",
        0,
    ),
    (
        "delete from event_head; update event set actor = 'person:mallory' where number = 3",
        "ENTRY_EDITED",
        3,
    ),
    (
        "alter table event alter subject drop not null;
         update event set subject = null where number = 2",
        "ENTRY_EDITED",
        2,
    ),
    (
        "alter table event alter content drop not null;
         update event set content = null where number = 4",
        "ENTRY_EDITED",
        4,
    ),
    (
        "alter table event alter digest drop not null;
         update event set digest = null where number = 5",
        "ENTRY_EDITED",
        5,
    ),
    (
        "alter table event alter at drop not null; update event set at = null where number = 3",
        "ENTRY_EDITED",
        3,
    ),
    ("update event set at = 'infinity' where number = 6", "ENTRY_EDITED", 6),
];

#[tokio::test]
async fn each_kind_of_tampering_is_found_at_its_entry_in_each_service() {
    let suite = Box::pin(busy_suite()).await;
    let auditor = suite.auditor();
    for service in SERVICES {
        let trail = trail(&auditor, service);
        let mut intruder = TrailIntruder::into(&suite, service).await;
        let last = intruder.last().await;
        assert!(last >= 8, "{service} has {last} entries");
        let right = verify(&trail, None).await.unwrap();
        assert_eq!((right.verified_count, right.entry_count), (last, last));
        for (statements, kind, number) in TAMPERINGS {
            intruder.run(statements).await;
            let number = if number > 0 { number } else { last - number };
            let expected = (kind.to_owned(), number);
            assert_eq!(
                found(&trail, None).await,
                expected,
                "{service}: {statements}"
            );
            intruder.undo().await;
            verify(&trail, None).await.unwrap();
        }
    }
    suite.stop().await;
}

/// Computes all digests anew, as `gazelle/audit/v1/audit_service.proto` has it, and the end.
const WRITE_ANEW: &str = "
    create function pg_temp.part(field text) returns bytea immutable language sql as
        $$ select int8send(octet_length(convert_to(field, 'UTF8'))) || convert_to(field, 'UTF8') $$;
    do $$
    declare
        entry record;
        last bytea := decode(repeat('00', 32), 'hex');
    begin
        for entry in select * from event order by number loop
            last := sha256('gazelle.audit.v1' || last || sha256('gazelle.audit.entry.v1'
                || int8send((extract(epoch from entry.at) * 1000000)::bigint)
                || pg_temp.part(entry.actor) || pg_temp.part(entry.action)
                || pg_temp.part(entry.subject) || pg_temp.part(entry.content)));
            update event set digest = last where number = entry.number;
        end loop;
        update event_head set digest = last, number = (select max(number) from event);
    end $$;
    drop function pg_temp.part(text)";

#[tokio::test]
async fn a_cut_tail_and_a_trail_written_anew_are_found_with_a_checkpoint_alone() {
    let suite = Box::pin(busy_suite()).await;
    let auditor = suite.auditor();
    for service in SERVICES {
        let trail = trail(&auditor, service);
        let kept = kept(&trail).await;
        let mut intruder = TrailIntruder::into(&suite, service).await;
        assert_eq!(kept.entry_number, intruder.last().await);

        intruder.run(WRITE_ANEW).await;
        verify(&trail, Some(kept.clone())).await.unwrap();

        let mallory = "update event set actor = 'person:mallory' where number = 2";
        intruder.run(mallory).await;
        intruder.run(WRITE_ANEW).await;
        verify(&trail, None).await.unwrap();
        let anew = ("WRITTEN_ANEW".to_owned(), kept.entry_number);
        assert_eq!(found(&trail, Some(kept.clone())).await, anew, "{service}");
        intruder.undo().await;

        // Nothing is not the same as a text of nothing.
        let emptied = "update event set actor = '' where number = 2";
        intruder.run(emptied).await;
        intruder.run(WRITE_ANEW).await;
        verify(&trail, None).await.unwrap();
        let unset = "alter table event alter actor drop not null;
            update event set actor = null where number = 2";
        intruder.run(unset).await;
        let edited = ("ENTRY_EDITED".to_owned(), 2);
        assert_eq!(found(&trail, None).await, edited, "{service}");
        intruder.undo().await;

        intruder.run("delete from event where number > 5").await;
        intruder.run(WRITE_ANEW).await;
        verify(&trail, None).await.unwrap();
        let cut = ("TAIL_CUT".to_owned(), 6);
        assert_eq!(found(&trail, Some(kept.clone())).await, cut, "{service}");
        intruder.undo().await;
        verify(&trail, Some(kept)).await.unwrap();
    }
    suite.stop().await;
}

/// What is wrong with the trail as this session sees it.
async fn check(session: &mut PgConnection) -> Option<Broken> {
    let head = event::find_head(session).await.unwrap();
    let mut verifier = ChainVerifier::new(None);
    let mut rows = Box::pin(event::entries_from(session, i64::MIN));
    let mut first = None;
    while let Some(entry) = rows.try_next().await.unwrap() {
        first = verifier.entry(&entry).err();
        if first.is_some() {
            break;
        }
    }
    drop(rows);
    let Some(broken) = first else {
        return verifier.finish(head).err();
    };
    let mut namer = verifier.namer(broken, head);
    let mut rows = Box::pin(event::entries_from(session, verifier.reached().number + 1));
    while let Some(entry) = rows.try_next().await.unwrap() {
        if let Some(broken) = namer.entry(entry) {
            return Some(broken);
        }
    }
    Some(namer.finish())
}

/// One tampering at random with the first entry that is wrong then.
fn random_tampering(last: i64) -> (String, i64) {
    let at = fastrand::i64(1..=last);
    let other = fastrand::i64(1..=last);
    match fastrand::u8(0..5) {
        0 => {
            let column = ["actor", "action", "subject", "content"][fastrand::usize(0..4)];
            (
                format!("update event set {column} = {column} || '1' where number = {at}"),
                at,
            )
        }
        1 => {
            let byte = fastrand::u8(0..32);
            let set = format!("set_byte(digest, {byte}, get_byte(digest, {byte}) # 1)");
            (
                format!("update event set digest = {set} where number = {at}"),
                at,
            )
        }
        2 => (format!("delete from event where number = {at}"), at),
        3 if at != other => {
            let swap = format!(
                "update event set number = 100000 where number = {at};
                 update event set number = {at} where number = {other};
                 update event set number = {other} where number = 100000"
            );
            (swap, at.min(other))
        }
        _ => {
            let insert = format!(
                "update event set number = number + 100000 where number >= {at};
                 insert into event (number, at, actor, action, subject, content, digest)
                     select {at}, at, 'person:mallory', action, subject, content, digest
                     from event where number = 100000 + {at};
                 update event set number = number - 99999 where number >= 100000"
            );
            (insert, at)
        }
    }
}

#[tokio::test]
async fn three_hundred_tamperings_at_random_are_found_at_their_entry() {
    let suite = Box::pin(busy_suite()).await;
    let mut intruder = TrailIntruder::into(&suite, "settlement").await;
    let last = intruder.last().await;
    for seed in 0..300 {
        fastrand::seed(seed);
        let (statements, number) = random_tampering(last);
        let mut tx = intruder.0.begin().await.unwrap();
        let result = tx.execute(sqlx::AssertSqlSafe(statements.clone())).await;
        result.unwrap();
        let broken = check(&mut tx).await.expect(&statements);
        assert_eq!(
            broken.entry_number, number,
            "seed {seed}: {statements}: {broken}"
        );
        tx.rollback().await.unwrap();
        assert_eq!(check(&mut intruder.0).await, None);
    }
    suite.stop().await;
}

//! Checking the books from the first entry to the last, as of one moment.

use gazelle_runtime::{
    detach::WorkLost,
    silence::told_of,
    store::{StoreError, snapshot, snapshot_beside},
};
use sqlx::PgConnection;
use tokio::{join, sync::mpsc, try_join};
use tokio_stream::wrappers::ReceiverStream;

use super::{PIECES_WAITING_MAX, results::altered, trail};
use crate::{
    app::{
        App,
        error::{AppError, PaymentRefused},
    },
    domain::ledger::{
        Account,
        verify::{
            BreakKind, Broken, Checkpoint, StoredBalance, StoredEntry, StoredPosting, Verifier,
            VerifyProgress,
        },
    },
    store::{self, ledger::Page},
};

type Sender = mpsc::Sender<Result<VerifyProgress, AppError>>;

impl App {
    /// Checks the books, also against a checkpoint that was kept elsewhere. The last piece says
    /// that all is right, or what is wrong first.
    #[must_use]
    pub fn verify_ledger(
        &self,
        checkpoint: Option<Checkpoint>,
    ) -> ReceiverStream<Result<VerifyProgress, AppError>> {
        let (sender, receiver) = mpsc::channel(PIECES_WAITING_MAX);
        let app = self.clone();
        tokio::spawn(async move {
            let ended = match app.verify(checkpoint, &sender).await {
                Ok(Ok(done)) => Ok(done),
                Ok(Err(broken)) => {
                    // What exactly is said to the auditor who asked: it names accounts and sums.
                    let (kind, entry_number) = (broken.kind.as_str(), broken.entry_number);
                    tracing::error!(kind, entry_number, "the books are broken");
                    Err(PaymentRefused::LedgerBroken(broken).into())
                }
                Err(error) => Err(error),
            };
            // Nobody listens any more where this fails.
            let _ = sender.send(ended).await;
        });
        ReceiverStream::new(receiver)
    }

    /// Follows the chain, and then compares with the causes; on two connections that see the same
    /// moment.
    async fn verify(
        &self,
        checkpoint: Option<Checkpoint>,
        sender: &Sender,
    ) -> Result<Result<VerifyProgress, Broken>, AppError> {
        let _turn = self.verify_turns.take().await?;
        let mut tx = snapshot(&self.pool).await?;
        let mut beside = snapshot_beside(&self.pool, &mut tx).await?;
        // Only of a sound chain do accounts come to what the causes are compared with.
        let done = match follow((&mut tx, &mut beside), checkpoint, sender).await? {
            Ok(done) => done,
            Err(broken) => return Ok(Err(broken)),
        };
        if done.done.is_none() {
            // Nobody listens any more.
            return Ok(Ok(done));
        }
        let comparing = async {
            join!(
                store::ledger::booked_otherwise(&mut tx),
                done_otherwise(&mut beside)
            )
        };
        let followed = VerifyProgress { done: None, ..done };
        let (booked, decided) = told_of(comparing, sender, || Ok(followed)).await;
        // What was decided or done otherwise can be more than the books are compared with.
        let found = match booked {
            Ok(Some(detail)) => Some((BreakKind::CauseDisagrees, detail)),
            Ok(None) => decided?,
            Err(error) => Some(decided?.ok_or(error)?),
        };
        Ok(found.map_or(Ok(done), |(kind, detail)| {
            Err(Broken {
                kind,
                entry_number: done.entry_count,
                detail,
            })
        }))
    }
}

/// The first way in which causes are other than what the trail, if that is sound, or what they came
/// to, says.
async fn done_otherwise(tx: &mut PgConnection) -> Result<Option<(BreakKind, String)>, AppError> {
    if let Some(broken) = trail::broken(&mut *tx).await? {
        return Ok(Some((BreakKind::TrailBroken, broken.to_string())));
    }
    let found = match store::ledger::done_otherwise(&mut *tx).await? {
        None => altered(tx).await?,
        found => found,
    };
    Ok(found.map(|detail| (BreakKind::CauseDisagrees, detail)))
}

/// A page, and the running balances of its postings.
type ReadPage = (Page, Vec<StoredBalance>);

/// Pages that were read and are not checked yet.
const PAGES_READ_MAX: usize = 1;

/// Checks the books as such, entry by entry: what is read is checked while the database reads on,
/// postings and their balances side by side.
async fn follow(
    (tx, beside): (&mut PgConnection, &mut PgConnection),
    checkpoint: Option<Checkpoint>,
    sender: &Sender,
) -> Result<Result<VerifyProgress, Broken>, AppError> {
    let chart = store::ledger::chart(&mut *tx, Account::full_name).await?;
    let head = store::ledger::head(&mut *tx).await?;
    let entry_count = head.checkpoint.entry_number;
    let verifier = Verifier::new(chart, checkpoint);
    let (pages, read) = mpsc::channel(PAGES_READ_MAX);
    let told = sender.clone();
    let checking =
        tokio::task::spawn_blocking(move || check_all(verifier, entry_count, read, &told));
    // Whatever is there, also where no entry may stand.
    let mut page = store::ledger::entries(&mut *tx, i64::MIN).await?;
    while let Some(last) = page.entries.last().map(|entry| entry.number) {
        let (next, balances) = try_join!(
            store::ledger::entries(&mut *tx, last.saturating_add(1)),
            store::ledger::steps(&mut *beside, &page.postings)
        )?;
        if pages.send((page, balances)).await.is_err() {
            // The check has ended: something is wrong, or nobody listens any more.
            break;
        }
        page = next;
    }
    drop(pages);
    let (verifier, checked) = checking.await.map_err(WorkLost::new)?;
    match checked {
        Err(broken) => return Ok(Err(name(tx, &verifier, broken).await?)),
        Ok(Some(progress)) => return Ok(Ok(progress)),
        Ok(None) => {}
    }
    let ends = store::ledger::ends(tx).await?;
    Ok(verifier.finish(&ends).map(|_| VerifyProgress {
        entry_count,
        verified_count: entry_count,
        done: Some(head),
    }))
}

/// Checks what is read, and tells how far it is; ends with that where nobody listens any more.
fn check_all(
    mut verifier: Verifier,
    entry_count: i64,
    mut read: mpsc::Receiver<ReadPage>,
    sender: &Sender,
) -> (Verifier, Result<Option<VerifyProgress>, Broken>) {
    while let Some((page, balances)) = read.blocking_recv() {
        if let Err(broken) = check(&mut verifier, &page, &balances) {
            return (verifier, Err(broken));
        }
        let progress = VerifyProgress {
            entry_count,
            verified_count: verifier.reached().entry_number,
            done: None,
        };
        if sender.blocking_send(Ok(progress)).is_err() {
            return (verifier, Ok(Some(progress)));
        }
    }
    (verifier, Ok(None))
}

/// Checks the entries of a page, each with its own postings and their balances.
fn check(verifier: &mut Verifier, page: &Page, balances: &[StoredBalance]) -> Result<(), Broken> {
    let (mut postings, mut balances) = (&page.postings[..], balances);
    for entry in &page.entries {
        let own = postings.partition_point(|posting| posting.entry_number <= entry.number);
        let (its, later) = postings.split_at(own);
        postings = later;
        let last = its.iter().map(|posting| posting.number).max().unwrap_or(0);
        let own = balances.partition_point(|balance| balance.posting_number <= last);
        let (steps, later) = balances.split_at(own);
        balances = later;
        verifier.entry(entry, its, steps)?;
    }
    Ok(())
}

/// The better word for what is wrong, from the entry that stands there and the two after it.
async fn name(
    tx: &mut PgConnection,
    verifier: &Verifier,
    broken: Broken,
) -> Result<Broken, StoreError> {
    let page = store::ledger::entries(tx, verifier.reached().entry_number + 1).await?;
    let own = |entry: StoredEntry| {
        let postings = page.postings.iter();
        let its = postings
            .filter(|posting| posting.entry_number == entry.number)
            .cloned();
        let its: Vec<StoredPosting> = its.collect();
        (entry, its)
    };
    let next: Vec<_> = page.entries.iter().take(3).cloned().map(own).collect();
    Ok(verifier.name(broken, &next))
}

//! Checking the books from the first entry to the last, as of one moment.

use std::hash::RandomState;

use gazelle_runtime::{
    detach::{WorkLost, detached},
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
        enrolled::Put,
        recount::Recount,
        verify::{
            BreakKind, Broken, Checkpoint, StoredBalance, StoredEntry, StoredPosting, Verifier,
            VerifyProgress,
        },
        weighed::Weights,
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
            let ended = match Box::pin(app.verify(checkpoint, &sender)).await {
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
        let (done, verifier) = match follow((&mut tx, &mut beside), checkpoint, sender).await? {
            Ok(followed) => followed,
            Err(broken) => return Ok(Err(broken)),
        };
        if done.done.is_none() {
            // Nobody listens any more.
            return Ok(Ok(done));
        }
        let booked = verifier.into_booked();
        // Tasks of their own, since each keeps a processor busy with what it reads; and what panics
        // at a row that nobody could write leaves it to the other to say which.
        let books = async move { books_otherwise(&mut tx, &booked).await };
        let deeds = async move { done_otherwise(&mut beside).await };
        let comparing = Box::pin(async { join!(detached(books), detached(deeds)) });
        let followed = VerifyProgress { done: None, ..done };
        let (booked, decided) = told_of(comparing, sender, || Ok(followed)).await;
        let disagrees = |detail| (BreakKind::CauseDisagrees, detail);
        let (otherwise, altered) = match booked {
            Ok((otherwise, altered)) => (Ok(otherwise), altered),
            Err(error) => (Err(error), None),
        };
        let found = first([
            otherwise.map(|detail| detail.map(disagrees)),
            decided,
            Ok(altered.map(disagrees)),
        ])?;
        Ok(found.map_or(Ok(done), |(kind, detail)| {
            Err(Broken {
                kind,
                entry_number: done.entry_count,
                detail,
            })
        }))
    }
}

/// The first that was found; where nothing was, the first failure, since what was decided or done
/// otherwise can be more than something is compared with.
fn first<T>(
    found: impl IntoIterator<Item = Result<Option<T>, AppError>>,
) -> Result<Option<T>, AppError> {
    let mut failure = None;
    for found in found {
        match found {
            Ok(None) => {}
            Ok(found) => return Ok(found),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(None), Err)
}

/// What is wrong where sums differ, and no statement says why.
const OTHER_SUMS: &str = "the books come to something else than what they are of";

/// The first way in which the books say other than their causes; and what is wrong of runs, or of
/// sums where no statement says why.
async fn books_otherwise(
    tx: &mut PgConnection,
    booked: &Recount,
) -> Result<(Option<String>, Option<String>), AppError> {
    let mut caused = booked.anew();
    let altered = or_unreadable(altered(&mut *tx, &mut caused).await)?;
    // Where a run is not what it came to, those after it are not counted.
    let (otherwise, agree) = compare(tx, booked, caused).await?;
    let other_sums = !agree && altered.is_none();
    let sums = other_sums.then(|| OTHER_SUMS.to_owned());
    Ok((otherwise, altered.or(sums)))
}

/// The first way in which the books say other than their causes, of which `caused` has what runs
/// gave; and whether both come to the same.
async fn compare(
    tx: &mut PgConnection,
    booked: &Recount,
    mut caused: Recount,
) -> Result<(Option<String>, bool), AppError> {
    let counted = store::ledger::count_causes(&mut *tx, &mut caused).await;
    let unread = or_unreadable(counted.map(|()| None).map_err(AppError::from))?;
    // The statements name better what could not be read.
    let agree = unread.is_none() && caused.agrees(booked);
    let otherwise = or_unreadable(
        store::ledger::booked_otherwise(tx, agree)
            .await
            .map_err(AppError::from),
    )?;
    Ok((otherwise.or(unread), agree))
}

/// What was found, or that a row cannot be read: that is no failure, but wrong of what is stored.
fn or_unreadable(found: Result<Option<String>, AppError>) -> Result<Option<String>, AppError> {
    match found {
        Err(AppError::Store(error)) => match error.unreadable() {
            Some(detail) => Ok(Some(detail)),
            None => Err(error.into()),
        },
        found => found,
    }
}

/// The first way in which causes are other than what the trail, if that is sound, says.
async fn done_otherwise(tx: &mut PgConnection) -> Result<Option<(BreakKind, String)>, AppError> {
    let mut enrollments = Put::new(new_weights());
    if let Some(broken) = trail::broken(&mut *tx, &mut enrollments).await? {
        return Ok(Some((BreakKind::TrailBroken, broken.to_string())));
    }
    let found = store::ledger::done_otherwise(tx, &enrollments.versions()).await;
    let found = or_unreadable(found.map_err(AppError::from))?;
    Ok(found.map(|detail| (BreakKind::CauseDisagrees, detail)))
}

fn new_weights() -> Weights {
    Weights(RandomState::new(), RandomState::new())
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
) -> Result<Result<(VerifyProgress, Verifier), Broken>, AppError> {
    let chart = store::ledger::chart(&mut *tx, |account| account.into()).await?;
    let head = store::ledger::head(&mut *tx).await?;
    let entry_count = head.checkpoint.entry_number;
    let verifier = Verifier::new(chart, checkpoint, new_weights());
    let (pages, read) = mpsc::channel(PAGES_READ_MAX);
    let told = sender.clone();
    let checking =
        tokio::task::spawn_blocking(move || check_all(verifier, entry_count, read, &told));
    let all_read = read_all((&mut *tx, beside), pages).await;
    let ends = async {
        all_read?;
        store::ledger::ends(&mut *tx).await
    };
    let (ends, checking) = join!(ends, checking);
    let (verifier, checked) = checking.map_err(WorkLost::new)?;
    match checked {
        Err(broken) => return Ok(Err(name(tx, &verifier, broken).await?)),
        Ok(Some(progress)) => return Ok(Ok((progress, verifier))),
        Ok(None) => {}
    }
    let ends = match ends {
        Ok(ends) => ends,
        Err(error) => {
            let detail = or_unreadable(Err(error.into()))?.unwrap_or_default();
            return Ok(Err(Broken {
                kind: BreakKind::EntryEdited,
                entry_number: verifier.reached().entry_number + 1,
                detail,
            }));
        }
    };
    let done = VerifyProgress {
        entry_count,
        verified_count: entry_count,
        done: Some(head),
    };
    Ok(verifier.finish(&ends).map(|_| (done, verifier)))
}

/// Hands on all entries, page by page, until nobody takes them any more.
async fn read_all(
    (tx, beside): (&mut PgConnection, &mut PgConnection),
    pages: mpsc::Sender<ReadPage>,
) -> Result<(), StoreError> {
    // Whatever is there, also where no entry may stand.
    let mut page = store::ledger::entries(&mut *tx, i64::MIN).await?;
    while let Some(last) = page.entries.last().map(|entry| entry.number) {
        let [more, less] = page.posting_numbers();
        let read_on = async {
            let next = store::ledger::entries(&mut *tx, last.saturating_add(1)).await?;
            Ok((next, store::ledger::steps(&mut *tx, less).await?))
        };
        // Of balances there are twice as many, so that each connection reads as much.
        let ((next, rest), mut balances) =
            try_join!(read_on, store::ledger::steps(&mut *beside, more))?;
        balances.extend(rest);
        if pages.send((page, balances)).await.is_err() {
            // The check has ended: something is wrong, or nobody listens any more.
            break;
        }
        page = next;
    }
    Ok(())
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
    verifier.count_balances();
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

//! Proposing accounts, in the place of those that are not decided yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use gazelle_kernel::{
    Actor, PayeeId,
    batch::{Refused, Verdict, judge},
};
use gazelle_runtime::{auth::Principal, store::StoreError};

use super::load;
use crate::{
    app::{
        App,
        error::AppError,
        write::{Write, Writer, all},
    },
    domain::{
        account::{Account, Given, Payee, PaymentAccount, Repeat, Standing, State, recorded},
        change::Content,
        enterprise::NotRegistered,
        import::{Imported, Item},
        refusal::{ItemRefused, Warning},
    },
    store,
};

impl App {
    /// Proposes accounts, each to be confirmed by somebody else.
    pub async fn put_payment_accounts(
        &self,
        caller: &Principal,
        items: Vec<Item<Given>>,
    ) -> Result<Imported, AppError> {
        self.write_batch(caller, items, put).await
    }
}

async fn put(writer: Writer, items: Arc<[Item<Given>]>) -> Result<Imported, AppError> {
    let mut write = writer.begin().await?;
    let ids = all(&items, |given| given.payee_id().clone());
    let payees = load::payees(&mut write.tx, &ids).await?;
    let versions = load::versions(&mut write.tx, &shown(&items)).await?;

    let judged = judge(&items, Given::key, &ItemRefused::RepeatedInBatch, |given| {
        let verdict = verdict(given, &payees, &versions);
        verdict.map_err(Refused::ForGood)
    });

    let repeats = repeats(&items, &payees, &write);
    if !repeats.is_empty() {
        store::payment_return::put_repeats(&mut write.tx, &repeats).await?;
    }
    let (written, present) = (judged.written.clone(), write.present);
    let mut imported = Imported::new(judged, present);
    imported.warnings = warnings(&items, &imported, &versions);
    if written.is_empty() {
        write.tx.commit().await.map_err(StoreError::from)?;
        return Ok(imported);
    }

    let actor = write.actor.clone();
    let accounts = written.iter().filter_map(Given::whole);
    let proposals = accounts.map(|account| (account.clone(), actor.clone()));
    let content = propose(&mut write, proposals.collect(), &payees).await?;
    imported.revision = write.commit("put_payment_accounts", &content).await?;
    Ok(imported)
}

/// What an account of a batch means; one that is given as a list shows it must be recorded.
fn verdict(
    given: &Given,
    payees: &BTreeMap<PayeeId, Payee>,
    versions: &BTreeMap<PayeeId, Vec<PaymentAccount>>,
) -> Result<Verdict, ItemRefused> {
    let id = given.payee_id();
    let payee = payees.get(id).ok_or_else(|| unknown(id))?;
    match given {
        Given::Whole(account) => payee.propose(account).map_err(ItemRefused::AccountName),
        Given::Shown(shown) => {
            let recorded = versions.get(id).and_then(|all| recorded(shown, all));
            recorded.map_or(Err(ItemRefused::AccountNotRecorded), |_| {
                Ok(Verdict::Unchanged)
            })
        }
    }
}

/// Whose accounts are given as lists show them.
fn shown(items: &[Item<Given>]) -> BTreeSet<PayeeId> {
    let shown = items.iter().flatten().filter(|it| it.whole().is_none());
    shown.map(|given| given.payee_id().clone()).collect()
}

fn unknown(payee: &PayeeId) -> ItemRefused {
    match payee {
        PayeeId::Enterprise(uscc) => ItemRefused::NotRegistered(NotRegistered::new(*uscc)),
        PayeeId::Platform(id) => ItemRefused::PlatformUnknown(id.clone()),
    }
}

/// Proposals of what is in force, which change nothing for now.
fn repeats(items: &[Item<Given>], payees: &BTreeMap<PayeeId, Payee>, write: &Write) -> Vec<Repeat> {
    let repeats: BTreeMap<&PayeeId, Repeat> = items
        .iter()
        .flatten()
        .filter_map(Given::whole)
        .filter_map(|account| payees.get(&account.payee_id)?.repeated(account))
        .map(|in_force| {
            let repeat = Repeat {
                payee_id: in_force.payee_id().clone(),
                version: in_force.version,
                by: write.actor.clone(),
                at: write.now,
            };
            (in_force.payee_id(), repeat)
        })
        .collect();
    repeats.into_values().collect()
}

fn warnings(
    items: &[Item<Given>],
    imported: &Imported,
    versions: &BTreeMap<PayeeId, Vec<PaymentAccount>>,
) -> Vec<(usize, Warning)> {
    let refused: BTreeSet<usize> = imported.rejections.iter().map(|r| r.index).collect();
    let taken = items
        .iter()
        .enumerate()
        .filter(|(index, _)| !refused.contains(index));
    taken
        .filter_map(|(index, item)| Some((index, item.as_ref().ok()?)))
        .filter_map(|(index, given)| Some((index, warning(given, versions)?)))
        .collect()
}

/// What looks wrong about an account that was taken.
fn warning(given: &Given, versions: &BTreeMap<PayeeId, Vec<PaymentAccount>>) -> Option<Warning> {
    match given {
        Given::Whole(account) => {
            let code = &account.bank_code;
            (!code.is_checked()).then(|| Warning::BankCodeCheck(code.clone()))
        }
        Given::Shown(shown) => {
            let recorded = recorded(shown, versions.get(&shown.payee_id)?)?;
            (!recorded.may_be_paid_to()).then_some(Warning::NotProposed)
        }
    }
}

/// Writes proposals by who makes each, in the place of those that are not decided yet; returns
/// what the trail shows of them.
pub(super) async fn propose(
    write: &mut Write,
    proposals: Vec<(Account, Actor)>,
    payees: &BTreeMap<PayeeId, Payee>,
) -> Result<Content, AppError> {
    let mut replaced = Vec::new();
    let mut proposed = Vec::new();
    for (account, proposed_by) in proposals {
        let payee = &payees[&account.payee_id];
        let newest = payee.newest.as_ref();
        replaced.extend(
            newest
                .filter(|it| it.standing.state == State::Proposed)
                .cloned(),
        );
        let proposal = PaymentAccount {
            account,
            version: payee.version_count + 1,
            proposed_by,
            proposed_at: write.now,
            proposed_revision: write.next,
            standing: Standing::PROPOSED,
            revision: write.next,
            payment_returned_at: None,
        };
        proposed.push((proposal, salt()));
    }
    store::account::close_states(&mut write.tx, write.next, &replaced).await?;
    store::account::insert(&mut write.tx, &proposed).await?;
    let replaced: Vec<_> = replaced
        .iter()
        .map(|account| (account, account.replaced()))
        .collect();
    let new = proposed
        .iter()
        .map(|(account, _)| (account, Standing::PROPOSED));
    let states: Vec<_> = replaced.iter().cloned().chain(new).collect();
    store::account::insert_states(&mut write.tx, write.next, &states).await?;
    let contents: Vec<_> = proposed
        .iter()
        .map(|(proposal, salt)| {
            let (version, by) = (proposal.version, &proposal.proposed_by);
            proposal.account.content(version, by, salt)
        })
        .collect();
    let replaced: Vec<_> = replaced
        .iter()
        .map(|(account, to)| account.state_content(to))
        .collect();
    // That the others are proposals says itself.
    Ok(Content::default()
        .with("payment_accounts", &contents)
        .with("payment_account_states", &replaced))
}

/// Keeps the digest of an account from being guessed: numbers are few.
fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).expect("the system gives random bytes");
    salt
}

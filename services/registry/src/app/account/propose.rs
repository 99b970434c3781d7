//! Proposing accounts, in the place of those that are not decided yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use gazelle_kernel::{
    Actor, PayeeId,
    batch::{Refused, judge},
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
        account::{Account, Payee, PaymentAccount, Repeat, Standing, State},
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
        items: Vec<Item<Account>>,
    ) -> Result<Imported, AppError> {
        self.write_batch(caller, items, put).await
    }
}

async fn put(writer: Writer, items: Arc<[Item<Account>]>) -> Result<Imported, AppError> {
    let mut write = writer.begin().await?;
    let ids = all(&items, |account| account.payee_id.clone());
    let payees = load::payees(&mut write.tx, &ids).await?;

    let key = |account: &Account| account.payee_id.clone();
    let judged = judge(&items, key, &ItemRefused::RepeatedInBatch, |account| {
        let payee = payees
            .get(&account.payee_id)
            .ok_or_else(|| Refused::ForGood(unknown(&account.payee_id)))?;
        let verdict = payee.propose(account);
        verdict.map_err(|error| Refused::ForGood(ItemRefused::AccountName(error)))
    });

    let repeats = repeats(&items, &payees, &write);
    if !repeats.is_empty() {
        store::payment_return::put_repeats(&mut write.tx, &repeats).await?;
    }
    let (written, present) = (judged.written.clone(), write.present);
    let mut imported = Imported::new(judged, present);
    imported.warnings = warnings(&items, &imported);
    if written.is_empty() {
        write.tx.commit().await.map_err(StoreError::from)?;
        return Ok(imported);
    }

    let actor = write.actor.clone();
    let proposals = written.into_iter().map(|account| (account, actor.clone()));
    let content = propose(&mut write, proposals.collect(), &payees).await?;
    imported.revision = write.commit("put_payment_accounts", &content).await?;
    Ok(imported)
}

fn unknown(payee: &PayeeId) -> ItemRefused {
    match payee {
        PayeeId::Enterprise(uscc) => ItemRefused::NotRegistered(NotRegistered::new(*uscc)),
        PayeeId::Platform(id) => ItemRefused::PlatformUnknown(id.clone()),
    }
}

/// Proposals of what is in force, which change nothing for now.
fn repeats(
    items: &[Item<Account>],
    payees: &BTreeMap<PayeeId, Payee>,
    write: &Write,
) -> Vec<Repeat> {
    let repeats: BTreeMap<&PayeeId, Repeat> = items
        .iter()
        .flatten()
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

fn warnings(items: &[Item<Account>], imported: &Imported) -> Vec<(usize, Warning)> {
    let refused: BTreeSet<usize> = imported.rejections.iter().map(|r| r.index).collect();
    let taken = items
        .iter()
        .enumerate()
        .filter(|(index, _)| !refused.contains(index));
    taken
        .filter_map(|(index, item)| Some((index, item.as_ref().ok()?.bank_code.clone())))
        .filter(|(_, bank_code)| !bank_code.is_checked())
        .map(|(index, bank_code)| (index, Warning::BankCodeCheck(bank_code)))
        .collect()
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

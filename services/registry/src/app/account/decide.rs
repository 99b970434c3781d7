//! Confirming and rejecting what others proposed.

use std::collections::BTreeSet;

use gazelle_kernel::PayeeId;
use gazelle_runtime::auth::Principal;

use super::load;
use crate::{
    app::{
        App,
        error::{AccountRefused, AppError},
        write::{Write, Writer},
    },
    domain::{
        account::{
            Choice, Confirmation, Decision, PaymentAccount, Rejections, Standing, State, was_seen,
        },
        change::Content,
        revision::Revision,
    },
    store,
};

/// Most proposals that are looked at in one transaction where all are to be confirmed: the entry
/// of the chain names each that is.
const CONFIRMED_MAX: i64 = 10_000;

impl App {
    /// Confirms proposals of others, of the given revision or before. Those that are named are
    /// confirmed together, or none is; all there are, some thousands at a time.
    pub async fn confirm_payment_accounts(
        &self,
        caller: &Principal,
        choice: Choice,
        through: Option<Revision>,
    ) -> Result<Confirmation, AppError> {
        match choice {
            Choice::Payees(payees) => {
                let confirm = move |writer| confirm_named(writer, payees.clone(), through);
                self.write(caller, confirm).await
            }
            Choice::All => self.confirm_all(caller, through).await,
        }
    }

    async fn confirm_all(
        &self,
        caller: &Principal,
        through: Option<Revision>,
    ) -> Result<Confirmation, AppError> {
        let mut after = None;
        let (mut confirmed_count, mut left_count) = (0, 0);
        loop {
            let confirm = move |writer| confirm_page(writer, after.clone(), through);
            let (page, last) = self.write(caller, confirm).await?;
            confirmed_count += page.confirmed_count;
            left_count += page.left_count;
            let Some(last) = last else {
                return Ok(Confirmation {
                    confirmed_count,
                    left_count,
                    revision: page.revision,
                });
            };
            after = Some(last);
        }
    }

    /// Rejects each payee's proposal, or where there is none its account in force: all of them,
    /// or none; only what stood so at the given revision.
    pub async fn reject_payment_accounts(
        &self,
        caller: &Principal,
        payees: BTreeSet<PayeeId>,
        through: Option<Revision>,
    ) -> Result<Rejections, AppError> {
        let reject = move |writer| reject(writer, payees.clone(), through);
        self.write(caller, reject).await
    }
}

async fn confirm_named(
    writer: Writer,
    payees: BTreeSet<PayeeId>,
    through: Option<Revision>,
) -> Result<Confirmation, AppError> {
    let mut write = writer.begin().await?;
    let mut open = load::open(&mut write.tx, &payees).await?;
    let decision = write.decision();
    let mut changes = Vec::new();
    let confirmed_count = payees.len();
    for payee in payees {
        let mut open = open.remove(&payee).unwrap_or_default();
        let proposal = open.proposed.take().filter(|it| was_seen(it, through));
        let Some(proposal) = proposal else {
            return Err(AccountRefused::NotProposed(payee).into());
        };
        let Some(confirmed) = proposal.confirmed(decision.clone()) else {
            return Err(AccountRefused::SelfApproval(payee).into());
        };
        changes.extend(open.confirmed.map(|before| (before.replaced(), before)));
        changes.push((confirmed, proposal));
    }
    Ok(Confirmation {
        confirmed_count,
        left_count: 0,
        revision: stand(write, "confirm_payment_accounts", changes).await?,
    })
}

/// Confirms the proposals of the payees that come next; and says after whom others may follow.
async fn confirm_page(
    writer: Writer,
    after: Option<(PayeeId, i32)>,
    through: Option<Revision>,
) -> Result<(Confirmation, Option<(PayeeId, i32)>), AppError> {
    let mut write = writer.begin().await?;
    let after = after.as_ref().map(|(payee, version)| (payee, *version));
    let states = [State::Proposed];
    let page = store::account::page(&mut write.tx, None, &states, after, CONFIRMED_MAX).await?;
    let last = page
        .last()
        .map(|last| (last.payee_id().clone(), last.version));

    let payees: BTreeSet<PayeeId> = page.iter().map(|it| it.payee_id().clone()).collect();
    let mut open = load::open(&mut write.tx, &payees).await?;
    let decision = write.decision();
    let (mut confirmed_count, mut left_count) = (0, 0);
    let mut changes = Vec::new();
    for proposal in page.into_iter().filter(|it| was_seen(it, through)) {
        let Some(confirmed) = proposal.confirmed(decision.clone()) else {
            left_count += 1;
            continue;
        };
        confirmed_count += 1;
        let before = open
            .remove(proposal.payee_id())
            .and_then(|open| open.confirmed);
        changes.extend(before.map(|before| (before.replaced(), before)));
        changes.push((confirmed, proposal));
    }
    let confirmed = Confirmation {
        confirmed_count,
        left_count,
        revision: stand(write, "confirm_payment_accounts", changes).await?,
    };
    Ok((confirmed, last))
}

async fn reject(
    writer: Writer,
    payees: BTreeSet<PayeeId>,
    through: Option<Revision>,
) -> Result<Rejections, AppError> {
    let mut write = writer.begin().await?;
    let mut open = load::open(&mut write.tx, &payees).await?;
    let decision = write.decision();
    let mut changes = Vec::new();
    let (mut proposed_count, mut confirmed_count) = (0, 0);
    for payee in payees {
        let Some(account) = open.remove(&payee).and_then(load::Open::newest) else {
            return Err(AccountRefused::NotFound(payee).into());
        };
        if through.is_some_and(|through| account.revision > through) {
            return Err(AccountRefused::NotProposed(payee).into());
        }
        match account.standing.state {
            State::Proposed => proposed_count += 1,
            State::Confirmed | State::Rejected | State::Replaced => confirmed_count += 1,
        }
        changes.push((account.rejected(decision.clone()), account));
    }
    Ok(Rejections {
        proposed_count,
        confirmed_count,
        revision: stand(write, "reject_payment_accounts", changes).await?,
    })
}

impl Write {
    fn decision(&self) -> Decision {
        Decision {
            by: self.actor.clone(),
            at: self.now,
        }
    }
}

/// Writes where accounts stand from now on; no changes make no revision.
async fn stand(
    mut write: Write,
    action: &'static str,
    changes: Vec<(Standing, PaymentAccount)>,
) -> Result<Revision, AppError> {
    if changes.is_empty() {
        return Ok(write.present);
    }
    let (standings, accounts): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
    store::account::close_states(&mut write.tx, write.next, &accounts).await?;
    let states: Vec<_> = accounts.iter().zip(standings).collect();
    store::account::insert_states(&mut write.tx, write.next, &states).await?;
    let stands: Vec<_> = states
        .iter()
        .map(|(account, standing)| account.state_content(standing))
        .collect();
    let content = Content::default().with("payment_account_states", &stands);
    write.commit(action, &content).await
}

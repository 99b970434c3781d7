//! Payment accounts, where they stand, and payments that came back.

use gazelle_runtime::{audit::Difference, store::StoreError};
use sqlx::PgConnection;

/// Every account that was proposed. Its number is in no entry, but in the digest that one has of
/// it, with the salt that is stored.
pub(super) async fn accounts(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"with counted as (
               select number, 1 as side, item ->> 'payee_id' as payee_id,
                      (item ->> 'version')::integer as version, item ->> 'account_name' as account_name,
                      item ->> 'bank_code' as bank_code, item ->> 'bank_name' as bank_name,
                      item ->> 'name_exception_evidence' as evidence,
                      item ->> 'account_sha256' as digest, item ->> 'proposed_by' as proposed_by,
                      at as proposed_at, subject::bigint as revision
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'payment_accounts') item
               where action in ('put_payment_accounts', 'note_payment_returns')
               union all
               select null, -1, payee_id, version, account_name, bank_code, bank_name,
                      name_exception_evidence,
                      -- As `domain::account` has it: each part after its length in bytes.
                      encode(sha256(salt
                          || int8send(octet_length(payee_id)) || convert_to(payee_id, 'UTF8')
                          || int8send(octet_length(account_name)) || convert_to(account_name, 'UTF8')
                          || int8send(octet_length(account_number)) || convert_to(account_number, 'UTF8')
                          || int8send(octet_length(bank_code)) || convert_to(bank_code, 'UTF8')), 'hex'),
                      proposed_by, proposed_at, proposed_revision
               from payment_account)
           select max(number) as entry_number,
                  format('version %s of the account of %s is not what was proposed', version, payee_id)
                      as "detail!"
           from counted
           group by payee_id, version, account_name, bank_code, bank_name, evidence, digest, proposed_by,
                    proposed_at, revision
           having sum(side) <> 0
           order by 1, 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Where every account stood, from which revision to which: proposed first, then what was decided.
/// Who confirmed it stays with it whatever follows.
pub(super) async fn states(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"with stood as materialized (
               select number, subject::bigint as since, item ->> 'payee_id' as payee_id,
                      (item ->> 'version')::integer as version, item ->> 'proposed_by' as proposed_by,
                      'proposed' as state, null as decided_by, null::timestamptz as decided_at
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'payment_accounts') item
               where action in ('put_payment_accounts', 'note_payment_returns')
               union all
               select number, subject::bigint, item ->> 'payee_id', (item ->> 'version')::integer, null,
                      item ->> 'state', actor, at
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'payment_account_states') item
               where action in ('put_payment_accounts', 'note_payment_returns',
                                'confirm_payment_accounts', 'reject_payment_accounts')),
           counted as (
               select number, 1 as side, payee_id, version, max(proposed_by) over steps as proposed_by, state,
                      max(decided_by) filter (where state = 'confirmed') over steps as confirmed_by,
                      max(decided_at) filter (where state = 'confirmed') over steps as confirmed_at,
                      case state when 'rejected' then decided_by end as rejected_by,
                      case state when 'rejected' then decided_at end as rejected_at,
                      since, lead(since) over steps as until
               from stood
               window steps as (partition by payee_id, version order by since)
               union all
               select null, -1, payee_id, version, proposed_by, state, confirmed_by, confirmed_at, rejected_by,
                      rejected_at, since_revision, until_revision
               from payment_account_state)
           select max(number) as entry_number,
                  format('where version %s of the account of %s stands since revision %s is not what was done',
                         version, payee_id, since) as "detail!"
           from counted
           group by payee_id, version, proposed_by, state, confirmed_by, confirmed_at, rejected_by, rejected_at,
                    since, until
           having sum(side) <> 0
           order by 1, 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Every payment that came back.
pub(super) async fn returns(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"with counted as (
               select number, 1 as side, item ->> 'payment_id' as payment_id, item ->> 'payee_id' as payee_id,
                      (item ->> 'returned_at')::timestamptz as returned_at, subject::bigint as revision
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'payment_returns') item
               where action = 'note_payment_returns'
               union all
               select null, -1, payment_id, payee_id, returned_at, revision
               from payment_return)
           select max(number) as entry_number,
                  format('the return of payment %s is not what was noted', payment_id) as "detail!"
           from counted
           group by payment_id, payee_id, returned_at, revision
           having sum(side) <> 0
           order by 1, 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Proposals of what is in force already. They change nothing, so no entry has them, and who made
/// one, and when, cannot be told; but each is of a version that was confirmed once.
pub(super) async fn repeats(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"select null::bigint as entry_number,
                  format('version %s of the account of %s was proposed again and never in force',
                         version, payee_id) as "detail!"
           from payment_account_repeat repeat
           where not exists (
               select from payment_account_state standing
               where (standing.payee_id, standing.version) = (repeat.payee_id, repeat.version)
                 and state = 'confirmed')
           order by 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

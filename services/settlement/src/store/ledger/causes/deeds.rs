//! Entries, against the trail of who did what they are of.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

/// Each entry is of something that was done, by whom and when it says.
pub(super) async fn entries(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with done as (
               select actor, at,
                      case action when 'program.apply' then 'budget_set'
                          when 'run.publish' then 'run_published'
                          when 'run.cancel' then 'run_cancelled'
                          when 'run.approve' then 'run_approved'
                          when 'objection.decide' then 'objection_upheld'
                          when 'order.prepare' then 'order_prepared'
                          when 'order.cancel' then 'order_cancelled'
                          when 'answer.take' then 'answer_taken' end as cause,
                      case action when 'program.apply' then concat_ws(' ', subject,
                              row_number() over (partition by action, subject order by number))
                          when 'objection.decide' then concat_ws(' ', subject, content::jsonb ->> 'uscc')
                          else subject end as cause_id
               from event)
           select format('entry %s: nobody did %s %s, as it says', entry_number, cause, cause_id)
                      as "detail!"
           from ledger_entry entry
           left join done using (cause, cause_id)
           where (entry.recorded_by, entry.recorded_at) is distinct from (done.actor, done.at)
              or entry.previous is distinct from nullif(entry.entry_number - 1, 0)
           order by entry_number
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

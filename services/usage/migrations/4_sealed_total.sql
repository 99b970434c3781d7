-- The totals of a sealed period, made once, in the transaction that seals it:
-- what settlement reads. No foreign keys: it is one statement over `record`, and
-- a check for each row would cost more than the sums.
create table sealed_total
(
    platform     smallint         not null,
    period       smallint         not null,
    merchant_id  text collate "C" not null,
    fee_kind     integer          not null,
    fee_date     date             not null,
    fee_fen      bigint           not null,
    record_count bigint           not null,
    constraint sealed_total_pkey primary key (platform, period, merchant_id, fee_kind, fee_date),
    constraint sealed_total_record_count_positive check (record_count >= 1)
);
create trigger append_only before update or delete or truncate on sealed_total
    for each statement execute function refuse_change();
grant select, insert on sealed_total to gazelle_usage;

-- A sealed period has all of its totals already.
create function refuse_totals_of_sealed() returns trigger
    language plpgsql as
$$
begin
    if exists (select from (select distinct platform, period from added) a
               join period using (platform, period) where sealed_at is not null) then
        raise exception 'the totals of a sealed period never change'
            using errcode = 'restrict_violation', constraint = 'sealed_total_fixed';
    end if;
    return null;
end;
$$;
create trigger sealed_fixed after insert on sealed_total
    referencing new table as added
    for each statement execute function refuse_totals_of_sealed();

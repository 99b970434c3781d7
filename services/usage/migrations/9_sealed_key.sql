-- Which record ids a sealed period claims, by the starts of their keys: those of
-- its records, and of records in other periods that its reversals take back. What
-- is sealed later is compared with these few bytes a record instead of all its
-- records; where they agree, the records themselves tell.
--
-- The key leads with the part, so that all periods' parts are read side by side.
create table sealed_key
(
    platform smallint not null,
    part     smallint not null, -- the key's first byte
    period   smallint not null,
    keys     bytea    not null, -- its next five, of each key in order
    constraint sealed_key_pkey primary key (platform, part, period),
    constraint sealed_key_part_known check (part between 0 and 255),
    constraint sealed_key_keys_whole check (length(keys) > 0 and length(keys) % 5 = 0)
);
-- Hashes don't get smaller.
alter table sealed_key alter keys set storage external;
create trigger sealed_key_append_only before update or delete or truncate on sealed_key
    for each statement execute function refuse_change();
-- Who writes and seals compares with them; and of all that is stored, who holds it against
-- the trail.
grant select, insert on sealed_key to gazelle_usage_writer;
grant select on sealed_key to gazelle_usage_staff;
alter table sealed_key enable row level security, force row level security;
create policy sealed_key_staff on sealed_key for select to gazelle_usage_staff using (true);
create policy sealed_key_auditor on sealed_key for select to gazelle_usage_auditor using (true);
create trigger sealed_key_fixed after insert on sealed_key
    referencing new table as added
    for each statement execute function refuse_addition_to_sealed();

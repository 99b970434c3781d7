-- Once per cluster, as a superuser, before `databases.sql`; again changes nothing. Set
-- passwords or certificates of those that log in as your site does.
--
-- For each service, in its own database:
--
--   gazelle_SERVICE_owner     logs in to migrate; owns the tables, and nothing else does
--   gazelle_SERVICE           logs in to serve
--   gazelle_SERVICE_auditor   logs in to read everything; changes nothing
--   gazelle_SERVICE_platform  what the service becomes to read for a platform: sees its rows
--
-- In usage, where platforms' records are, the service's login may read and write nothing
-- itself. Every transaction says what it becomes: beside `platform`, one of
--
--   gazelle_usage_writer      takes records in, seals, withdraws; passes row-level security,
--                             under which COPY is refused, and sees little but records
--   gazelle_usage_staff       what the service becomes to read for officials: sees all rows
--
-- `noinherit` is what keeps them apart: a transaction that forgets to say what it is has
-- no rights, and no two policies are ever combined. Grants on tables come with migrations.
begin;
-- One at a time, whoever runs this.
select pg_advisory_xact_lock(7262342);
do
$$
declare
    service text;
    wanted  record;
begin
    foreach service in array array ['registry', 'usage', 'settlement'] loop
        for wanted in
            select 'gazelle_' || service || suffix as name, attributes
            from (values ('_owner', 'login'), ('', 'login noinherit'), ('_auditor', 'login'),
                         ('_platform', 'nologin'), ('_writer', 'nologin bypassrls'), ('_staff', 'nologin'))
                 role (suffix, attributes)
            where service = 'usage' or suffix not in ('_writer', '_staff')
        loop
            if not exists (select from pg_roles where rolname = wanted.name) then
                execute format('create role %I %s', wanted.name, wanted.attributes);
                if wanted.attributes like 'nologin%' then
                    execute format('grant %I to %I', wanted.name, 'gazelle_' || service);
                end if;
            end if;
        end loop;
    end loop;
end
$$;
commit;

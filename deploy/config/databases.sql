-- Once per cluster, as a superuser: a database a service, an owner that runs its
-- migrations, and the service's own role, which owns nothing and gets its grants
-- from the migrations. Set passwords or certificates as your site does.

create role gazelle_registry_owner login;
create role gazelle_registry login;
create database gazelle_registry owner gazelle_registry_owner;

create role gazelle_usage_owner login;
create role gazelle_usage login;
create database gazelle_usage owner gazelle_usage_owner;

create role gazelle_settlement_owner login;
create role gazelle_settlement login;
create database gazelle_settlement owner gazelle_settlement_owner;

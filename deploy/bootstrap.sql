-- Roles and extensions that only a superuser can make. Runs once a cluster, and again without effect.
-- psql variables: password (for the four roles), database.
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', name, :'password')
FROM unnest(ARRAY['headwater_owner', 'headwater_app', 'headwater_watch', 'headwater_backup']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
ALTER ROLE headwater_owner CREATEDB;
-- The owner may act as the application, which is how the tests feel the application's missing rights.
GRANT headwater_app TO headwater_owner;
SELECT format('CREATE DATABASE %I OWNER headwater_owner', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec
-- template1 as well: each test database is a copy of it.
\connect template1
\ir extensions.sql
\connect :database
\ir extensions.sql

-- Who may do what in the database: a user for the running program, which can neither change its tables nor what the audit
-- log holds, one for `schedulerd migrate`, and one for people and programs that read the views of docs/reporting.md and
-- can do nothing else.
--
-- Put in, and run as an administrator of the server, after `schedulerd migrate up` and again after each later one, because
-- the rights are given for each table (a test keeps the list complete):
--   {database}            master_db.db_name
--   {prefix}              master_db.prefix, or nothing
--   {host}                where the programs run, such as 10.0.0.% or localhost
--   {password}            of the running program: master_db.db_pwd
--   {migration_password}  of the other one, which no running program needs:
--                         SCHEDULERD_MASTER_DB_DB_USER=schedulerd_migrate SCHEDULERD_MASTER_DB_DB_PWD=… schedulerd migrate up
--   {report_password}     of who reads reports
-- For example:
--   sed -e 's/{database}/schedulerd/; s/{prefix}//; s/{host}/localhost/; s/{password}/…/; s/{migration_password}/…/; s/{report_password}/…/' \
--     sql/grants.sql | mariadb

CREATE USER IF NOT EXISTS 'schedulerd_migrate'@'{host}' IDENTIFIED BY '{migration_password}';
CREATE USER IF NOT EXISTS 'schedulerd'@'{host}' IDENTIFIED BY '{password}';
CREATE USER IF NOT EXISTS 'schedulerd_reports'@'{host}' IDENTIFIED BY '{report_password}';

GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, CREATE VIEW ON `{database}`.* TO 'schedulerd_migrate'@'{host}';

-- The running program splits partitions for the days to come off from the last one; MySQL wants CREATE for that, too. It
-- drops those of days that are older than retention.days, for which there is no smaller right than DROP. Without DROP on
-- these two, set retention.days to 0.
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP ON `{database}`.`{prefix}tasks` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP ON `{database}`.`{prefix}attempts` TO 'schedulerd'@'{host}';

GRANT SELECT, INSERT, UPDATE ON `{database}`.`{prefix}queues` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, DELETE ON `{database}`.`{prefix}queue_shares` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE ON `{database}`.`{prefix}instances` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}scheduled` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}ready` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}claims` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}dead_letters` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}quarantine` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}task_copies` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}task_keys` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}rollups_minute` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}rollups_destination` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}destinations` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, DELETE ON `{database}`.`{prefix}destination_secrets` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}bulk_operations` TO 'schedulerd'@'{host}';
GRANT SELECT, UPDATE ON `{database}`.`{prefix}retention` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}retention_days` TO 'schedulerd'@'{host}';
-- What is dropped changes places with an empty table first, so that nobody waits while its file is deleted.
GRANT SELECT, INSERT, CREATE, ALTER, DROP ON `{database}`.`{prefix}tasks_removed` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, CREATE, ALTER, DROP ON `{database}`.`{prefix}attempts_removed` TO 'schedulerd'@'{host}';
-- What is exported before a day is dropped.
GRANT SELECT ON `{database}`.`{prefix}report_tasks` TO 'schedulerd'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_attempts` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}users` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}schedules` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.`{prefix}api_keys` TO 'schedulerd'@'{host}';
GRANT SELECT, INSERT ON `{database}`.`{prefix}audit_events` TO 'schedulerd'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}schema_migrations` TO 'schedulerd'@'{host}';

-- The views read with the rights of the user who ran `schedulerd migrate up`, which is therefore to be kept. So who reads
-- them needs no right on the tables, where headers, bodies, answers and hashes of passwords are.
GRANT SELECT ON `{database}`.`{prefix}report_tasks` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_states` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_attempts` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_minutely` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_hourly` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_daily` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_destinations` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_backlog` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_queues` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_instances` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_retries` TO 'schedulerd_reports'@'{host}';
GRANT SELECT ON `{database}`.`{prefix}report_dead_letters` TO 'schedulerd_reports'@'{host}';

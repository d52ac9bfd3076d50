-- The tables that the files in sql/migrations give, for reading; on MariaDB, without a table prefix. The views are
-- in sql/reports. The running program adds a partition for each day. A test keeps this file true (Tests/IntegrationTests/SchemaReferenceTests.swift).

CREATE TABLE `api_keys` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL,
  `secret_hash` binary(32) NOT NULL COMMENT 'SHA-256 of the key, which is kept nowhere',
  `secret_prefix` varchar(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'First characters of the key, to tell it by',
  `scopes` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'tasks:write, tasks:read, admin; with commas',
  `queues` text DEFAULT NULL COMMENT 'The only queues it is for, with commas; NULL: all of them',
  `requests_per_second` int(10) unsigned DEFAULT NULL COMMENT 'Of each instance; NULL: any number',
  `created_at` datetime(6) NOT NULL,
  `created_by` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL COMMENT 'As in audit_events',
  `expires_at` datetime(6) DEFAULT NULL COMMENT 'NULL: never',
  `last_used_at` datetime(6) DEFAULT NULL COMMENT 'To the minute; NULL: never',
  `disabled_at` datetime(6) DEFAULT NULL COMMENT 'NULL: it is good',
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`),
  UNIQUE KEY `secret_hash` (`secret_hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Keys of the API';

CREATE TABLE `attempts` (
  `task_id` binary(16) NOT NULL,
  `attempt` smallint(5) unsigned NOT NULL COMMENT 'Counts from 1',
  `incarnation` bigint(20) unsigned NOT NULL COMMENT 'Who made it',
  `version` int(10) unsigned NOT NULL COMMENT 'The version of the task that was sent',
  `plan_time` datetime(6) NOT NULL,
  `started_at` datetime(6) NOT NULL COMMENT 'When the request was begun; less plan_time: the lateness',
  `duration_us` bigint(20) unsigned NOT NULL,
  `succeeded` tinyint(3) unsigned NOT NULL,
  `class` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'success, or the kind of failure',
  `message` varchar(500) DEFAULT NULL,
  `status` smallint(5) unsigned DEFAULT NULL COMMENT 'HTTP status; NULL: no answer',
  `lookup_us` int(10) unsigned NOT NULL COMMENT 'Until the name was resolved; all five count from the start',
  `connect_us` int(10) unsigned NOT NULL COMMENT 'Until connected; 0: the connection was open',
  `tls_us` int(10) unsigned NOT NULL,
  `first_byte_us` int(10) unsigned NOT NULL,
  `total_us` int(10) unsigned NOT NULL,
  `address` varchar(64) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'Address and port really connected to',
  `response` varbinary(8192) DEFAULT NULL COMMENT 'Start of the answer''s body',
  `response_truncated` tinyint(3) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`task_id`,`attempt`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Each call that was made; in the same partitions as its task'
 PARTITION BY RANGE  COLUMNS(`task_id`)
(PARTITION `later` VALUES LESS THAN (MAXVALUE) ENGINE = InnoDB);

CREATE TABLE `audit_events` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `at` datetime(6) NOT NULL,
  `actor` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL COMMENT 'A user''s name, cli: and a Unix user, or empty: nobody',
  `user_id` int(10) unsigned DEFAULT NULL COMMENT 'NULL: no user',
  `address` varchar(64) NOT NULL COMMENT 'Of the client; empty on the command line',
  `user_agent` varchar(255) NOT NULL,
  `action` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject` varchar(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL COMMENT 'The task, queue or user that it was done to',
  `before_state` text DEFAULT NULL COMMENT 'A JSON object; NULL: there was nothing',
  `after_state` text DEFAULT NULL COMMENT 'A JSON object; NULL: there is nothing',
  PRIMARY KEY (`id`),
  KEY `actor_id` (`actor`,`id`),
  KEY `subject_id` (`subject`,`id`),
  KEY `action_id` (`action`,`id`),
  KEY `at` (`at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Who did what, when and from where; rows are never changed';

CREATE TABLE `bulk_operations` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `kind` varchar(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'What is done to each task: retry',
  `filter` text NOT NULL COMMENT 'Which tasks: a JSON object',
  `per_second` smallint(5) unsigned NOT NULL COMMENT 'At most so many tasks',
  `requested_by` varchar(100) NOT NULL,
  `state` varchar(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'running, done, cancelled or failed',
  `problem` varchar(500) DEFAULT NULL COMMENT 'Why it failed',
  `total` bigint(20) unsigned NOT NULL COMMENT 'Tasks there were when it was asked for',
  `total_is_exact` tinyint(3) unsigned NOT NULL COMMENT '0: total is an estimate',
  `done` bigint(20) unsigned NOT NULL DEFAULT 0,
  `skipped` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'Somebody else was there first',
  `failed` bigint(20) unsigned NOT NULL DEFAULT 0,
  `reached_time` datetime(6) DEFAULT NULL COMMENT 'With reached_id: the last task that was looked at, by died_at',
  `reached_id` binary(16) DEFAULT NULL,
  `runner` varchar(220) DEFAULT NULL COMMENT 'The process that works at it',
  `lease_until` datetime(6) DEFAULT NULL COMMENT 'Until then nobody else does',
  `created_at` datetime(6) NOT NULL COMMENT 'What became fit for it later is left alone',
  `updated_at` datetime(6) NOT NULL,
  `finished_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `state` (`state`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Operations on many tasks, and how far they are';

CREATE TABLE `claims` (
  `task_id` binary(16) NOT NULL,
  `incarnation` bigint(20) unsigned NOT NULL,
  `queue_id` int(10) unsigned NOT NULL,
  `plan_time` datetime(6) NOT NULL,
  `attempt` smallint(5) unsigned DEFAULT NULL COMMENT 'The attempt that runs',
  `claimed_at` datetime(6) NOT NULL,
  `started_at` datetime(6) DEFAULT NULL COMMENT 'The point of no return; NULL: may still be cancelled',
  PRIMARY KEY (`task_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='What an instance has';

CREATE TABLE `dead_letters` (
  `task_id` binary(16) NOT NULL,
  `queue_id` int(10) unsigned NOT NULL,
  `died_at` datetime(6) NOT NULL,
  `reason` varchar(500) NOT NULL,
  PRIMARY KEY (`task_id`),
  KEY `queue_died` (`queue_id`,`died_at`),
  KEY `died` (`died_at`,`task_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Tasks that failed for good';

CREATE TABLE `destination_secrets` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `destination_id` int(10) unsigned NOT NULL,
  `sealed` varbinary(255) NOT NULL COMMENT 'Encrypted with signing.database_key for the destination''s url: AES-256-GCM, nonce, ciphertext, tag',
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `destination` (`destination_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Of each destination at most two, both valid';

CREATE TABLE `destinations` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `url` varchar(500) NOT NULL COMMENT 'Scheme, host and port in lower case, and how the path begins when it is for that only',
  `max_concurrency` int(10) unsigned DEFAULT NULL COMMENT 'Calls at once, of all instances; NULL: no limit',
  `rate` double DEFAULT NULL COMMENT 'Calls a second, of all instances; NULL: no limit',
  `burst` int(10) unsigned DEFAULT NULL COMMENT 'Calls at once after a pause, with rate',
  `breaker_failures` int(10) unsigned DEFAULT NULL COMMENT 'Failures in a row that open its breaker, 0: none; NULL: as breaker.failures',
  `notes` varchar(1000) NOT NULL DEFAULT '',
  `paused_at` datetime(6) DEFAULT NULL COMMENT 'Not called since then; NULL: it is not paused',
  `pause_reason` varchar(500) DEFAULT NULL,
  `pauses_itself` tinyint(3) unsigned NOT NULL DEFAULT 0 COMMENT '1: paused because it had failed for long, not by a person',
  `open_until` datetime(6) DEFAULT NULL COMMENT 'Until then no instance calls it, because it fails; NULL: it works',
  `failing_since` datetime(6) DEFAULT NULL COMMENT 'Since then it has not worked; NULL: it works',
  `is_kept` tinyint(3) unsigned NOT NULL COMMENT '1: somebody made it; 0: it is here because it failed',
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `url` (`url`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Receivers: their limits, pauses and whether they fail';

CREATE TABLE `instances` (
  `incarnation` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Never used again: the fence in every claim and outcome',
  `name` varchar(190) NOT NULL,
  `version` varchar(40) NOT NULL,
  `lookahead_ms` int(10) unsigned DEFAULT NULL COMMENT 'How far ahead it claims; NULL: it does not',
  `started_at` datetime(6) NOT NULL,
  `heartbeat_at` datetime(6) NOT NULL,
  `lease_until` datetime(6) NOT NULL,
  `ended_at` datetime(6) DEFAULT NULL COMMENT 'Nothing of it is left in claims',
  PRIMARY KEY (`incarnation`),
  KEY `ended_at` (`ended_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='One row for each start of a schedulerd process';

CREATE TABLE `quarantine` (
  `id` binary(16) NOT NULL COMMENT 'UUIDv7: the id that its task will have',
  `source` varchar(255) NOT NULL COMMENT 'The key of Redis that it came from',
  `reason` varchar(500) NOT NULL COMMENT 'What is wrong with it',
  `message` mediumblob DEFAULT NULL COMMENT 'NULL: too long, and kept in Redis',
  `score` double DEFAULT NULL COMMENT 'Of a sorted set: unix seconds',
  `received_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Messages from Redis that cannot become tasks as they are';

CREATE TABLE `queue_shares` (
  `queue_id` int(10) unsigned NOT NULL,
  `incarnation` bigint(20) unsigned NOT NULL,
  `slots` int(10) unsigned NOT NULL COMMENT 'So many of max_concurrency are this instance''s',
  `rate_per_second` double NOT NULL COMMENT 'So much of the rate is this instance''s',
  PRIMARY KEY (`queue_id`,`incarnation`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='What the instances have taken of the limits of queues; never more than the limits in all';

CREATE TABLE `queues` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `paused_at` datetime(6) DEFAULT NULL COMMENT 'Not claimed from since then; NULL: it is not paused',
  `priority` smallint(6) NOT NULL DEFAULT 0 COMMENT 'Its class: overdue tasks of a higher one go first',
  `weight` smallint(5) unsigned NOT NULL DEFAULT 1 COMMENT 'Its part of the calls that its class has for overdue tasks',
  `max_concurrency` int(10) unsigned DEFAULT NULL COMMENT 'The most calls in flight in the cluster; NULL: no limit',
  `rate_per_second` double DEFAULT NULL COMMENT 'The most calls a second in the cluster; NULL: no limit',
  `burst` int(10) unsigned DEFAULT NULL COMMENT 'The most calls at once after a pause; NULL: what the rate gives in a tenth of a second',
  `max_retries` smallint(5) unsigned DEFAULT NULL COMMENT 'For tasks that do not say; NULL: as configured',
  `retry_delays` varchar(1300) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'For tasks that do not say; as in tasks',
  `timeout_ms` int(10) unsigned DEFAULT NULL COMMENT 'For tasks that do not say; NULL: as configured',
  `success_rule` varchar(40) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'For tasks that do not say; NULL: status_2xx',
  `success_criteria` text DEFAULT NULL COMMENT 'A JSON object; with success_rule custom',
  `deleted_at` datetime(6) DEFAULT NULL COMMENT 'Its settings are gone since then; a task that names it brings it back',
  `version` int(10) unsigned NOT NULL DEFAULT 1 COMMENT 'Counts the changes of its settings',
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Named lines of tasks';

CREATE TABLE `ready` (
  `queue_id` int(10) unsigned NOT NULL,
  `entered_at` datetime(6) NOT NULL,
  `task_id` binary(16) NOT NULL,
  `plan_time` datetime(6) NOT NULL,
  PRIMARY KEY (`queue_id`,`entered_at`,`task_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Waiting tasks that came in, or came back, when they were due within the lookahead; in order of arrival';

CREATE TABLE `retention` (
  `id` tinyint(3) unsigned NOT NULL COMMENT 'Always 1: there is one row',
  `step` tinyint(3) unsigned NOT NULL DEFAULT 0 COMMENT '0 none is removed; 1 closed: nothing with such an id is stored or gets a new life; 2 all in it has ended; 3 exported',
  `day` varchar(64) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'The partition that is being removed',
  `from_id` binary(16) DEFAULT NULL COMMENT 'Its ids are at or after this',
  `to_id` binary(16) DEFAULT NULL COMMENT 'And before this',
  `removed_day` varchar(64) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'The last one that was removed',
  `removed_at` datetime(6) DEFAULT NULL,
  `failure` varchar(500) DEFAULT NULL COMMENT 'Why the last attempt to remove old days failed',
  `failed_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='What is being done about old days';

CREATE TABLE `retention_days` (
  `day` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The partition',
  `has_open` tinyint(3) unsigned NOT NULL COMMENT '1: a task in it has not ended',
  `newest_finish` datetime(6) DEFAULT NULL COMMENT 'When the last task in it ended, as far as it was looked at',
  `thinned` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'Tasks that were deleted from it one by one',
  `looked_at` datetime(6) NOT NULL,
  `look_again_at` datetime(6) NOT NULL,
  PRIMARY KEY (`day`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Days that are older than retention.days and are there still, and why';

CREATE TABLE `rollups_destination` (
  `minute` datetime NOT NULL COMMENT 'In which the attempts ended',
  `incarnation` bigint(20) unsigned NOT NULL COMMENT 'Who made them; so that no two instances write to one row',
  `host` varchar(255) NOT NULL COMMENT 'Of the URL, in lower case, with the port if it names one; empty: all hosts beyond the first 200 that the instance called in the minute',
  `class` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'As attempts.class: success, or the kind of failure; of those that are lost the times tell nothing',
  `duration_us` int(10) unsigned NOT NULL COMMENT 'They took at most so long, in the steps of rollups_minute.duration_us',
  `attempts` int(10) unsigned NOT NULL,
  `last_started_at` datetime(6) NOT NULL COMMENT 'When the last of them began',
  `last_message` varchar(500) DEFAULT NULL COMMENT 'What was wrong with that one',
  PRIMARY KEY (`minute`,`incarnation`,`host`,`class`,`duration_us`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Attempts by minute and host, those that are alike in one row; what was imported is not counted';

CREATE TABLE `rollups_minute` (
  `minute` datetime NOT NULL COMMENT 'In which the attempts ended',
  `queue_id` int(10) unsigned NOT NULL,
  `incarnation` bigint(20) unsigned NOT NULL COMMENT 'Who made them; so that no two instances write to one row',
  `outcome` tinyint(3) unsigned NOT NULL COMMENT 'What became of the tasks, as in tasks.state: 1 succeeded, 2 retrying, 3 dead',
  `class` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'As attempts.class: success, or the kind of failure; of those that are lost the times tell nothing',
  `lateness_us` int(10) unsigned NOT NULL COMMENT 'They began at most so long after their plan time: 100, 200, 500, 1000, 2000, 5000 and so on to 1000000000, 2000000000, 3600000000; 4294967295: longer than an hour',
  `duration_us` int(10) unsigned NOT NULL COMMENT 'They took at most so long, in the same steps',
  `attempts` int(10) unsigned NOT NULL,
  PRIMARY KEY (`minute`,`queue_id`,`incarnation`,`outcome`,`class`,`lateness_us`,`duration_us`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Attempts by minute, those that are alike in one row; what was imported is not counted';

CREATE TABLE `scheduled` (
  `queue_id` int(10) unsigned NOT NULL,
  `plan_time` datetime(6) NOT NULL,
  `task_id` binary(16) NOT NULL,
  PRIMARY KEY (`queue_id`,`plan_time`,`task_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Waiting tasks that were due after the lookahead when they came in';

CREATE TABLE `schedules` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `queue_id` int(10) unsigned NOT NULL COMMENT 'Of its tasks',
  `kind` varchar(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'cron, every or times',
  `rule` mediumtext CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The expression; or milliseconds and the first time; or times in microseconds',
  `timezone` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `starts_at` datetime(6) DEFAULT NULL COMMENT 'No run before it',
  `ends_at` datetime(6) DEFAULT NULL COMMENT 'No run after it',
  `missed` varchar(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'skip, run_once or run_all',
  `missed_limit` int(10) unsigned NOT NULL COMMENT 'Missed runs that run_all makes at once',
  `overlap` varchar(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'allow or skip',
  `jitter_ms` int(10) unsigned NOT NULL,
  `task` mediumblob NOT NULL COMMENT 'JSON: what each run is',
  `next_at` datetime(6) DEFAULT NULL COMMENT 'The next run whose task is not made; NULL: paused, or at the end',
  `make_at` datetime(6) DEFAULT NULL COMMENT 'When its task is to be made',
  `paused_at` datetime(6) DEFAULT NULL,
  `last_run_at` datetime(6) DEFAULT NULL COMMENT 'The last run whose task is made',
  `last_task_id` binary(16) DEFAULT NULL,
  `runs` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'Tasks that were made',
  `skipped` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'Times that runs were left out: missed, or while another was not finished',
  `version` int(10) unsigned NOT NULL DEFAULT 1,
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`),
  KEY `make_at` (`make_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Tasks that come again and again';

CREATE TABLE `schema_migrations` (
  `version` int(10) unsigned NOT NULL,
  `name` varchar(190) NOT NULL,
  `checksum` char(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'SHA-256 of the file',
  `steps` smallint(5) unsigned NOT NULL,
  `steps_begun` smallint(5) unsigned NOT NULL,
  `steps_done` smallint(5) unsigned NOT NULL,
  `started_at` datetime(6) NOT NULL,
  `finished_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`version`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE `task_copies` (
  `parent_id` binary(16) NOT NULL COMMENT 'The task that was duplicated; it may be gone',
  `copy_id` binary(16) NOT NULL COMMENT 'The new task',
  `created_at` datetime(6) NOT NULL,
  `kind` tinyint(3) unsigned NOT NULL DEFAULT 0 COMMENT '0 made by duplicating, 1 a follow-up',
  PRIMARY KEY (`parent_id`,`copy_id`),
  KEY `copy_id` (`copy_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Which task was made of which by duplicating it';

CREATE TABLE `task_keys` (
  `scope` int(10) unsigned NOT NULL COMMENT '0: a request''s Idempotency-Key; else the queue whose live task has the key',
  `key_hash` binary(32) NOT NULL COMMENT 'SHA-256 of the key',
  `task_id` binary(16) NOT NULL COMMENT 'The task that has it; of a request the first task',
  `fingerprint` binary(32) DEFAULT NULL COMMENT 'Of a request: SHA-256 of what was asked for',
  `status` smallint(5) unsigned DEFAULT NULL COMMENT 'Of a request: the status of its answer',
  `answer` mediumblob DEFAULT NULL COMMENT 'Of a request: the body of its answer',
  `expires_at` datetime(6) DEFAULT NULL COMMENT 'Of a request; NULL: the key of a task, which has it as long as it is live',
  PRIMARY KEY (`scope`,`key_hash`),
  KEY `expires_at` (`expires_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Keys that are taken: one request is one task, and one live task has a key';

CREATE TABLE `tasks` (
  `id` binary(16) NOT NULL COMMENT 'UUIDv7: begins with the time of creation',
  `queue_id` int(10) unsigned NOT NULL,
  `state` tinyint(3) unsigned NOT NULL COMMENT '0 scheduled, 1 succeeded, 2 retrying, 3 dead, 4 cancelled',
  `attempt` smallint(5) unsigned NOT NULL DEFAULT 0 COMMENT 'Attempts made',
  `retries_from` smallint(5) unsigned NOT NULL DEFAULT 0 COMMENT 'Attempts made before the last retry by hand',
  `requested_time` datetime(6) NOT NULL COMMENT 'When the producer wanted it',
  `plan_time` datetime(6) NOT NULL COMMENT 'When the next attempt is due, or the last one was',
  `entered_at` datetime(6) DEFAULT NULL COMMENT 'Its place in ready, if it was there',
  `method` varchar(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `url` varchar(2048) NOT NULL,
  `headers` text DEFAULT NULL COMMENT 'One "Name: value" a line',
  `body` mediumblob DEFAULT NULL,
  `success_rule` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `max_retries` smallint(5) unsigned NOT NULL,
  `retry_delays` varchar(1300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Seconds, comma separated; the last repeats',
  `timeout_ms` int(10) unsigned NOT NULL,
  `max_redirects` tinyint(3) unsigned NOT NULL DEFAULT 0,
  `on_lost` tinyint(3) unsigned NOT NULL DEFAULT 0 COMMENT '0 retry, 1 dead',
  `labels` text DEFAULT NULL COMMENT 'A JSON object of strings',
  `version` int(10) unsigned NOT NULL DEFAULT 1 COMMENT 'Counts the changes made by people and programs',
  `request_version` int(10) unsigned NOT NULL DEFAULT 1 COMMENT 'The version in which the request was last changed',
  `created_at` datetime(6) NOT NULL,
  `finished_at` datetime(6) DEFAULT NULL,
  `success_criteria` text DEFAULT NULL COMMENT 'A JSON object; with success_rule custom',
  `traceparent` varchar(55) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'W3C Trace Context of whoever asked for it',
  `task_key` varchar(255) DEFAULT NULL COMMENT 'Unique in its queue while the task is live',
  `expires_at` datetime(6) DEFAULT NULL COMMENT 'Not called from then on; NULL: called however late',
  `expired` tinyint(3) unsigned NOT NULL DEFAULT 0 COMMENT '1: dead because it was not started before expires_at',
  `on_success` mediumtext DEFAULT NULL COMMENT 'A JSON object: the task that follows its success; NULL: none',
  `on_failure` mediumtext DEFAULT NULL COMMENT 'The same for when it is dead',
  `follows` binary(16) DEFAULT NULL COMMENT 'The task whose follow-up it is, which may be gone; NULL: it is none',
  `deferred_from` datetime(6) DEFAULT NULL COMMENT 'plan_time before its destination put it off; NULL: it was not put off',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Every task, live and finished; where a live one is, scheduled, ready and claims tell'
 PARTITION BY RANGE  COLUMNS(`id`)
(PARTITION `later` VALUES LESS THAN (MAXVALUE) ENGINE = InnoDB);

CREATE TABLE `users` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL COMMENT 'By which a person signs in',
  `email` varchar(254) NOT NULL DEFAULT '',
  `real_name` varchar(100) NOT NULL DEFAULT '',
  `telephone` varchar(40) NOT NULL DEFAULT '',
  `role` varchar(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'viewer, operator or administrator',
  `password_hash` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'crypt(5): $7$ scrypt, $2a$ bcrypt',
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  `password_changed_at` datetime(6) NOT NULL,
  `disabled_at` datetime(6) DEFAULT NULL COMMENT 'NULL: may sign in',
  `imported_from` varchar(100) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'What it was in an old program',
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`),
  UNIQUE KEY `imported_from` (`imported_from`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Who may use the administration pages';

-- Views for reports (docs/reporting.md). Each is a file of sql/reports; a later migration replaces a view by the next version of
-- its file. They read with the rights of the user who migrates, so that who reads reports needs none on the tables.

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_tasks AS
{sql/reports/report_tasks.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_attempts AS
{sql/reports/report_attempts.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_minutely AS
{sql/reports/report_minutely.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_hourly AS
{sql/reports/report_hourly.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_daily AS
{sql/reports/report_daily.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_destinations AS
{sql/reports/report_destinations.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_backlog AS
{sql/reports/report_backlog.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_queues AS
{sql/reports/report_queues.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_instances AS
{sql/reports/report_instances.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_retries AS
{sql/reports/report_retries.1.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_dead_letters AS
{sql/reports/report_dead_letters.1.sql};

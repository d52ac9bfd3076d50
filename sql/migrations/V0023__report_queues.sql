-- Queues that are deleted are no queues; and what limits the others.

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_queues AS
{sql/reports/report_queues.2.sql};

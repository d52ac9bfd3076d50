-- Counting tasks by state costs less: what has ended is looked up nowhere, and the names of states are of single bytes.

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_tasks AS
{sql/reports/report_tasks.3.sql};

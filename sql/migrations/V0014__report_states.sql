-- Counting report_tasks of a day with a million tasks took seconds; this is what most people count there.

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_states AS
{sql/reports/report_states.1.sql};

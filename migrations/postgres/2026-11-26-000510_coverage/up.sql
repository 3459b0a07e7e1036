-- How many doors there are from a day on, where somebody says so, and when a code stopped counting: coverage of a past month
-- stays what it was.

alter table populations add column units integer check (units >= 0);
alter table codes add column stopped_at timestamptz;

drop index tickets_ended_early;
drop index tickets_to_forget;
drop table held_reports;

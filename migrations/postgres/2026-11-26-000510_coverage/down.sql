alter table codes drop column stopped_at;
alter table populations drop column units;

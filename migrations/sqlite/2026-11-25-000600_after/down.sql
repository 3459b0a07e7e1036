drop table publication_photos;
drop table publications;
drop table confirmations;
drop table state_tries;
drop index tickets_by_device;
drop index tickets_solved_at;

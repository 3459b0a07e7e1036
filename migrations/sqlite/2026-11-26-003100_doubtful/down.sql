drop index held_reports_by_network;
alter table held_reports drop column network_hash;

create index neighbours_with_phone on neighbours (community_id, ticket_id) where phone_sealed is not null;
drop index neighbours_to_forget;
drop index neighbours_doubtful;
alter table neighbours drop column forgotten_at;
alter table neighbours drop column doubts;

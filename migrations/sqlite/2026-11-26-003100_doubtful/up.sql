-- Neighbours who came in a flood count once a person has confirmed them; whose people were forgotten is noted on the row; and
-- what is held has a share of the queue for each network.
alter table neighbours add column doubts text not null default '';
alter table neighbours add column forgotten_at bigint;
create index neighbours_doubtful on neighbours (community_id, ticket_id) where doubts <> '' and withdrawn_at is null;
create index neighbours_to_forget on neighbours (community_id, at, id) where forgotten_at is null;
drop index neighbours_with_phone;

alter table held_reports add column network_hash blob;
create index held_reports_by_network on held_reports (community_id, network_hash) where discarded_at is null;

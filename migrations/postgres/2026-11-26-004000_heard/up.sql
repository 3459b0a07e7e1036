-- Of a neighbour who met the matter too, and not of its reporter.
alter table ticket_photos add column neighbour_id uuid;
alter table ticket_voices add column neighbour_id uuid;
-- What a phone joined is listed for it.
create index neighbours_of_device on neighbours (community_id, device_hash);

drop index neighbours_of_device;
delete from ticket_voices where neighbour_id is not null;
alter table ticket_voices drop column neighbour_id;
alter table ticket_photos drop column neighbour_id;

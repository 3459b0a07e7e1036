drop index ticket_photos_by_photo;
drop table ticket_voices;
drop table loose_files;

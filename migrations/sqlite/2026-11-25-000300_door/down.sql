alter table grids drop column phone;
drop index places_by_building;
drop index tickets_open_at;
drop table patrols;
drop table works;
drop table relations;
drop table neighbours;

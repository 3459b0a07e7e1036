drop table absences;
drop table followers;
drop table mentions;
drop table links;

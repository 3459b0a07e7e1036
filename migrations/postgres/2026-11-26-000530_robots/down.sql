drop table robots;

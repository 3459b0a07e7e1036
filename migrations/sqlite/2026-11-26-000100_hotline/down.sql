drop index tickets_by_hotline_number;
drop table hotline_pairs;
drop table hotline_names;
drop table hotline_rows;
drop table hotline_rejects;
drop table hotline_batches;

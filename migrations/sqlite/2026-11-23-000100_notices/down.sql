drop table staff_contacts;
drop table notice_texts;
drop table deliveries;
drop table notice_channels;
drop table notices;

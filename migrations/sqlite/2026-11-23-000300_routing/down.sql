drop table lessons;
drop table suggestions;
drop table rules;

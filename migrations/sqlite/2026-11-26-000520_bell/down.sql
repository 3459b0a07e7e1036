drop table bell_marks;

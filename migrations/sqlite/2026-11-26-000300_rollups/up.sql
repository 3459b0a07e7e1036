-- The counts of calendar months, kept so that a city need not be counted anew. A line is struck out when what it was
-- counted from changes; what is not here is counted from the tickets.
create table rollups (
    community_id blob not null references communities (id),
    month text not null,
    ends_at bigint not null,
    made_at bigint not null,
    good_until bigint,
    rules text not null,
    facts blob not null,
    primary key (community_id, month)
);
create index rollups_by_month on rollups (month);

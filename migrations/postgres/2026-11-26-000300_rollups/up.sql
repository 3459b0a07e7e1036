-- The counts of calendar months, kept so that a city need not be counted anew. A line is struck out when what it was
-- counted from changes; what is not here is counted from the tickets.
create table rollups (
    community_id uuid not null references communities (id),
    month date not null,
    ends_at timestamptz not null,
    made_at timestamptz not null,
    good_until timestamptz,
    rules text not null,
    facts bytea not null,
    primary key (community_id, month)
);
create index rollups_by_month on rollups (month);

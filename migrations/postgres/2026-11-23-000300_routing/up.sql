-- Rules of who gets what as rows, what was suggested from the words of a report, and what suggestions were learnt from.

create table rules (
    community_id uuid not null references communities (id),
    id uuid not null,
    scope text not null check (scope in ('street', 'community', 'place', 'grid')),
    place_id uuid,
    grid_id uuid,
    category text not null,
    kind text,
    urgency text,
    weekdays integer not null,
    from_minute integer,
    until_minute integer,
    lead text not null,
    supporting text not null,
    set_urgency text,
    first_contact_minutes integer,
    make_safe_minutes integer,
    deadline_minutes integer,
    sort integer not null,
    changed_by text not null,
    changed_at timestamptz not null,
    disabled_at timestamptz,
    primary key (community_id, id),
    foreign key (community_id, place_id) references places (community_id, id),
    foreign key (community_id, grid_id) references grids (community_id, id)
);

create table suggestions (
    community_id uuid not null references communities (id),
    ticket_id uuid not null,
    suggested text not null,
    percent integer not null,
    made_by text not null check (made_by in ('classifier', 'keywords')),
    at timestamptz not null,
    chosen text,
    chosen_at timestamptz,
    primary key (community_id, ticket_id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index suggestions_by_choice on suggestions (community_id, chosen_at) where chosen_at is not null;

create table lessons (
    name text not null primary key,
    learnt_at timestamptz not null,
    examples integer not null,
    body text not null
);

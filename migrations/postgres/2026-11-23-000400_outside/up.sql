-- People outside and beside a ticket: links for who has no account, colleagues who are reminded, follow or cover.

create table links (
    community_id uuid not null references communities (id),
    id uuid not null,
    ticket_id uuid not null,
    party_id uuid,
    name text not null,
    text text not null,
    token_hash bytea not null,
    holder_hash bytea,
    made_by uuid not null references staff (id),
    maker text not null,
    made_at timestamptz not null,
    expires_at timestamptz not null,
    opened_at timestamptz,
    revoked_at timestamptz,
    done_at timestamptz,
    waiting_at timestamptz,
    said integer not null,
    primary key (community_id, id),
    unique (community_id, token_hash),
    foreign key (community_id, ticket_id) references tickets (community_id, id),
    foreign key (community_id, party_id) references parties (community_id, id)
);
create index links_by_ticket on links (community_id, ticket_id, id);
create index links_waiting on links (community_id, waiting_at, id) where waiting_at is not null;

create table mentions (
    community_id uuid not null references communities (id),
    ticket_id uuid not null,
    seq integer not null,
    staff_id uuid not null references staff (id),
    at timestamptz not null,
    primary key (community_id, ticket_id, seq, staff_id),
    foreign key (community_id, ticket_id, seq) references ticket_events (community_id, ticket_id, seq)
);
create index mentions_by_staff on mentions (community_id, staff_id, at, ticket_id);

create table followers (
    community_id uuid not null references communities (id),
    ticket_id uuid not null,
    staff_id uuid not null references staff (id),
    since timestamptz not null,
    primary key (community_id, ticket_id, staff_id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index followers_by_staff on followers (community_id, staff_id, since, ticket_id);

create table absences (
    community_id uuid not null references communities (id),
    id uuid not null,
    staff_id uuid not null references staff (id),
    cover_id uuid not null references staff (id),
    from_at timestamptz not null,
    until_at timestamptz not null,
    set_by text not null,
    set_at timestamptz not null,
    primary key (community_id, id)
);
create index absences_by_staff on absences (community_id, staff_id, until_at);
create index absences_by_cover on absences (community_id, cover_id, until_at);

-- People outside and beside a ticket: links for who has no account, colleagues who are reminded, follow or cover.

create table links (
    community_id blob not null references communities (id),
    id blob not null,
    ticket_id blob not null,
    party_id blob,
    name text not null,
    text text not null,
    token_hash blob not null,
    holder_hash blob,
    made_by blob not null references staff (id),
    maker text not null,
    made_at bigint not null,
    expires_at bigint not null,
    opened_at bigint,
    revoked_at bigint,
    done_at bigint,
    waiting_at bigint,
    said integer not null,
    primary key (community_id, id),
    unique (community_id, token_hash),
    foreign key (community_id, ticket_id) references tickets (community_id, id),
    foreign key (community_id, party_id) references parties (community_id, id)
);
create index links_by_ticket on links (community_id, ticket_id, id);
create index links_waiting on links (community_id, waiting_at, id) where waiting_at is not null;

create table mentions (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    seq integer not null,
    staff_id blob not null references staff (id),
    at bigint not null,
    primary key (community_id, ticket_id, seq, staff_id),
    foreign key (community_id, ticket_id, seq) references ticket_events (community_id, ticket_id, seq)
);
create index mentions_by_staff on mentions (community_id, staff_id, at, ticket_id);

create table followers (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    staff_id blob not null references staff (id),
    since bigint not null,
    primary key (community_id, ticket_id, staff_id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index followers_by_staff on followers (community_id, staff_id, since, ticket_id);

create table absences (
    community_id blob not null references communities (id),
    id blob not null,
    staff_id blob not null references staff (id),
    cover_id blob not null references staff (id),
    from_at bigint not null,
    until_at bigint not null,
    set_by text not null,
    set_at bigint not null,
    primary key (community_id, id)
);
create index absences_by_staff on absences (community_id, staff_id, until_at);
create index absences_by_cover on absences (community_id, cover_id, until_at);

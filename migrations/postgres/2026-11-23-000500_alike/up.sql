-- Decisions about tickets that are alike: what is not one matter, and what is one incident.

create table distinctions (
    community_id uuid not null references communities (id),
    ticket_id uuid not null,
    earlier_id uuid not null,
    decided_at timestamptz not null,
    decided_by text not null,
    primary key (community_id, ticket_id, earlier_id),
    foreign key (community_id, ticket_id) references tickets (community_id, id),
    foreign key (community_id, earlier_id) references tickets (community_id, id)
);

create table incidents (
    community_id uuid not null references communities (id),
    id uuid not null,
    place_id uuid not null,
    category text not null references categories (code),
    state text not null check (state in ('open', 'closed', 'dismissed')),
    opened_at timestamptz not null,
    opened_by text not null,
    ended_at timestamptz,
    ended_by text,
    primary key (community_id, id),
    foreign key (community_id, place_id) references places (community_id, id)
);
create index incidents_by_state on incidents (community_id, state, id);

create table incident_tickets (
    community_id uuid not null references communities (id),
    incident_id uuid not null,
    ticket_id uuid not null,
    added_at timestamptz not null,
    added_by text not null,
    removed_at timestamptz,
    removed_by text,
    primary key (community_id, incident_id, ticket_id),
    foreign key (community_id, incident_id) references incidents (community_id, id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
-- A ticket belongs to one incident at most.
create unique index incident_tickets_by_ticket on incident_tickets (community_id, ticket_id) where removed_at is null;

-- What was closed at one place in one category, by when: recurrence is read along it, never stored.
create index tickets_by_matter on tickets (community_id, place_id, category, closed_at) where closed_at is not null;

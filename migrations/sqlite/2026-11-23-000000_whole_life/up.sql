-- What the whole life of a ticket adds: account, extensions, hand-offs, support, what is to be told and when to look again.

alter table tickets add column taken_at bigint;
alter table tickets add column safe_at bigint;
alter table tickets add column suspended_at bigint;
alter table tickets add column escalated text check (escalated in ('community_lead', 'street_manager'));
alter table tickets add column origin_id blob;
create index tickets_on_account on tickets (community_id, suspended_at, id) where suspended_at is not null;
create index tickets_by_main on tickets (community_id, main_id) where main_id is not null;
create index tickets_by_origin on tickets (community_id, origin_id) where origin_id is not null;

alter table ticket_photos add column likeness bigint;
create index ticket_photos_by_time on ticket_photos (community_id, added_at) where likeness is not null;

create table supports (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    party_id blob not null,
    since bigint not null,
    added_by text not null,
    primary key (community_id, ticket_id, party_id),
    foreign key (community_id, ticket_id) references tickets (community_id, id),
    foreign key (community_id, party_id) references parties (community_id, id)
);
create index supports_by_party on supports (community_id, party_id, ticket_id);

create table holdings (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    seq integer not null,
    party_id blob not null,
    from_at bigint not null,
    until_at bigint,
    ended_by text,
    primary key (community_id, ticket_id, seq),
    foreign key (community_id, ticket_id) references tickets (community_id, id),
    foreign key (community_id, party_id) references parties (community_id, id)
);
create index holdings_by_party on holdings (community_id, party_id, from_at);
create index holdings_by_time on holdings (community_id, from_at);

create table requests (
    community_id blob not null references communities (id),
    id blob not null,
    ticket_id blob not null,
    kind text not null check (kind in ('extension', 'suspension')),
    reason text not null,
    basis text not null,
    plan text not null,
    until_at bigint not null,
    asked_by blob not null references staff (id),
    asker text not null,
    asked_at bigint not null,
    decided_by blob references staff (id),
    decided_at bigint,
    approved boolean,
    answer text not null,
    primary key (community_id, id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index requests_by_ticket on requests (community_id, ticket_id, asked_at);
create index requests_undecided on requests (community_id, id) where decided_at is null;

create table urges (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    seq integer not null,
    kind text not null check (kind in ('urge', 'nudge')),
    text text not null,
    until_at bigint,
    at bigint not null,
    made_by text not null,
    primary key (community_id, ticket_id, seq),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);

create table passings (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    seq integer not null,
    passed_to text not null,
    number text not null,
    at bigint not null,
    passed_by text not null,
    primary key (community_id, ticket_id, seq),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);

create table timers (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    at bigint not null,
    primary key (community_id, ticket_id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index timers_by_time on timers (at);

create table outbox (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    seq integer not null,
    at bigint not null,
    primary key (community_id, ticket_id, seq),
    foreign key (community_id, ticket_id, seq) references ticket_events (community_id, ticket_id, seq)
);
create index outbox_by_time on outbox (at);

-- What is open now is looked at as soon as the program runs.
insert into timers (community_id, ticket_id, at)
    select community_id, id, submitted_at from tickets where status in ('new', 'accepted', 'in_progress', 'follow_up');
-- Of hand-offs before this only the last is known as a row; the others stand in the history.
insert into holdings (community_id, ticket_id, seq, party_id, from_at, until_at, ended_by)
    select community_id, id, 1, lead_id, dispatched_at,
        case when status = 'in_progress' then null when status = 'merged' then (
            select max(at) from ticket_events e
            where e.community_id = tickets.community_id and e.ticket_id = tickets.id and e.act = 'merge'
        ) else closed_at end,
        case when status = 'in_progress' then null when status = 'merged' then 'merge' else 'close' end
    from tickets where dispatched_at is not null and status in ('in_progress', 'follow_up', 'archived', 'merged');
update tickets set taken_at = closed_at where dispatched_at is not null and status in ('follow_up', 'archived');

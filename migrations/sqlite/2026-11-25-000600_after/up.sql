-- The pages after a report: what one phone reported, tries of number and last four, neighbours' word, and what is made public.

create index tickets_by_device on tickets (community_id, device_hash, id) where device_hash is not null;

-- What was solved at a place lately, for its door.
create index tickets_solved_at on tickets (community_id, place_id, closed_at)
    where result = 'solved' and category is not null;

create table state_tries (
    community_id blob not null references communities (id),
    number_hash blob not null,
    tries integer not null,
    at bigint not null,
    primary key (community_id, number_hash)
);
create index state_tries_by_time on state_tries (community_id, at);

create table confirmations (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    device_hash blob not null,
    says text not null check (says in ('fixed', 'broken')),
    at bigint not null,
    primary key (community_id, ticket_id, device_hash),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index confirmations_by_time on confirmations (community_id, at, ticket_id, device_hash);

create table publications (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    closed_at bigint not null,
    state text not null check (state in ('draft', 'published', 'taken_back')),
    version integer not null,
    sentence text not null,
    drafted_by text not null,
    drafted_at bigint not null,
    decided_by text not null,
    decided_at bigint,
    primary key (community_id, ticket_id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index publications_by_closing on publications (community_id, closed_at, ticket_id);

create table publication_photos (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    seq integer not null,
    photo text not null,
    width integer not null,
    height integer not null,
    stage text not null check (stage in ('report', 'work', 'after')),
    covered integer not null,
    primary key (community_id, ticket_id, seq),
    foreign key (community_id, ticket_id) references publications (community_id, ticket_id)
);
create index publication_photos_by_photo on publication_photos (photo);

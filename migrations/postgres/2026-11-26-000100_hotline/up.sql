-- The hotline's tickets, row by row: batches that were brought, what their words mean here, and which of them are ours too.

create table hotline_batches (
    community_id uuid not null references communities (id),
    id uuid not null,
    file_name text not null,
    state text not null check (state in ('reading', 'draft', 'confirmed', 'undone')),
    accepted integer not null,
    rejected integer not null,
    added integer not null,
    updated integer not null,
    same integer not null,
    first_at timestamptz,
    last_at timestamptz,
    personal text not null,
    ignored text not null,
    made_at timestamptz not null,
    made_by text not null,
    confirmed_at timestamptz,
    confirmed_by text not null,
    undone_at timestamptz,
    undone_by text not null,
    primary key (community_id, id)
);

create table hotline_rejects (
    community_id uuid not null references communities (id),
    batch_id uuid not null,
    seq integer not null,
    line integer not null,
    reason text not null,
    primary key (community_id, batch_id, seq),
    foreign key (community_id, batch_id) references hotline_batches (community_id, id)
);

create table hotline_rows (
    community_id uuid not null references communities (id),
    batch_id uuid not null,
    number text not null,
    line integer not null,
    live_at timestamptz,
    covers uuid,
    digest text not null,
    received_at timestamptz not null,
    closed_at timestamptz,
    place text not null,
    matter text not null,
    party text not null,
    nature text check (nature in ('demand', 'inquiry', 'other')),
    content text not null,
    solved boolean,
    satisfied text check (satisfied in ('satisfied', 'mostly', 'unsatisfied')),
    tags text not null,
    primary key (community_id, batch_id, number),
    foreign key (community_id, batch_id) references hotline_batches (community_id, id)
);
create unique index hotline_rows_live on hotline_rows (community_id, number) where live_at is not null;
create index hotline_rows_by_time on hotline_rows (community_id, received_at, number) where live_at is not null;
create index hotline_rows_by_place on hotline_rows (community_id, place) where live_at is not null;
create index hotline_rows_by_matter on hotline_rows (community_id, matter) where live_at is not null;
create index hotline_rows_covering on hotline_rows (community_id, number, covers) where covers is not null;

create table hotline_names (
    community_id uuid not null references communities (id),
    kind text not null check (kind in ('place', 'matter')),
    name text not null,
    place_id uuid,
    category text,
    made_by text not null check (made_by in ('equal', 'keywords', 'nobody', 'person')),
    decided_by text not null,
    decided_at timestamptz not null,
    primary key (community_id, kind, name),
    foreign key (community_id, place_id) references places (community_id, id)
);
create index hotline_names_by_maker on hotline_names (community_id, kind, made_by, name);

create table hotline_pairs (
    community_id uuid not null references communities (id),
    ticket_id uuid not null,
    number text not null,
    id uuid not null,
    verdict text not null check (verdict in ('confirmed', 'rejected')),
    reasons text not null,
    decided_by text not null,
    decided_at timestamptz not null,
    primary key (community_id, ticket_id, number),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index hotline_pairs_by_number on hotline_pairs (community_id, number);
create index hotline_pairs_by_verdict on hotline_pairs (community_id, verdict, id);

create index tickets_by_hotline_number on tickets (community_id, hotline_number) where hotline_number is not null;

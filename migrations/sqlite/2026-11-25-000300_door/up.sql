-- What the door page needs: neighbours who met the same matter, who a reporter is to the place, planned works, and the
-- rounds on which somebody looked whether the codes still hang.

-- 我也遇到了: one person of one matter. A device, and a phone that counts, stand once for each matter.
create table neighbours (
    community_id blob not null references communities (id),
    id blob not null,
    ticket_id blob not null,
    code text,
    key_version integer not null,
    secret_hash blob not null,
    device_hash blob not null,
    phone_sealed blob,
    phone_hash blob,
    phone_masked text,
    text text not null,
    notice_version text not null,
    at bigint not null,
    repeats boolean not null,
    withdrawn_at bigint,
    answered_at bigint,
    contacted boolean,
    solved boolean,
    satisfied text check (satisfied in ('satisfied', 'mostly', 'unsatisfied')),
    comment text not null,
    primary key (community_id, id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create unique index neighbours_by_device on neighbours (community_id, ticket_id, device_hash);
create unique index neighbours_by_secret on neighbours (community_id, secret_hash);
create index neighbours_by_day on neighbours (community_id, at);
create index neighbours_with_phone on neighbours (community_id, ticket_id) where phone_sealed is not null;

-- Who the reporter is to the place, as far as they said.
create table relations (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    relation text not null check (relation in ('owner', 'tenant', 'resident', 'shop', 'rider', 'visitor', 'other')),
    primary key (community_id, ticket_id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);

-- What is planned or under way: where (a place, or all of the community), from when until when, who does it.
create table works (
    community_id blob not null references communities (id),
    id blob not null,
    place_id blob,
    category text not null,
    what text not null,
    who text not null,
    phone text not null,
    from_at bigint not null,
    until_at bigint not null,
    made_at bigint not null,
    made_by text not null,
    ended_at bigint,
    ended_by text,
    primary key (community_id, id),
    foreign key (community_id, place_id) references places (community_id, id)
);
create index works_by_end on works (community_id, until_at, id);

-- 巡码: somebody stood before the code. A poster that was hung is the first of its rounds.
create table patrols (
    community_id blob not null references communities (id),
    id blob not null,
    place_id blob not null,
    code text not null references codes (code),
    finding text not null check (finding in ('posted', 'intact', 'missing', 'covered', 'damaged')),
    note text not null,
    photo text,
    at bigint not null,
    by_id blob not null references staff (id),
    by_name text not null,
    primary key (community_id, id),
    foreign key (community_id, place_id) references places (community_id, id)
);
create index patrols_by_place on patrols (community_id, place_id, at);

-- What is being handled at a place now: as small as what is open, however many tickets there ever were.
create index tickets_open_at on tickets (community_id, place_id, submitted_at)
    where status in ('new', 'accepted', 'in_progress');
create index places_by_building on places (community_id, building_id) where building_id is not null;

-- The phone that doors show for a grid, where the community wants one: of the office, not of a person.
alter table grids add column phone text not null default '';

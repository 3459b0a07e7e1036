-- Reports that wait for a look of a person, and what lets retention find what is due without reading everything.

create table held_reports (
    community_id uuid not null references communities (id),
    id uuid not null,
    secret_hash bytea not null,
    code text not null,
    place_id uuid not null,
    level1 text not null,
    text text not null,
    phone_sealed bytea,
    phone_masked text,
    device_hash bytea,
    share_phone boolean not null,
    publish boolean not null,
    notice_version text not null,
    photos text not null,
    voice text,
    relation text,
    why text not null,
    received_at timestamptz not null,
    discarded_at timestamptz,
    discarded_by text,
    reason text check (reason in ('e1', 'e2', 'e3')),
    note text not null,
    primary key (community_id, id),
    unique (community_id, secret_hash),
    foreign key (community_id, place_id) references places (community_id, id)
);
create index held_reports_waiting on held_reports (community_id, id) where discarded_at is null;
create index held_reports_discarded on held_reports (community_id, discarded_at, id) where discarded_at is not null;

-- Whose people are to be forgotten: an entry comes when a ticket ends and goes when its people are forgotten.
create index tickets_to_forget on tickets (community_id, closed_at, id)
    where status = 'archived' and (phone_sealed is not null or name_sealed is not null or device_hash is not null);
create index tickets_ended_early on tickets (community_id, submitted_at, id)
    where status in ('refused', 'withdrawn', 'merged') and (phone_sealed is not null or name_sealed is not null or device_hash is not null);

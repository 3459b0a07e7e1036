-- What phones send before the report itself: files that nothing names yet, and voice messages.

create table loose_files (
    community_id blob not null references communities (id),
    kind text not null check (kind in ('photo', 'voice')),
    file text not null,
    taken_at bigint not null,
    primary key (community_id, kind, file)
);
create index loose_files_by_time on loose_files (taken_at);

create table ticket_voices (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    seq integer not null,
    voice text not null,
    format text not null check (format in ('webm', 'ogg', 'mp4', 'aac')),
    seconds integer not null,
    bytes integer not null,
    added_by text not null,
    added_at bigint not null,
    primary key (community_id, ticket_id, seq),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);

-- Whether anything still names a file, asked before it is removed; equal files of two communities are one.
create index ticket_voices_by_voice on ticket_voices (voice);
create index ticket_photos_by_photo on ticket_photos (photo);

-- Reports as they were handed up: never changed, never deleted. A period that is issued again gets the next version.
create table issued_reports (
    community_id blob not null references communities (id),
    id blob not null,
    kind text not null check (kind in ('month', 'assessment_month', 'year')),
    period text not null,
    version integer not null,
    from_at bigint not null,
    to_at bigint not null,
    issued_at bigint not null,
    issued_by blob not null references staff (id),
    issuer text not null,
    note text not null,
    format integer not null,
    checksum text not null,
    corrections text not null,
    primary key (community_id, id),
    unique (community_id, kind, period, version)
);
create index issued_reports_by_time on issued_reports (community_id, issued_at, id);

-- What was handed up, byte for byte, compressed.
create table issued_files (
    community_id blob not null references communities (id),
    report_id blob not null,
    name text not null check (name in ('snapshot', 'workbook', 'paper')),
    checksum text not null,
    bytes blob not null,
    primary key (community_id, report_id, name),
    foreign key (community_id, report_id) references issued_reports (community_id, id)
);

-- The periods whose draft somebody was told of: each once.
create table report_drafts (
    community_id blob not null references communities (id),
    kind text not null check (kind in ('month', 'assessment_month', 'year')),
    period text not null,
    told_at bigint not null,
    primary key (community_id, kind, period)
);
create index report_drafts_by_time on report_drafts (community_id, told_at);

-- Workbooks with everything in them: asked for by one, approved by another, for a while.
create table unmasked_requests (
    community_id blob not null references communities (id),
    id blob not null,
    kind text not null check (kind in ('month', 'assessment_month', 'year')),
    period text not null,
    reason text not null,
    asked_by blob not null references staff (id),
    asker text not null,
    asked_at bigint not null,
    decided_by blob references staff (id),
    decider text,
    decided_at bigint,
    approved boolean,
    until_at bigint,
    downloads integer not null,
    primary key (community_id, id)
);

-- A message may tell of a draft instead of a ticket: `draft` is then its kind and period.
alter table deliveries rename to deliveries_before;
create table deliveries (
    community_id blob not null references communities (id),
    id blob not null,
    channel_id blob not null,
    ticket_id blob,
    seq integer,
    topic text not null,
    staff_id blob references staff (id),
    state text not null check (state in ('waiting', 'sent', 'failed')),
    made_at bigint not null,
    begun_at bigint not null,
    due_at bigint not null,
    attempts integer not null,
    parcel_id blob,
    sent_at bigint,
    answer text not null,
    draft text,
    primary key (community_id, id),
    foreign key (community_id, channel_id) references notice_channels (community_id, id),
    foreign key (community_id, ticket_id, seq) references ticket_events (community_id, ticket_id, seq),
    check ((ticket_id is null) = (seq is null) and (ticket_id is null) = (draft is not null))
);
insert into deliveries
select community_id, id, channel_id, ticket_id, seq, topic, staff_id, state, made_at, begun_at, due_at, attempts, parcel_id,
    sent_at, answer, null
from deliveries_before;
drop table deliveries_before;
create index deliveries_waiting on deliveries (community_id, channel_id, due_at) where state = 'waiting';
create index deliveries_by_time on deliveries (community_id, made_at, id);
-- Channels that tell of everything tell of drafts too.
update notice_channels set topics = topics || ' draft' where kind in ('webhook', 'mail') and party_id is null;

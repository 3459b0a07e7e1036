-- Who is told what, by which way: the bell, the channels of a community with their texts, and what was sent.

create table notices (
    community_id uuid not null references communities (id),
    id uuid not null,
    ticket_id uuid not null,
    seq integer not null,
    topic text not null,
    whom text not null,
    by_id uuid references staff (id),
    at timestamptz not null,
    primary key (community_id, id),
    foreign key (community_id, ticket_id, seq) references ticket_events (community_id, ticket_id, seq)
);
create index notices_by_whom on notices (community_id, whom, at, id);
create index notices_by_time on notices (community_id, at);

create table notice_channels (
    community_id uuid not null references communities (id),
    id uuid not null,
    kind text not null check (kind in ('wecom', 'dingtalk', 'feishu', 'webhook', 'mail', 'sms')),
    name text not null,
    sealed bytea not null,
    shown text not null,
    topics text not null,
    party_id uuid,
    free_at timestamptz not null,
    made_at timestamptz not null,
    made_by text not null,
    disabled_at timestamptz,
    primary key (community_id, id),
    foreign key (community_id, party_id) references parties (community_id, id)
);

create table deliveries (
    community_id uuid not null references communities (id),
    id uuid not null,
    channel_id uuid not null,
    ticket_id uuid not null,
    seq integer not null,
    topic text not null,
    staff_id uuid references staff (id),
    state text not null check (state in ('waiting', 'sent', 'failed')),
    made_at timestamptz not null,
    begun_at timestamptz not null,
    due_at timestamptz not null,
    attempts integer not null,
    parcel_id uuid,
    sent_at timestamptz,
    answer text not null,
    primary key (community_id, id),
    foreign key (community_id, channel_id) references notice_channels (community_id, id),
    foreign key (community_id, ticket_id, seq) references ticket_events (community_id, ticket_id, seq)
);
create index deliveries_waiting on deliveries (community_id, channel_id, due_at) where state = 'waiting';
create index deliveries_by_time on deliveries (community_id, made_at, id);

create table notice_texts (
    community_id uuid not null references communities (id),
    topic text not null,
    level1 text not null,
    text text not null,
    changed_at timestamptz not null,
    changed_by text not null,
    primary key (community_id, topic, level1)
);

create table staff_contacts (
    staff_id uuid not null primary key references staff (id),
    mail_sealed bytea,
    phone_sealed bytea
);

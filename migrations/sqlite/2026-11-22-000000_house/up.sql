-- Reference tables: the same on every node of a distributed installation.

create table communities (
    id blob primary key,
    district text not null,
    street text not null,
    name text not null,
    prefix text not null unique,
    token text not null unique,
    phone text not null,
    property_phone text not null,
    gas_phone text not null,
    promise text not null,
    demo boolean not null,
    created_at bigint not null
);
create index communities_by_street on communities (street, id);

create table categories (
    code text primary key,
    level1 text not null,
    level2 text not null,
    default_kind text not null check (default_kind in ('inquiry', 'help', 'complaint', 'tip_off', 'suggestion', 'praise')),
    lead_party text not null,
    supporting_parties text not null,
    urgency text not null check (urgency in ('critical', 'urgent', 'normal', 'hard')),
    first_contact_minutes integer not null check (first_contact_minutes > 0),
    make_safe_minutes integer check (make_safe_minutes > 0),
    deadline_minutes integer not null check (deadline_minutes > 0),
    danger_hint text,
    comparable boolean not null,
    hotline_class text not null,
    retired_at bigint
);

create table staff (
    id blob primary key,
    login text not null unique,
    name text not null,
    password_hash text not null,
    role text not null check (role in ('handler', 'grid_worker', 'community_worker', 'community_lead', 'street_manager', 'auditor', 'admin')),
    street text,
    community_id blob references communities (id),
    party_id blob,
    bell_seen_at bigint not null,
    disabled_at bigint,
    created_at bigint not null,
    check (role in ('street_manager', 'auditor', 'admin') or community_id is not null),
    check (role <> 'handler' or party_id is not null),
    check (role not in ('street_manager', 'auditor') or street is not null)
);
create index staff_by_community on staff (community_id, id);

create table sign_ins (
    token_hash blob primary key,
    staff_id blob not null references staff (id) on delete cascade,
    community_id blob references communities (id),
    kind text not null check (kind in ('browser', 'bearer')),
    label text not null,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null
);
create index sign_ins_by_staff on sign_ins (staff_id);

create table codes (
    code text primary key,
    community_id blob not null references communities (id),
    place_id blob not null,
    version integer not null,
    state text not null check (state in ('draft', 'printed', 'posted', 'stopped', 'replaced')),
    printed_at bigint,
    posted_at bigint,
    replaced_by text references codes (code),
    grace_until bigint,
    created_at bigint not null,
    unique (community_id, place_id, version)
);

-- Tables of one community: every key begins with community_id.

create table settings (
    community_id blob not null references communities (id),
    name text not null,
    effective_from bigint not null,
    value text not null,
    set_by text not null,
    primary key (community_id, name, effective_from)
);

create table populations (
    community_id blob not null references communities (id),
    effective_from text not null,
    residents integer not null check (residents >= 0),
    households integer not null check (households >= 0),
    source text not null,
    entered_by text not null,
    primary key (community_id, effective_from)
);

create table grids (
    community_id blob not null references communities (id),
    id blob not null,
    name text not null,
    worker_id blob references staff (id),
    primary key (community_id, id),
    unique (community_id, name)
);
create index grids_by_worker on grids (community_id, worker_id);

create table places (
    community_id blob not null references communities (id),
    id blob not null,
    kind text not null check (kind in ('compound', 'courtyard', 'building', 'unit', 'spot')),
    name text not null,
    full_name text not null,
    parent_id blob,
    building_id blob,
    grid_id blob,
    households integer,
    sort integer not null,
    retired_at bigint,
    primary key (community_id, id),
    unique (community_id, full_name),
    foreign key (community_id, parent_id) references places (community_id, id),
    foreign key (community_id, grid_id) references grids (community_id, id)
);

create table parties (
    community_id blob not null references communities (id),
    id blob not null,
    name text not null,
    aliases text not null,
    kind text not null check (kind in ('committee', 'property', 'department', 'utility', 'enterprise', 'volunteers', 'other')),
    phone text not null,
    fallback boolean not null,
    disabled_at bigint,
    primary key (community_id, id),
    unique (community_id, name)
);

create table ticket_numbers (
    community_id blob not null references communities (id),
    day text not null,
    last integer not null,
    primary key (community_id, day)
);

create table tickets (
    community_id blob not null references communities (id),
    id blob not null,
    number text not null,
    key_version integer not null,
    secret_hash blob not null,
    query_hash blob not null,
    channel text not null check (channel in ('scan', 'phone', 'walk_in', 'visit', 'patrol', 'hotline')),
    code text,
    place_id blob not null,
    building_id blob,
    grid_id blob,
    spot_note text not null,
    kind text not null check (kind in ('inquiry', 'help', 'complaint', 'tip_off', 'suggestion', 'praise')),
    level1 text not null,
    category text,
    text text not null,
    hazard boolean not null,
    reach text check (reach in ('household', 'unit', 'building', 'compound')),
    publish boolean not null,
    share_phone boolean not null,
    name_sealed blob,
    phone_sealed blob,
    phone_hash blob,
    phone_masked text,
    device_hash blob,
    notice_version text not null,
    submitted_at bigint not null,
    called_at bigint,
    registered_by blob references staff (id),
    status text not null check (status in ('new', 'accepted', 'in_progress', 'follow_up', 'archived', 'refused', 'withdrawn', 'merged')),
    version integer not null,
    urgency text not null check (urgency in ('critical', 'urgent', 'normal', 'hard')),
    first_contact_due bigint not null,
    make_safe_due bigint,
    due_at bigint not null,
    open_due_at bigint,
    rules_version text not null,
    lead_id blob not null,
    routed text not null,
    handler_id blob references staff (id),
    dispatched_at bigint,
    accepted_at bigint,
    first_contact_at bigint,
    closed_at bigint,
    result text check (result in ('solved', 'explained', 'not_yet', 'passed_on', 'duplicate', 'withdrawn', 'invalid')),
    result_text text not null,
    solved_level text check (solved_level in ('door', 'community', 'street', 'department')),
    answered_at bigint,
    answer_valid boolean,
    contacted boolean,
    solved boolean,
    satisfied text check (satisfied in ('satisfied', 'mostly', 'unsatisfied')),
    answer_comment text not null,
    events integer not null,
    rounds integer not null,
    returns integer not null,
    main_id blob,
    hotline_number text,
    excluded text check (excluded in ('e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7')),
    primary key (community_id, id),
    unique (community_id, number),
    unique (community_id, secret_hash),
    foreign key (community_id, place_id) references places (community_id, id),
    foreign key (community_id, grid_id) references grids (community_id, id),
    foreign key (community_id, lead_id) references parties (community_id, id),
    foreign key (community_id, main_id) references tickets (community_id, id)
);
create index tickets_by_status on tickets (community_id, status, due_at, id);
create index tickets_by_clock on tickets (community_id, open_due_at, id);
create index tickets_by_party on tickets (community_id, lead_id, status, due_at, id);
create index tickets_by_grid on tickets (community_id, grid_id, status, due_at, id);
create index tickets_by_day on tickets (community_id, submitted_at, id);
create index tickets_by_closing on tickets (community_id, closed_at) where closed_at is not null;
create index tickets_by_due on tickets (community_id, due_at);
create index tickets_by_answer on tickets (community_id, answered_at) where answered_at is not null;
create index tickets_by_place on tickets (community_id, place_id, submitted_at);
create index tickets_by_phone on tickets (community_id, phone_hash, submitted_at) where phone_hash is not null;

create table ticket_events (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    seq integer not null,
    at bigint not null,
    role text not null,
    actor_id blob,
    actor text not null,
    act text not null,
    from_status text,
    to_status text not null,
    audience text not null check (audience in ('resident', 'staff')),
    note text not null,
    data text not null,
    primary key (community_id, ticket_id, seq),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index ticket_events_by_time on ticket_events (community_id, at);

create table ticket_photos (
    community_id blob not null references communities (id),
    ticket_id blob not null,
    seq integer not null,
    photo text not null,
    width integer not null,
    height integer not null,
    stage text not null check (stage in ('report', 'work', 'after')),
    added_by text not null,
    added_at bigint not null,
    primary key (community_id, ticket_id, seq),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);

create table exclusions (
    community_id blob not null references communities (id),
    id blob not null,
    ticket_id blob not null,
    reason text not null check (reason in ('e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7')),
    note text not null,
    proposed_by blob not null references staff (id),
    proposed_at bigint not null,
    decided_by blob references staff (id),
    decided_at bigint,
    approved boolean,
    primary key (community_id, id),
    foreign key (community_id, ticket_id) references tickets (community_id, id)
);
create index exclusions_by_ticket on exclusions (community_id, ticket_id);
create index exclusions_undecided on exclusions (community_id, decided_at, id);

create table report_keys (
    community_id blob not null references communities (id),
    key_hash blob not null,
    content_hash blob not null,
    ticket_id blob not null,
    created_at bigint not null,
    primary key (community_id, key_hash)
);
create index report_keys_by_age on report_keys (community_id, created_at);

create table scans (
    community_id blob not null references communities (id),
    code text not null,
    day text not null,
    device_hash blob not null,
    primary key (community_id, code, day, device_hash)
);

create table hotline_totals (
    community_id blob not null references communities (id),
    period text not null,
    cases integer not null check (cases >= 0),
    approximate boolean not null,
    source text not null,
    entered_by text not null,
    entered_at bigint not null,
    primary key (community_id, period)
);

create table audits (
    community_id blob not null references communities (id),
    id blob not null,
    at bigint not null,
    staff_id blob not null references staff (id),
    actor text not null,
    act text not null,
    ticket_id blob,
    reason text not null,
    primary key (community_id, id)
);
create index audits_by_time on audits (community_id, at);

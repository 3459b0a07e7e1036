update notice_channels set topics = replace(topics, ' draft', '');
delete from deliveries where draft is not null;
alter table deliveries rename to deliveries_after;
create table deliveries (
    community_id blob not null references communities (id),
    id blob not null,
    channel_id blob not null,
    ticket_id blob not null,
    seq integer not null,
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
    primary key (community_id, id),
    foreign key (community_id, channel_id) references notice_channels (community_id, id),
    foreign key (community_id, ticket_id, seq) references ticket_events (community_id, ticket_id, seq)
);
insert into deliveries
select community_id, id, channel_id, ticket_id, seq, topic, staff_id, state, made_at, begun_at, due_at, attempts, parcel_id,
    sent_at, answer
from deliveries_after;
drop table deliveries_after;
create index deliveries_waiting on deliveries (community_id, channel_id, due_at) where state = 'waiting';
create index deliveries_by_time on deliveries (community_id, made_at, id);
drop table unmasked_requests;
drop table report_drafts;
drop table issued_files;
drop table issued_reports;

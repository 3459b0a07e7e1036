-- Up to when somebody has seen what the bell of a community told: whoever reaches several has looked at each by itself.
-- Where they never looked, the moment of the account holds (staff.bell_seen_at).
create table bell_marks (
    community_id blob not null references communities (id),
    staff_id blob not null references staff (id),
    seen_at bigint not null,
    primary key (community_id, staff_id)
);

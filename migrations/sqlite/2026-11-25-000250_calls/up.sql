-- What nobody has called about yet, by when somebody must have: few of many, so an index of these alone.
create index tickets_uncalled on tickets (community_id, first_contact_due, id) where first_contact_at is null and open_due_at is not null;

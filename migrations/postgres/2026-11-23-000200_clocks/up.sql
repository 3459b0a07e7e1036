-- What climbed the ladder and is still overdue, by how long.
create index tickets_escalated on tickets (community_id, open_due_at, id) where escalated is not null and open_due_at is not null;

drop index tickets_by_party;
create index tickets_by_party on tickets (community_id, lead_id, status, due_at, id);
drop index tickets_by_grid;
create index tickets_by_grid on tickets (community_id, grid_id, status, due_at, id);

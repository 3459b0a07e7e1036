-- A party sees a ticket once it was given to it, and a grid worker one that lies in a grid: what waits to be given, or lies in
-- none, need not stand in those lists, and each new report is one entry less to write.
drop index tickets_by_party;
create index tickets_by_party on tickets (community_id, lead_id, status, due_at, id) where dispatched_at is not null;
drop index tickets_by_grid;
create index tickets_by_grid on tickets (community_id, grid_id, status, due_at, id) where grid_id is not null;

-- What is on account waits in the order in which it is looked at again.
create index requests_by_review on requests (community_id, kind, until_at, ticket_id, decided_at);

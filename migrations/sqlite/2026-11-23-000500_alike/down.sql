drop index tickets_by_matter;
drop table incident_tickets;
drop table incidents;
drop table distinctions;

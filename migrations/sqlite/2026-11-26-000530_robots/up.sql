-- From when on a group robot may speak again, by a keyed hash of what names it: however many channels of however many
-- communities lead to it, its chat counts them together.
create table robots (
    robot text not null primary key,
    free_at bigint not null
);

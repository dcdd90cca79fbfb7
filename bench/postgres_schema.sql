-- The tables of the reference on PostgreSQL.
CREATE TABLE member (
    id text PRIMARY KEY,
    name text NOT NULL,
    token text NOT NULL UNIQUE,
    availability text NOT NULL DEFAULT 'everyone'
);

CREATE TABLE relation (
    member text NOT NULL REFERENCES member,
    other text NOT NULL REFERENCES member,
    favorite boolean NOT NULL DEFAULT false,
    blocked boolean NOT NULL DEFAULT false,
    PRIMARY KEY (member, other)
);

-- A transaction that pairs or parts bookings of a slot locks its row.
CREATE TABLE slot (
    start timestamptz NOT NULL,
    minutes integer NOT NULL,
    PRIMARY KEY (start, minutes)
);

CREATE TABLE booking (
    id text PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    start timestamptz NOT NULL,
    minutes integer NOT NULL,
    -- The end of the footprint.
    until timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    partner text REFERENCES booking,
    displaced boolean NOT NULL DEFAULT false,
    -- The members who cancelled here on this member (R18).
    cancelled_by text[] NOT NULL DEFAULT '{}',
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (start, minutes) REFERENCES slot
);

CREATE INDEX own_days ON booking (member, until) WHERE state <> 'cancelled';
CREATE INDEX queue ON booking (start, minutes, displaced DESC, requested_at) WHERE state = 'waiting';

-- Return whether neither member has blocked the other.
CREATE FUNCTION without_block(one text, two text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM relation WHERE blocked AND ((member, other) = (one, two) OR (member, other) = (two, one))
    )
$$;

-- Return whether a member's setting lets another lock (R6).
CREATE FUNCTION lets_lock(setting text, owner text, booker text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT setting = 'everyone' OR (
        setting = 'favorites'
        AND EXISTS (SELECT FROM relation WHERE member = owner AND other = booker AND favorite)
    )
$$;

-- A booking with the partner that its member sees.
CREATE VIEW session AS
SELECT b.*, o.id AS partner_id, o.name AS partner_name
FROM booking b
LEFT JOIN booking p ON p.id = b.partner
LEFT JOIN member o ON o.id = p.member;

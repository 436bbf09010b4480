CREATE TABLE database_metadata (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema_version INTEGER NOT NULL,
    schema_checksum TEXT NOT NULL,
    created_at TEXT NOT NULL,
    migrated_at TEXT,
    verified_at TEXT
);

CREATE TABLE tracks (
    id INTEGER PRIMARY KEY,
    lang TEXT NOT NULL,
    auto INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL
);

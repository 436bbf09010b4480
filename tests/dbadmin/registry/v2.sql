CREATE TABLE database_metadata (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema_version INTEGER NOT NULL,
    schema_checksum TEXT NOT NULL,
    created_at TEXT NOT NULL,
    migrated_at TEXT,
    verified_at TEXT
);

CREATE TABLE captions (
    id INTEGER PRIMARY KEY,
    language TEXT NOT NULL COLLATE NOCASE,
    source TEXT NOT NULL CHECK (source IN ('manual', 'auto')),
    body TEXT NOT NULL,
    UNIQUE (language, source)
);

CREATE TABLE chapters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    caption_id INTEGER REFERENCES captions (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    start_ms INTEGER NOT NULL CHECK (start_ms >= 0)
);

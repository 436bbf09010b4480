-- What was said, by language, and the chapters.

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
    auto INTEGER NOT NULL DEFAULT 0,  -- 1: heard by a machine
    fetched_at TEXT NOT NULL,
    UNIQUE (lang, auto)
);

CREATE TABLE cues (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    text TEXT NOT NULL
);

CREATE INDEX cues_by_track ON cues (track_id);

CREATE TABLE chapters (
    position INTEGER PRIMARY KEY,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER,
    title TEXT NOT NULL
);

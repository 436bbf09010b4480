-- Revisions of title and description; no source, time or count that cannot be; cues are found in their order.

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
    language TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('manual', 'auto')),
    fetched_at TEXT NOT NULL,
    UNIQUE (language, source)
);

CREATE TABLE cues (
    id INTEGER PRIMARY KEY,
    caption_id INTEGER NOT NULL REFERENCES captions (id) ON DELETE CASCADE,
    start_ms INTEGER NOT NULL CHECK (start_ms >= 0),
    end_ms INTEGER NOT NULL,
    text TEXT NOT NULL,
    CHECK (end_ms >= start_ms)
);

-- A language's cues in their order.
CREATE INDEX cues_by_time ON cues (caption_id, start_ms);

CREATE VIRTUAL TABLE cues_search USING fts5(
    text, content='cues', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);

CREATE TRIGGER cues_inserted AFTER INSERT ON cues BEGIN
    INSERT INTO cues_search (rowid, text) VALUES (new.id, new.text);
END;

CREATE TRIGGER cues_deleted AFTER DELETE ON cues BEGIN
    INSERT INTO cues_search (cues_search, rowid, text) VALUES ('delete', old.id, old.text);
END;

-- Of the id as well: a cue that got another number would be found under its old one.
CREATE TRIGGER cues_updated AFTER UPDATE OF id, text ON cues BEGIN
    INSERT INTO cues_search (cues_search, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO cues_search (rowid, text) VALUES (new.id, new.text);
END;

CREATE TABLE chapters (
    position INTEGER PRIMARY KEY,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER,
    title TEXT NOT NULL
);

CREATE TABLE statistics (
    id INTEGER PRIMARY KEY,
    taken_at TEXT NOT NULL UNIQUE,
    views INTEGER CHECK (views >= 0),
    likes INTEGER CHECK (likes >= 0)
);

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    taken_at TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL
);

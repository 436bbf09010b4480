-- Statistics over time; cues can be searched; tracks are called captions, and say in words where they are from.

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
    source TEXT NOT NULL DEFAULT 'manual',
    fetched_at TEXT NOT NULL,
    UNIQUE (language, source)
);

CREATE TABLE cues (
    id INTEGER PRIMARY KEY,
    caption_id INTEGER NOT NULL REFERENCES captions (id) ON DELETE CASCADE,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    text TEXT NOT NULL
);

CREATE INDEX cues_by_caption ON cues (caption_id);

CREATE VIRTUAL TABLE cues_search USING fts5(
    text, content='cues', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);

CREATE TRIGGER cues_inserted AFTER INSERT ON cues BEGIN
    INSERT INTO cues_search (rowid, text) VALUES (new.id, new.text);
END;

CREATE TRIGGER cues_deleted AFTER DELETE ON cues BEGIN
    INSERT INTO cues_search (cues_search, rowid, text) VALUES ('delete', old.id, old.text);
END;

CREATE TRIGGER cues_updated AFTER UPDATE OF text ON cues BEGIN
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
    views INTEGER,
    likes INTEGER
);

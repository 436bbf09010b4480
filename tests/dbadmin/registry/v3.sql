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
    created_at TEXT NOT NULL DEFAULT (datetime('now')),
    UNIQUE (language, source)
);

CREATE TABLE chapters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    caption_id INTEGER REFERENCES captions (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    start_ms INTEGER NOT NULL CHECK (start_ms >= 0)
);

CREATE INDEX chapters_start ON chapters (start_ms, lower(title));
CREATE INDEX captions_auto ON captions (language) WHERE source = 'auto';

CREATE VIEW languages AS SELECT language, count(*) AS captions FROM captions GROUP BY language;

CREATE VIRTUAL TABLE captions_search USING fts5 (body, content = 'captions', content_rowid = 'id');

CREATE TRIGGER captions_inserted AFTER INSERT ON captions BEGIN
    INSERT INTO captions_search (rowid, body) VALUES (new.id, new.body);
END;

CREATE TRIGGER captions_deleted AFTER DELETE ON captions BEGIN
    INSERT INTO captions_search (captions_search, rowid, body) VALUES ('delete', old.id, old.body);
END;

CREATE TRIGGER captions_updated AFTER UPDATE ON captions BEGIN
    INSERT INTO captions_search (captions_search, rowid, body) VALUES ('delete', old.id, old.body);
    INSERT INTO captions_search (rowid, body) VALUES (new.id, new.body);
END;

"""Each video's own SQLite database: captions, chapters, statistics over time, revisions of title and description."""

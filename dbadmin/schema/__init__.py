"""What a SQLite file's schema is, what it should be, and how the two differ; plain Python on sqlite3."""

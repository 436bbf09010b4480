"""Full-text search over videos: the same words, matches and order on PostgreSQL and SQLite."""

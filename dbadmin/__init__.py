"""The fleet of per-video SQLite databases."""

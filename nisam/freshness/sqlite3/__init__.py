"""Django's SQLite backend, with versions written before each COMMIT that needs it."""

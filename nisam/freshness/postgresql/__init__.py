"""Django's PostgreSQL backend, with versions written before each COMMIT that needs it."""

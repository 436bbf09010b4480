"""Who is alive: Beat and the workers, by the rows they leave in the database; the broker is not asked."""

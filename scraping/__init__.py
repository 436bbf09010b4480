"""Reading platforms into the catalogue."""

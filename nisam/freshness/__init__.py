"""Never stale: content versions that change with the data, and the answers that are stored under them."""

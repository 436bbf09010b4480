"""Jobs over REST, for staff."""

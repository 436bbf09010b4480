"""The databases over REST, for staff."""

"""The schedule and the starting of jobs over REST, for staff."""

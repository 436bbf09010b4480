"""Logging in and out over REST, for frontends in a browser."""

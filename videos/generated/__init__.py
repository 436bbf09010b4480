"""A made-up catalogue for trying things at size: `manage.py make_catalogue`. The same seed makes the same rows."""

"""The verbs of `manage.py fleet`, a module each."""

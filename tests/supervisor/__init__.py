"""The real `manage.py run`, on the embedded default."""

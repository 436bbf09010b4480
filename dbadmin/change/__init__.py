"""Changing a database: plans, their application, snapshots, the way back. Plain Python on sqlite3 and paths."""

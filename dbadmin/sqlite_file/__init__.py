"""SQLite's file format read without SQLite, after https://www.sqlite.org/fileformat2.html (the sections are cited).

No function here may open a database file in a process that holds an SQLite connection to the same file: closing any
descriptor of a file drops all POSIX locks that the process has on it, and SQLite's are such locks.
"""

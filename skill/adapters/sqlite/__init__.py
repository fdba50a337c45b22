"""The embedded store: one SQLite file, one module a port."""

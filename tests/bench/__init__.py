"""Measurements: each module prints a table and, as its last line, the same as JSON."""

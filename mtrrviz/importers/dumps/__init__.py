"""Dumps and logs: one module a format, from lines to facts."""

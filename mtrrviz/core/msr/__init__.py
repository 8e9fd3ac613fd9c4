"""The registers: their table, fields, rules for writes, and words."""

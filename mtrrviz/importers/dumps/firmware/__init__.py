"""Consoles of firmware: one module a format."""

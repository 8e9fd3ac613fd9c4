"""Registers as they are typed, shown and written."""

"""Boots of any size, made up from what recorded ones have in common."""

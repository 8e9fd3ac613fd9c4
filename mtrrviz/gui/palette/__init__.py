"""The palette: commands and places by a few letters."""

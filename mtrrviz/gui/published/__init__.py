"""The Published panel: every published measurement beside the program's own."""

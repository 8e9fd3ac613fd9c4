"""A scenario as TOML: an edit changes its own lines and leaves all others as they are."""

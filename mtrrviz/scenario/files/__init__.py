"""Files of scenarios: TOML and the data beside it, read with checks and written whole."""

"""Why a page has its type, step by step, and what it makes of the PAT."""

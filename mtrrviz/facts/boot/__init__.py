"""How long a boot takes, and what adds to it."""

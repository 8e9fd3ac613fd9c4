"""Real machines: the type of every address, what decides it, and the figures."""

"""The strip above the map that tells a scenario's story."""

"""The events, the zaps and the faults as tables."""

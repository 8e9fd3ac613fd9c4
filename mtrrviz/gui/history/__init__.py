"""The History panel: live leaves by memory type, and zaps so far, as curves over time."""

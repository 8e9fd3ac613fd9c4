"""Facts: what is true of a Run at a time, each worked out in one place and read by all views."""

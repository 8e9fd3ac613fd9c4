"""The memory map a user wants, and the solution for it."""

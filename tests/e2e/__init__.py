"""End-to-end tests: the real program in a real window, driven by real mouse and key events."""

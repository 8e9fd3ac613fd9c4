"""The panel about the policies in use."""

"""The journal of unsaved edits: written after each edit, read after a program that died."""

"""What a document exchanges with the outside: its file, a growing trace, exports, the clipboard."""

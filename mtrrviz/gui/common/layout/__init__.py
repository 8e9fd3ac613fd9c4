"""Rows, splitters and dialogs that suit the room that there is."""

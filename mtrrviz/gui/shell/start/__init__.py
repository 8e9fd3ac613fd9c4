"""Starting the program's window, leaving it, and what is shown when it fails unexpectedly."""

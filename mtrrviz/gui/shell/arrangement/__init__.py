"""Where the parts of the window are, how much room they get, and the order of the Tab key."""

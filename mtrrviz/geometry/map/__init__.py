"""Where the address space lies on the map, and the map as an image."""

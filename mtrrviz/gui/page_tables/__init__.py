"""The Page tables tab: PML4, PDPT, PD and PT, each a grid of 512 entries."""

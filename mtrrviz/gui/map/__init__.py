"""The EPT map: the canvas, its legend, its text twin, and the panel that holds them."""

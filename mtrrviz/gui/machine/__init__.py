"""The machine's settings: the bar that is always in sight, and the dialog with the rest."""

"""What can be done in the window: the table of actions, their handlers, menus and the palette."""

"""The window itself: start, frame, docks, menus, actions and what ties the panels together."""

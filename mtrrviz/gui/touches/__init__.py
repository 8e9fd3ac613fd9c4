"""Touches that a scenario's author makes: the dialog for one, and the table of all."""

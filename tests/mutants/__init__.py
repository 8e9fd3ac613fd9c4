"""Changes single expressions of the program and looks whether a test notices."""

"""Lists the texts of the program, so that one person can read them in one go."""

"""Lines as a machine printed them, whatever stands before, around and between them in a text."""

"""Words, numbers and names as the program prints and reads them, whatever they are of."""

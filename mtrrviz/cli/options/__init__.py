"""What several commands accept: files, constants, times, addresses and sizes."""

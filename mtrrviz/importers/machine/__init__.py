"""From facts to a machine: its kind, registers and memory, each conclusion with its reason."""

"""The strip of results: zaps, cycles, boot time and faults."""

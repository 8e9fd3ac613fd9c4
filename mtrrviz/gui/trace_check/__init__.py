"""The trace check: entries of a real KVM that the model would make otherwise."""

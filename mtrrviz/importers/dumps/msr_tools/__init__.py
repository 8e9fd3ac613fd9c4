"""Output of tools that print model-specific registers: one module a format."""

"""Real EPT entries of a trace beside the model's."""

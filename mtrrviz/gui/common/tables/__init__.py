"""Tables over rows: the model, the view, what is copied, and what stands in an empty one."""

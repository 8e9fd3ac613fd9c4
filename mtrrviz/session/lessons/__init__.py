"""The lesson that is open: its steps, what a learner did, and where that is kept."""

"""The data files beside a scenario: columns in .npz archives, and CSV."""

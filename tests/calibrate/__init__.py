"""How the constants of the lock and of boot times were found: ``python -m tests.calibrate``."""

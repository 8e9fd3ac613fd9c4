"""What tables and forms that edit the scenario have in common."""

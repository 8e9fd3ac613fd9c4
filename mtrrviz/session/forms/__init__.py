"""What people type into forms, read and checked before it becomes an edit."""

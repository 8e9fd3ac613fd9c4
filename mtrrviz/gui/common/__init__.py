"""What several panels share: small widgets, focus, following the document, and folders of more."""

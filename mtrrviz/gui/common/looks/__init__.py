"""How everything looks: themes, the style sheet, the size of text, and marks of types."""

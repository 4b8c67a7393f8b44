"""What the report says of the text."""

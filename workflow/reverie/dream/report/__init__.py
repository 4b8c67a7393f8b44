"""What the report says of the dreams."""

"""What the report says of the styles."""

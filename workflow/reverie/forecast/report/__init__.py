"""What the report says of the forecast."""

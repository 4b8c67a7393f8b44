"""What the report says of sentences and pictures."""

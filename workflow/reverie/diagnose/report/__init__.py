"""What the report says of the diagnoses."""

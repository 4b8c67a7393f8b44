"""What dreams and styles share: pictures, the networks that see them, octaves."""

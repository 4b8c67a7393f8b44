"""Shared by dreams and style transfer: image files, pretrained networks, octaves."""

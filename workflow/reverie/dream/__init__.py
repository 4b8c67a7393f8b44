"""DeepDream: pictures that excite the layers of a pretrained network."""

"""One module per way of reading a platform."""

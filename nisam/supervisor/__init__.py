"""Every process of nisam under one command."""

"""System checks, health and metrics."""

"""Tests, in the shape of the apps."""

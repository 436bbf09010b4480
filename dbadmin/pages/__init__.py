"""The operator's pages of the fleets, in the admin."""

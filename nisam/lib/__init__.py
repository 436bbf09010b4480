"""Small things that know no app."""

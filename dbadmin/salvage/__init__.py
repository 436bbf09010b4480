"""Reading rows out of damaged databases, and putting a sound file in their place."""

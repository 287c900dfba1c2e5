"""A login that somebody else seems to use: its sending stops, and a guided way leads back."""

"""Signs that somebody else uses a sign-in, read from the logs; then its sending stops."""

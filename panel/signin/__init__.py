"""Signing in: one page for people and mailbox users, and what belongs to it."""

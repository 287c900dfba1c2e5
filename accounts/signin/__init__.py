"""Signing in: who has to wait, what a second step is asked for, where somebody is signed in."""

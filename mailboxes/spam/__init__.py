"""Spam: the line from which on mail is taken for it, lists of senders, quarantine, learning."""

"""A whole provider on one machine: private servers on loopback ports, supervised, in one state folder."""

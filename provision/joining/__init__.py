"""How a machine becomes a node: the provider invites it, and it says what its keys are.

What a node is called, where it is and what it is for stands in the invitation. It says nothing about
itself but the public halves of its keys and the digests of its secrets, which it makes and keeps.
"""

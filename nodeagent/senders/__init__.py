"""Whether the addresses in a mail's From are the sender's own: asked by rspamd for each mail of who is signed
in (deploy/rspamd/from_header.lua). Postfix holds the envelope's sender (reject_sender_login_mismatch) and
never looks at the header that people read.

Without an answer mail waits (451, the mail program keeps it), unlike without the limits', which it passes
uncounted: a forged author in mail that we sign does harm that no retry mends. It reads
the directory alone, so the panel may be down; rspamd, which parses what strangers send, never gets to read
the passwords' hashes that lie there.
"""

from nodeagent.senders.check import Senders

__all__ = ["QUESTION_BYTES", "Senders"]

QUESTION_BYTES = 512 * 1024  # Postfix takes 100 KiB of one header

"""Bounces of forwarded mail: Postfix asks here what stands behind one of our rewritten addresses (srs.py).

A socketmap (socketmap_table(5)) on a Unix socket with two maps: ``back`` gives the original sender, ``check``
a refusal for an address that is forged or old. Postfix asks for addresses that look rewritten alone
(deploy/postfix/rewritten), so other mail never waits for this service."""

from __future__ import annotations

from nodeagent.srs import BadAddressError, Rewriter

QUESTION_BYTES = 10_000
LENGTH_DIGITS = 5
NOT_FOUND = "NOTFOUND "


def answer(rewriter: Rewriter, question: str) -> str:
    """``map key`` → the reply of socketmap_table(5)."""
    name, _space, key = question.partition(" ")
    if name not in {"back", "check"}:
        return "PERM There is no such map here."
    try:
        back = rewriter.reverse(key)
    except BadAddressError as error:
        return f"OK 550 5.1.1 {error}" if name == "check" else NOT_FOUND
    return f"OK {back}" if name == "back" else NOT_FOUND


class SocketmapForm:
    """Questions and answers as netstrings (socketmap_table(5)); see nodeagent.policy.server.PolicyForm."""

    @staticmethod
    def split(data: bytes) -> tuple[str | None, bytes]:
        """Raises ValueError for what is no netstring, or too long a one."""
        head, colon, rest = data.partition(b":")
        if len(head) > LENGTH_DIGITS or (head and not head.isdigit()):
            raise ValueError("no netstring")
        if not colon:
            return None, data
        length = int(head)
        if length > QUESTION_BYTES:
            raise ValueError("too long")
        if len(rest) <= length:
            return None, data
        return rest[:length].decode("utf-8", "replace"), rest[length + 1 :]

    @staticmethod
    def reply(answer: str) -> bytes:
        text = answer.encode()
        return b"%d:%s," % (len(text), text)

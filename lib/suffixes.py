"""Names below which strangers register names of their own (com, co.uk, github.io): nobody's domain."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList


def is_public(name: str) -> bool:
    """Whether ``name`` (A-labels, lower case) is a public suffix, of a registry or of a service, or all that
    lies right below it is one (``kawasaki.jp``, for the rule ``*.kawasaki.jp``). A top level that the list
    does not know counts as a suffix (its default rule ``*``), so ``foo.test`` is no suffix.

    Source: publicsuffix.org/list, both sections, as bundled with the library.
    """
    known = _list()
    return bool(known.is_public(name) or known.is_public(f"a.{name}"))


def registrable(name: str) -> str:
    """What of ``name`` was registered: a public suffix and one label; ``name`` itself where there is none."""
    return str(_list().privatesuffix(name) or name)


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList()  # about 10,000 rules, read at the first question

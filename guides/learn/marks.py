"""The Markdown of articles, and what it may say beyond CommonMark:

``[[imap.host]]``: a live value (guides.learn.values.NAMES). ``[words](learn:SLUG)``: another article.
``[words](term:KEY)``: a line of the glossary. ``[words](page:NAME)``: a page of the panel (scope.PAGES),
plain words for a reader who has none. A fence ``live NAME``: a block (guides.learn.blocks.BLOCKS). Tables
become the panel's own. HTML is shown, never taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

SCHEMES = ("https://", "learn:", "term:", "page:")
_VALUE = re.compile(r"\[\[([a-z0-9_.]+)\]\]")
LIVE = "live "
BESIDE = 12  # letters of a column's name that fit beside its cell on a phone; longer ones stand above


class Leads(Protocol):
    """What the text asks of whoever shows it. ``value`` and ``block`` give what is safe in a page, ``link``
    an address, or an empty one for words that lead nowhere."""

    def value(self, name: str) -> SafeString: ...
    def block(self, name: str) -> SafeString: ...
    def link(self, scheme: str, name: str) -> str: ...


def shown(text: str, leads: Leads) -> SafeString:
    """``text``: an article's body, which is ours; whatever comes in through ``leads`` is escaped there."""
    tokens = list(_parsed(text))
    env: MutableMapping[str, Any] = {"leads": leads, "open": []}
    page = _markdown().renderer.render(tokens, _markdown().options, env)
    return SafeString(page)  # markdown-it takes no HTML, and what comes by `leads` is escaped


@lru_cache(maxsize=256)
def _parsed(text: str) -> Sequence[Token]:
    tokens = _markdown().parse(text)
    _tables(tokens)
    return tuple(tokens)


def values_in(text: str) -> set[str]:
    return {token.content for token in _all(_parsed(text)) if token.type == "live_value"}


def blocks_in(text: str) -> set[str]:
    fences = (token.info.strip() for token in _parsed(text) if token.type == "fence")
    return {info.removeprefix(LIVE) for info in fences if info.startswith(LIVE)}


def links_in(text: str) -> set[str]:
    return {str(token.attrGet("href")) for token in _all(_parsed(text)) if token.type == "link_open"}


def _all(tokens: Iterable[Token]) -> Iterable[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    md.enable("table").disable(["image", "html_block", "html_inline", "autolink"])
    md.inline.ruler.before("link", "live_value", _live_value)
    md.validateLink = lambda url: url.startswith(SCHEMES)  # type: ignore[method-assign]  # its documented way
    rules: dict[str, Callable[..., str]] = {
        "live_value": _draw_value,
        "link_open": _draw_link,
        "link_close": _draw_link_end,
        "fence": _draw_fence,
    }
    for name, rule in rules.items():
        md.add_render_rule(name, rule)
    return md


def _live_value(state: StateInline, silent: bool) -> bool:
    match = _VALUE.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        state.push("live_value", "", 0).content = match[1]
    state.pos = match.end()
    return True


def _draw_value(_self: Any, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    return str(env["leads"].value(tokens[at].content))


def _draw_link(_self: Any, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    href = str(tokens[at].attrGet("href"))
    scheme, _colon, name = href.partition(":")
    outside = scheme == "https"
    url = href if outside else env["leads"].link(scheme, name)
    env["open"].append(bool(url))
    if not url:
        return ""
    return f'<a href="{conditional_escape(url)}"{" rel=noopener" if outside else ""}>'


def _draw_link_end(_self: Any, _tokens: Sequence[Token], _at: int, _options: Any, env: Any) -> str:
    return "</a>" if env["open"].pop() else ""


def _draw_fence(_self: Any, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    info = tokens[at].info.strip()
    if info.startswith(LIVE):
        return str(env["leads"].block(info.removeprefix(LIVE)))
    return f'<pre class="code">{conditional_escape(tokens[at].content)}</pre>\n'


def _tables(tokens: Sequence[Token]) -> None:
    """As components.css has them: the first cell of a row names it, each other one carries its column's name
    for narrow pages."""
    heads: list[str] = []
    column, in_head, table = 0, False, tokens[0] if tokens else Token("", "", 0)
    for number, token in enumerate(tokens):
        if token.type == "table_open":
            token.attrSet("class", "rows")
            heads, table = [], token
        elif token.type == "thead_open":
            in_head = True
        elif token.type == "thead_close":
            in_head = False
        elif token.type == "tr_open":
            column = 0
        elif token.type in {"th_open", "td_open"}:
            token.attrs.pop("style", None)
            if in_head:
                token.attrSet("scope", "col")
                heads.append(tokens[number + 1].content)
                if len(heads[-1]) > BESIDE and len(heads) > 1:
                    table.attrSet("class", "rows stacked")
            elif column == 0:
                token.tag = "th"
                token.attrSet("scope", "row")
            else:
                token.attrSet("data-label", heads[column])
            column += 1
        elif token.type == "td_close" and column == 1:
            token.tag = "th"

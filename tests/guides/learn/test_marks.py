"""The Markdown of articles: live values, links and blocks; no HTML, no foreign scheme."""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from guides.learn import marks


class Leads:
    """Gives hostile values, escaped as whoever implements it must."""

    def value(self, name: str) -> SafeString:
        return escape(f"<b>{name}</b>")

    def block(self, name: str) -> SafeString:
        return escape(f"<block {name}>")

    def link(self, scheme: str, name: str) -> str:
        return "" if scheme == "page" else f'/{scheme}/{name}"x'


def shown(text: str) -> str:
    return str(marks.shown(text, Leads()))


def test_values_links_and_blocks() -> None:
    html = shown(
        "Port [[imap.port]], [one](learn:mx), [two](page:zone), [three](https://example.com/)\n\n"
        "```live mx\n```"
    )
    assert "Port &lt;b&gt;imap.port&lt;/b&gt;" in html
    assert '<a href="/learn/mx&quot;x">one</a>' in html
    assert ", two, " in html
    assert '<a href="https://example.com/" rel=noopener>three</a>' in html
    assert "&lt;block mx&gt;" in html


def test_html_and_other_schemes_stay_text() -> None:
    html = shown(
        "<script>x</script> [a](javascript:x) [b](http://example.com) ![c](https://example.com/c.png)"
    )
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "<img" not in html
    assert 'href="http:' not in html


def test_a_table_is_one_of_ours() -> None:
    html = shown("| A | B |\n| --- | --- |\n| x | y |\n")
    assert '<table class="rows">' in html
    assert '<th scope="col">B</th>' in html
    assert '<th scope="row">x</th>' in html
    assert '<td data-label="B">y</td>' in html


def test_what_a_text_names() -> None:
    text = "[[a.b]] [x](term:mx)\n\n```live ports\n```\n\n```\ncode\n```"
    assert marks.values_in(text) == {"a.b"}
    assert marks.links_in(text) == {"term:mx"}
    assert marks.blocks_in(text) == {"ports"}


@given(text=st.text(max_size=200))
def test_no_text_brings_a_tag_of_its_own(text: str) -> None:
    html = shown(text).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert "<iframe" not in html

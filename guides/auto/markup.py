"""XML out, by a writer that escapes; XML in, from strangers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement, tostring
from xml.parsers import expat

MOST_DEPTH = 16
MOST_TEXT = 1024

# What XML 1.0 §2.2 lets into a document: of the control characters three alone.
_NEVER = {
    code: None for code in [*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF] if code not in {9, 10, 13}
}

Tree = tuple["str", Mapping[str, str], "Iterable[Tree] | str"]


class BadXml(ValueError):
    """No document, or one that nobody with good intentions sends."""


def clean(text: str) -> str:
    """Without what no XML document can hold."""
    return text.translate(_NEVER)


def put(parent: Element, name: str, text: str | int = "", **attributes: str) -> Element:
    """A new child of ``parent``, with this text."""
    child = SubElement(parent, name, {key: clean(value) for key, value in attributes.items()})
    if text != "":
        child.text = clean(str(text))
    return child


def written(root: Element) -> bytes:
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found + b"\n"


def texts(document: bytes, wanted: Iterable[str]) -> dict[str, str]:
    """The text of the first element of each ``wanted`` name, namespaces aside. Raises BadXml, and for every
    DTD: entities live there and nowhere else, so none is ever expanded or fetched."""
    reader = _Reader(set(wanted))
    try:
        reader.parser.Parse(document, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise BadXml(str(error)) from None
    return reader.found


class _Reader:
    def __init__(self, wanted: set[str]) -> None:
        self.wanted, self.found = wanted, dict[str, str]()
        self.depth, self.inside = 0, ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _doctype(self, *_declared: object) -> None:
        raise BadXml("a DTD")

    def _start(self, name: str, _attributes: object) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise BadXml("too deep")
        local = name.rpartition(" ")[2]
        self.inside = local if local in self.wanted and local not in self.found else ""
        if self.inside:
            self.found[local] = ""

    def _end(self, _name: str) -> None:
        self.depth -= 1
        self.inside = ""

    def _text(self, text: str) -> None:
        if self.inside:
            self.found[self.inside] += text
            if len(self.found[self.inside]) > MOST_TEXT:
                raise BadXml("too long")

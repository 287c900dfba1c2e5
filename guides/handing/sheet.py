"""One sheet of paper with a mailbox's settings, as PDF. Pure but for the font files. No password is in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import qrcode
from django.utils.translation import gettext as _
from fpdf import FPDF
from qrcode.constants import ERROR_CORRECT_M

from guides.clientconfig import ClientConfig, Protocol, Server
from guides.filling import full_name
from lib.names import display_domain

# fonts-dejavu-core (deploy/packages.txt): Latin, Greek, Cyrillic, Armenian, Georgian, Arabic letters, signs.
FONTS = Path("/usr/share/fonts/truetype/dejavu")
MARGIN, QUIET = 18, 4  # mm; modules
CODE = 38  # mm, with its quiet zone
_GREY, _LINE = 90, 190
# Tells of every glyph that it puts into a file, at INFO.
logging.getLogger("fontTools").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Whose sheet it is. ``support``: an address or a page, or empty. ``logo``: PNG of our own making."""

    name: str
    support: str
    url: str
    logo: bytes | None


def sheet(config: ClientConfig, face: Face, *, paper: str = "a4") -> bytes:
    """``paper``: a4 or letter. In the language that is active."""
    page = _Sheet(paper)
    page.begin(face)
    page.whose(config, face)
    page.servers(config)
    page.steps()
    page.end(face)
    return bytes(page.output())


def _shown(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    return f"{local}@{display_domain(domain)}"


def _incoming(server: Server) -> str:
    if server.protocol is Protocol.SMTP:
        return _("Outgoing, SMTP")
    return _("Incoming, IMAP") if server.protocol is Protocol.IMAP else _("Incoming, POP3")


class _Sheet(FPDF):
    def __init__(self, paper: str) -> None:
        super().__init__(orientation="portrait", unit="mm", format=paper)
        self.set_margin(MARGIN)
        self.set_auto_page_break(False)
        self.add_font("Sheet", "", FONTS / "DejaVuSans.ttf")
        self.add_font("Sheet", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.add_font("Typed", "", FONTS / "DejaVuSansMono.ttf")
        self.add_page()

    def text_line(
        self, text: str, size: float, *, bold: bool = False, grey: bool = False, gap: float = 0
    ) -> None:
        """As many lines as it needs."""
        self.set_font("Sheet", "B" if bold else "", size)
        self.set_text_color(_GREY if grey else 0)
        self.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT", align="L")
        self.ln(gap)

    def begin(self, face: Face) -> None:
        self.set_title(_("Mail settings"))
        self.set_creator(face.name)
        if face.logo:
            self.image(BytesIO(face.logo), h=12, keep_aspect_ratio=True, alt_text=face.name)
            self.ln(4)
        self.text_line(face.name, 11, bold=True, gap=2)
        self.set_draw_color(_LINE)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.ln(6)

    def whose(self, config: ClientConfig, face: Face) -> None:
        top = self.get_y()
        self.code(f"{face.url}/setup/{quote(config.address)}/", self.w - MARGIN - CODE, top)
        self.set_right_margin(MARGIN + CODE + 6)
        self.text_line(full_name(config.address), 12, grey=True, gap=1)
        self.text_line(_shown(config.address), 17, bold=True, gap=3)
        self.text_line(_("User name: the whole address, both times."), 10, gap=1)
        self.text_line(_("Password: you have it. It is not on this sheet; do not write it here."), 10, gap=1)
        text = _("Hold the phone’s camera in front of the code to set this mailbox up there.")
        self.text_line(text, 10, grey=True)
        self.set_right_margin(MARGIN)
        self.set_y(max(self.get_y(), top + CODE) + 8)

    def servers(self, config: ClientConfig) -> None:
        self.text_line(_("The servers"), 13, bold=True, gap=2)
        whole = self.w - 2 * MARGIN
        shares = (0.25, 0.45, 0.12, 0.18)
        heads = (_("Mail"), _("Host"), _("Port"), _("Encryption"))
        self.row(heads, [whole * share for share in shares], head=True)
        for server in config.servers:
            cells = (_incoming(server), server.host, str(server.port), server.encryption.value)
            self.row(cells, [whole * share for share in shares])
        self.ln(3)
        for server in config.others:
            text = _("%(protocol)s without SSL/TLS in the program: port %(port)d with STARTTLS.")
            self.text_line(text % {"protocol": server.protocol.value, "port": server.port}, 8.5, grey=True)
        self.ln(5)

    def row(self, cells: tuple[str, ...], widths: list[float], *, head: bool = False) -> None:
        """Names that are longer than their column are written smaller, never cut."""
        for at, (text, width) in enumerate(zip(cells, widths, strict=True)):
            size = 9.0 if head else 10.0
            self.set_text_color(_GREY if head else 0)
            self.set_font("Sheet" if head or at == 0 else "Typed", "B" if not head and at == 0 else "", size)
            while self.get_string_width(text) > width - 2 and size > 4:
                size -= 0.5
                self.set_font_size(size)
            self.cell(width, 8, text, border="B")
        self.ln(8)

    def steps(self) -> None:
        self.text_line(_("In any mail program"), 13, bold=True, gap=2)
        for number, text in enumerate(steps_in_words(), start=1):
            self.text_line(f"{number}. {text}", 10, gap=1.2)

    def end(self, face: Face) -> None:
        self.set_y(self.h - MARGIN - 10)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.ln(2)
        said = _("Help: %(support)s") % {"support": face.support} if face.support else face.url
        self.text_line(f"{face.name} · {said}", 9, grey=True)

    def code(self, text: str, left: float, top: float) -> None:
        """Squares, not a picture: sharp at every size."""
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
        code.add_data(text)
        code.make(fit=True)
        rows = code.get_matrix()
        size = CODE / len(rows)
        self.set_fill_color(0)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    self.rect(left + x * size, top + y * size, size, size, style="F")


def steps_in_words() -> list[str]:
    return [
        _("Choose to add an account, and the way by hand if it asks: IMAP."),
        _("Type your name, the address above and its password."),
        _("Type the servers as they stand in the table, and the whole address as user name both times."),
        _("If it asks for authentication, choose the normal password, for outgoing mail too."),
        _("Let it check, then send a mail to yourself. If it warns of a certificate, stop and ask for help."),
    ]

"""A browser without JavaScript: one kept connection, cookies, forms. Standard library only."""

from __future__ import annotations

import http.client
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

TIMEOUT = 30
FORM = "application/x-www-form-urlencoded"


@dataclass
class Form:
    """``fields``: (name, value) as the page would send them untouched. ``buttons``: named submit buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def names(self) -> set[str]:
        return {name for name, _ in self.fields}


@dataclass
class Page:
    status: int
    url: str
    text: str
    forms: list[Form]
    seconds: float = 0.0

    def form(self, *names: str, action: str = "") -> Form:
        """The form with all these fields whose address contains ``action``. Raises LookupError when there is
        none."""
        for form in self.forms:
            if set(names) <= form.names() and action in (form.action or self.url):
                return form
        raise LookupError(f"{self.url} ({self.status}) has no form with {', '.join(names) or action}")


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = self._textarea = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._form = Form(at.get("action", ""), at.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and "disabled" not in at:
            self._control(self._form, tag, at)

    def _control(self, form: Form, tag: str, at: dict[str, str]) -> None:
        name, value, kind = at.get("name", ""), at.get("value", ""), at.get("type", "text").lower()
        if tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((value, "selected" in at))
        elif tag == "textarea" and name:
            self._textarea = name
            form.fields.append((name, ""))
        elif tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "input" and name and kind not in {"submit", "button", "image", "file", "reset"}:
            if kind in {"checkbox", "radio"}:
                if "checked" in at:
                    form.fields.append((name, value or "on"))
            else:
                form.fields.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            name, before = self._form.fields[-1]
            self._form.fields[-1] = (name, before + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select" and self._form is not None and self._select:
            chosen = next((value for value, on in self._options if on), None)
            if chosen is None and self._options:
                chosen = self._options[0][0]
            if chosen is not None:
                self._form.fields.append((self._select, chosen))
            self._select = ""


def _filled(form: Form, values: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.fields if name not in values] + list(values.items())


class Browser:
    """``base``: https://host:port. Follows redirects within it; never leaves it."""

    def __init__(self, base: str, tls: ssl.SSLContext) -> None:
        self.base = base.rstrip("/")
        parts = urlsplit(self.base)
        self._http = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=TIMEOUT, context=tls
        )
        self.cookies: dict[str, str] = {}

    def open(self, path: str) -> Page:
        return self._follow("GET", path, None)

    def submit(
        self, page: Page, form: Form, values: Mapping[str, str], *, press: tuple[str, str] | None = None
    ) -> Page:
        """Send ``form`` of ``page`` with ``values`` typed in, by pressing the named button if one is
        given."""
        sent = _filled(form, values) + ([press] if press else [])
        target = urljoin(page.url, form.action or page.url)
        if form.method == "get":
            return self._follow("GET", f"{target.partition('?')[0]}?{urlencode(sent)}", None)
        return self._follow("POST", target, urlencode(sent).encode(), referer=page.url)

    def post(self, page: Page, form: Form, values: Mapping[str, str]) -> tuple[int, str]:
        """Send a form and do not follow: (status, Location)."""
        target = urljoin(page.url, form.action or page.url)
        body = urlencode(_filled(form, values)).encode()
        status, location, _text = self.once("POST", target, body, referer=page.url)
        return status, location

    def upload(self, page: Page, field: str, name: str, content: bytes) -> Page:
        """Send the form with ``csrfmiddlewaretoken`` of ``page`` and one file in it (RFC 7578)."""
        form = page.form("csrfmiddlewaretoken", action=page.url)
        mark = f"----{secrets.token_hex(16)}"
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in form.fields
        ]
        parts.append(
            f'--{mark}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        )
        body = "".join(parts).encode() + content + f"\r\n--{mark}--\r\n".encode()
        return self._follow("POST", page.url, body, page.url, f"multipart/form-data; boundary={mark}")

    def sign_in(self, login: str, password: str) -> Page:
        page = self.open("/accounts/login/")
        return self.submit(page, page.form("login", "password"), {"login": login, "password": password})

    def once(
        self, method: str, path: str, body: bytes | None = None, referer: str = "", kind: str = FORM
    ) -> tuple[int, str, str]:
        """One exchange without following: (status, Location, text)."""
        url = urljoin(self.base + "/", path)
        target = urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl() or "/"
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {
                "Content-Type": kind,
                "Referer": referer or url,
                "Origin": self.base,
            }
        try:
            self._http.request(method, target, body, headers)
            answer = self._http.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._http.close()  # the kept connection had ended while nobody used it: ask on a new one
            self._http.request(method, target, body, headers)
            answer = self._http.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer.status, answer.headers.get("Location", ""), text

    def _follow(
        self, method: str, path: str, body: bytes | None, referer: str = "", kind: str = FORM
    ) -> Page:
        url = urljoin(self.base + "/", path)
        for _hop in range(6):
            status, location, text = self.once(method, url, body, referer, kind)
            if status not in {301, 302, 303, 307, 308}:
                parser = _Forms()
                parser.feed(text)
                return Page(status, url, text, parser.forms)
            url = urljoin(url, location)
            if not url.startswith(self.base + "/"):
                raise RuntimeError(f"the panel sends us elsewhere: {url}")
            method, body = "GET", None
        raise RuntimeError(f"the panel redirects in a circle at {url}")

    def close(self) -> None:
        self._http.close()

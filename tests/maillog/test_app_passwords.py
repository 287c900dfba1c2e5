"""Log lines that tell with which password somebody signed in."""

from __future__ import annotations

import pytest

from nodeagent.maillog import parse_dovecot
from nodeagent.signedin import signed_in

_LOGIN = (
    "imap-login: Info: Login: user=<ana@luna.test>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, mpid=7, TLS, "
    "session=<abc>, app=<%s>"
)


@pytest.mark.parametrize(
    ("name", "login", "app"),
    [
        ("main.1790000000000/ana@luna.test", "ana@luna.test", ""),
        ("app.k3m9x2ab/ana@luna.test", "ana@luna.test", "k3m9x2ab"),
        ("ana@luna.test", "ana@luna.test", ""),
        ("", "", ""),
    ],
)
def test_the_name_says_who_and_by_what(name: str, login: str, app: str) -> None:
    assert signed_in(name) == (login, app)


def test_a_sign_in_names_its_app_password() -> None:
    found = parse_dovecot.read(_LOGIN % "k3m9x2ab")
    assert found is not None
    assert (found[0], found[2]["app"], found[2]["user"]) == ("sign-in", "k3m9x2ab", "ana@luna.test")


def test_one_with_the_main_password_names_none() -> None:
    found = parse_dovecot.read(_LOGIN % "")
    assert found is not None
    assert found[0] == "sign-in"
    assert "app" not in found[2]


def test_refused_by_its_networks() -> None:
    line = (
        "auth-worker(9): Info: conn unix:auth-worker (pid=7,uid=104): auth-worker<5>: "
        "sql(ana@luna.test,192.0.2.7,<abc>): allow_nets check failed: IP 192.0.2.7 not in allowed networks"
    )
    found = parse_dovecot.read(line)
    assert found is not None
    assert (found[0], found[2]["user"]) == ("auth", "ana@luna.test")

"""One provider for all tests of this folder, from an empty engine; they run in the order of their files."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.compose.houses import House, build
from tests.compose.provider import DOMAIN, LAST, LOCAL, Provider, copy_of_source


@pytest.fixture(scope="session", autouse=True)
def _names() -> Iterator[None]:
    """The nodes are asked for by their names, so that certificates are checked as mail programs check
    them."""
    known = {f"{name}.{DOMAIN}": f"{LOCAL}.{last}" for name, last in LAST.items()}
    real = socket.getaddrinfo

    def found(host: Any, *arguments: Any, **named: Any) -> Any:
        return real(known.get(host, host), *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", found)
        yield


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    made = Provider(copy_of_source(tmp_path_factory.mktemp("source") / "postroom"))
    made.take_down()
    try:
        made.compose("build", within=1800)
        made.up()
        made.wait_demo()
        yield made
    finally:
        made.take_down()


@pytest.fixture(scope="session")
def houses(provider: Provider) -> Iterator[dict[str, House]]:
    """Node → a domain that lives there."""
    made = {node: build(provider, node) for node in ("mail1", "mail2")}
    yield made
    for house in made.values():
        house.browser.close()

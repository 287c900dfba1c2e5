"""A new version, a node more, a node lost."""

from __future__ import annotations

import secrets
import subprocess
import threading
from functools import partial
from pathlib import Path

from bench import journey
from tests.compose.houses import House, build
from tests.compose.provider import PROJECT, SUBNET, Provider, until

# The panel of the next version: one migration more, which would fail the second time.
NEXT = f"""
FROM {PROJECT}-panel
USER root
RUN last=$(basename "$(ls provision/migrations/0*.py | tail -n 1)" .py) && printf '%s\\n' \\
  'from django.db import migrations' 'class Migration(migrations.Migration):' \\
  "    dependencies = [('provision', '$last')]" \\
  "    operations = [migrations.RunSQL('CREATE TABLE next_version (n int)', 'DROP TABLE next_version')]" \\
  >provision/migrations/9999_next_version.py
USER postroom
"""


def _hand_in(house: House, subject: str) -> None:
    """As a mail program does: told to come again later, it comes again."""

    def taken() -> bool:
        house.send(to=house.address, subject=subject)
        return True

    until(taken, within=60, what=f"{subject} taken", every=1)


def test_a_new_panel_takes_over_while_mail_flows(
    provider: Provider, houses: dict[str, House], tmp_path: Path
) -> None:
    house = houses["mail1"]
    nodes = provider.ids("mail1", "mail2", "ns1", "ns2")
    before = provider.ids("panel")
    (tmp_path / "Dockerfile").write_text(NEXT, encoding="ascii")
    subprocess.run(
        ["docker", "build", "-q", "-t", f"{PROJECT}-panel", str(tmp_path)], check=True, capture_output=True
    )
    sent: list[str] = []
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(0.5):
            subject = f"upgrade {secrets.token_hex(6)}"
            _hand_in(house, subject)
            sent.append(subject)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        provider.up("--no-build")
        provider.wait_demo()
    finally:
        ended.set()
        writer.join()
    assert provider.ids("mail1", "mail2", "ns1", "ns2") == nodes
    assert not set(before) & set(provider.ids("panel"))
    assert len(sent) > 5
    for subject in sent:
        until(partial(house.find, subject), within=30, what=subject)
    known = provider.postroom("showmigrations", "provision")
    assert "[X] 9999_next_version" in known
    assert house.browser.open(f"/domains/{house.domain}/").status == 200


def test_a_third_node_is_added_as_the_runbook_says(provider: Provider) -> None:
    others = provider.ids("mail1", "mail2", "ns1", "ns2", "panel", "postgres")
    provider.environment["BIND"] = "127.0.26.13"
    subprocess.run(
        ["deploy/add-node", "mail3", f"{SUBNET}.13", "gold"],
        cwd=provider.folder, env=provider.environment, check=True, capture_output=True,
    )  # fmt: skip
    provider.up()
    provider.wait_healthy("mail3")
    assert provider.ids("mail1", "mail2", "ns1", "ns2", "panel", "postgres") == others
    # It takes domains of plans that name its pool; out of it, those of all others.
    provider.postroom("node", "pool", "mail3", "")
    house = build(provider, "mail3")
    house.send(to=house.address, subject="third")
    house.browser.close()
    until(partial(house.find, "third"), within=60, what="mail on the third node")


def test_a_lost_node_is_built_again_from_what_the_panel_knows(
    provider: Provider, houses: dict[str, House]
) -> None:
    house = houses["mail2"]
    house.send(to=house.address, subject="before the loss")
    until(partial(house.find, "before the loss"), within=30, what="the mail before")
    journey.make_mailbox(house.browser, house.domain, "ben", secrets.token_urlsafe(18))
    journey.live(house.browser, f"mailbox/ben@{house.domain}")
    provider.compose("rm", "-s", "-f", "mail2")
    subprocess.run(["docker", "volume", "rm", f"{PROJECT}_mail2"], check=True, capture_output=True)
    provider.up("mail2")
    said = provider.postroom("node", "rebuild", "mail2", "--wait", "300")
    assert "mail2" in said
    assert house.opens()  # with the password from before
    assert house.find("before the loss")  # the volume of the mail was left
    house.send(to=house.address, subject="after the loss")
    until(partial(house.find, "after the loss"), within=60, what="mail after it")


def test_mail_that_is_lost_is_named(provider: Provider, houses: dict[str, House]) -> None:
    house = houses["mail2"]
    provider.compose("rm", "-s", "-f", "mail2")
    for volume in ("mail2", "mail2-mail"):
        subprocess.run(["docker", "volume", "rm", f"{PROJECT}_{volume}"], check=True, capture_output=True)
    provider.up("mail2")
    said = provider.postroom("node", "rebuild", "mail2", "--wait", "300")
    assert house.address in said
    assert house.opens()
    assert house.find("before the loss") is None

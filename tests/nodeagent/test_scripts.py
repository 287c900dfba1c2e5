"""Scripts on the node: compiled by the real sievec, whole or not at all, and noticed when they are lost."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from deploy.stack.files import render_file
from nodeagent.backends.base import BackendError
from nodeagent.backends.scripts import ScriptsBackend
from nodeagent.ledger import Held
from nodeagent.payload import Item, parse

OWNER = "ana@example.test"


def item(owner: str, text: str | None) -> Item:
    payload = None if text is None else {"owner": owner, "text": text}
    return parse({"kind": "script", "key": f"script/{owner}", "rev": 1, "payload": payload})


def sieve_config(folder: Path) -> Path:
    """What deploy writes, for this folder."""
    known = {"NODE": "test", "MAIL_ROOT": folder, "DOVECOT": folder}
    path = folder / "sieve.conf"
    path.write_text(render_file("dovecot/sieve.conf", known))
    return path


@pytest.fixture
def backend(tmp_path: Path) -> ScriptsBackend:
    (tmp_path / ".rules").mkdir()
    return ScriptsBackend(tmp_path, sieve_config(tmp_path))


def test_a_script_is_compiled_where_dovecot_looks_for_it(backend: ScriptsBackend, tmp_path: Path) -> None:
    proof = backend.apply(item(OWNER, "keep;\n"))
    folder = tmp_path / ".rules" / "example.test"
    assert sorted(path.name for path in folder.iterdir()) == ["ana.sieve", "ana.svbin"]
    assert (folder / "ana.sieve").read_text() == "keep;\n"
    assert "sievec" in proof.text
    backend.apply(item("example.test", "stop;\n"))
    assert (folder / "@.svbin").exists()


def test_a_new_script_has_a_new_binary(backend: ScriptsBackend, tmp_path: Path) -> None:
    folder = tmp_path / ".rules" / "example.test"
    for text in ("keep;", 'require "fileinto"; fileinto "A";', "stop;"):
        backend.apply(item(OWNER, text))
        shown = subprocess.run(
            ["sieve-dump", "-c", str(tmp_path / "sieve.conf"), str(folder / "ana.svbin"), "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert ("FILEINTO" in shown) == ("fileinto" in text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense;", "unknown command 'nonsense'"),
        ('redirect "a@b.test', "quoted string"),
        ('require "no-such-thing";', "unknown Sieve capability"),
        ("if true {", "end of file"),
    ],
)
def test_what_sievec_refuses_is_refused_with_its_words(
    backend: ScriptsBackend, tmp_path: Path, text: str, words: str
) -> None:
    backend.apply(item(OWNER, "keep;"))
    with pytest.raises(BackendError) as caught:
        backend.apply(item(OWNER, text))
    assert words in str(caught.value)
    assert caught.value.permanent
    assert str(tmp_path) not in str(caught.value)
    folder = tmp_path / ".rules" / "example.test"
    assert (folder / "ana.sieve").read_text() == "keep;", "the script before goes on"
    assert len(list(folder.iterdir())) == 2


def test_absent_removes_all(backend: ScriptsBackend, tmp_path: Path) -> None:
    backend.apply(item(OWNER, "keep;"))
    backend.apply(item(OWNER, None))
    backend.apply(item(OWNER, None))
    assert list((tmp_path / ".rules").iterdir()) == []


def test_what_is_changed_behind_its_back_is_lost(backend: ScriptsBackend, tmp_path: Path) -> None:
    proof = backend.apply(item(OWNER, "keep;"))
    held = Held(
        key=f"script/{OWNER}", kind="script", rev=1, present=True, proven=True, proof="", facts=proof.facts
    )
    assert list(backend.lost([held])) == []
    (tmp_path / ".rules" / "example.test" / "ana.sieve").write_text("discard;")
    assert list(backend.lost([held])) == [held.key]
    backend.apply(item(OWNER, None))
    assert list(backend.lost([held])) == [held.key]


@pytest.mark.parametrize("local", ["..", ".", "a" * 64, "+", "-x"])
def test_a_strange_address_stays_in_its_folder(backend: ScriptsBackend, tmp_path: Path, local: str) -> None:
    domain = f"{'d' * 60}.{'e' * 60}.{'f' * 60}.{'g' * 60}.test"
    backend.apply(item(f"{local}@{domain}", "keep;"))
    assert {path.parent for path in (tmp_path / ".rules").rglob("*.s*")} == {tmp_path / ".rules" / domain}


def test_a_script_of_the_largest_size(backend: ScriptsBackend) -> None:
    line = "# " + "x" * 1021 + "\n"
    started = time.monotonic()
    backend.apply(item(OWNER, line * 1024))
    assert time.monotonic() - started < 5


def test_the_panels_scripts_may_ask_programs_and_change_headers(backend: ScriptsBackend) -> None:
    text = 'require ["vnd.dovecot.execute", "editheader"]; if execute "known" ["x"] { addheader "X-A" "b"; }'
    backend.apply(item(OWNER, text))


def test_an_agent_that_is_root_writes_for_the_mail_user(backend: ScriptsBackend, tmp_path: Path) -> None:
    os.chown(tmp_path / ".rules", 65534, 65534)
    backend.apply(item(OWNER, "keep;"))
    owners = {path.stat().st_uid for path in (tmp_path / ".rules").rglob("*")}
    assert owners == {65534}

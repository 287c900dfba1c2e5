"""Where the state lies: in the checkout when the servers' users can get there, elsewhere when not."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import state
from deploy.stack.layout import CODE, MARKER_FILE, Failure


@pytest.fixture
def base() -> Iterator[Path]:
    """A short folder that everybody may pass, as a checkout under /srv is."""
    with tempfile.TemporaryDirectory(prefix="pr-") as name:
        path = Path(name).resolve()
        path.chmod(0o755)
        (path / "lib").mkdir()
        yield path


def test_a_folder_that_all_can_reach_is_used_as_it_is(base: Path) -> None:
    root = state.settle(base / "co" / "var", base / "lib")
    assert root == base / "co" / "var"
    assert (root / MARKER_FILE).exists()
    assert state.settle(base / "co" / "var", base / "lib") == root
    assert state.existing(base / "co" / "var") == root


@pytest.mark.parametrize("name", ["closed", "with space", "x" * 60, "quote'", "dollar$"])
def test_any_other_becomes_a_link_to_one(base: Path, name: str) -> None:
    checkout = base / name
    checkout.mkdir(mode=0o700 if name == "closed" else 0o755)
    root = state.settle(checkout / "var", base / "lib")
    assert root.parent == base / "lib"
    assert (checkout / "var").resolve() == root
    assert state.settle(checkout / "var", base / "lib") == root
    assert state.settle(checkout / "var" / "test", base / "lib") == root / "test"


def test_two_checkouts_never_share_one(base: Path) -> None:
    roots = set()
    for name in ("a b", "a  b"):
        (base / name).mkdir()
        roots.add(state.settle(base / name / "var", base / "lib"))
    assert len(roots) == 2


def test_a_folder_that_became_unreachable_is_told(base: Path) -> None:
    (base / "co").mkdir()
    state.settle(base / "co" / "var", base / "lib")
    (base / "co").chmod(0o700)
    with pytest.raises(Failure, match="cannot be reached"):
        state.settle(base / "co" / "var", base / "lib")


def test_a_folder_that_nothing_was_started_in_is_told(base: Path) -> None:
    with pytest.raises(Failure, match="nothing was ever started"):
        state.existing(base)


def test_only_one_holds_the_lock_and_a_killed_one_lets_go(base: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from deploy.stack import state\n"
        "state.lock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(base)], cwd=CODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(state.Busy) as busy:
            state.lock(base)
        assert busy.value.pid == holder.pid
        holder.kill()
    os.close(state.lock(base))

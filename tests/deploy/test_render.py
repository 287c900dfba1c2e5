"""Configuration from templates: every template renders, and no value can become a second setting."""

from __future__ import annotations

import configparser
import json
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.stack.files import TemplateError, render
from deploy.stack.layout import CODE, MARKER, SYSTEM_USER, Stack
from deploy.stack.ports import PREFERRED
from deploy.stack.program import Program, config, environment
from deploy.stack.services import agent, mail, panel, powerdns


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    names = ["secret_key", "database", "redis", "redis_mail1", "ingest_mail1", "doveadm_api", "pdns_api"]
    names += ["panel_mail", "rspamd", "metrics"]
    return Stack(
        root=tmp_path, user="root", ports=dict(PREFERRED), secrets={name: f"s-{name}" for name in names}
    )


def test_a_value_takes_its_place() -> None:
    assert render("port = @PORT@ # @PORT@, a@b, @lower@", {"PORT": 25}) == "port = 25 # 25, a@b, @lower@"


def test_a_missing_value_is_named() -> None:
    with pytest.raises(TemplateError, match="@HOST@"):
        render("@HOST@", {})


@given(st.text().filter(lambda text: any(ord(character) < 32 for character in text)))
def test_no_value_begins_a_new_line(value: str) -> None:
    with pytest.raises(TemplateError, match="control character"):
        render("name = @VALUE@", {"VALUE": value})


@given(st.text(alphabet=st.characters(blacklist_categories=["Cc", "Cs"]), max_size=60))
def test_a_value_is_taken_as_it_is(value: str) -> None:
    assert render("<@A@>", {"A": value, "B": "other"}) == f"<{value}>"


@pytest.mark.parametrize("name", mail.POSTFIX_MAPS)
def test_every_postfix_file_renders(stack: Stack, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "uid", lambda user: 999)
    text = render((CODE / "deploy" / "postfix" / name).read_text(encoding="utf-8"), mail.values(stack))
    assert "@PORT" not in text
    assert name != "master.cf" or "127.0.0.1:2025 inet n - n" in text


def test_postfix_lets_nobody_relay_by_address_and_nobody_hide_the_sender(stack: Stack) -> None:
    main = (CODE / "deploy" / "postfix" / "main.cf").read_text(encoding="utf-8")
    master = (CODE / "deploy" / "postfix" / "master.cf").read_text(encoding="utf-8")
    assert "\nmynetworks =\n" in main
    assert "smtpd_forbid_bare_newline = yes" in main
    assert master.count("check_sender_access inline:{<>=reject}") == 2
    # The fifth column: no service is chrooted.
    services = [line.split() for line in master.splitlines() if line and not line.startswith((" ", "#"))]
    assert {columns[4] for columns in services} == {"n"}


VALUES = st.dictionaries(
    st.from_regex(r"[A-Z][A-Z0-9_]{2,10}", fullmatch=True).map(lambda name: f"X_{name}"),
    st.text(alphabet=st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=40),
    max_size=4,
)


@pytest.fixture(scope="module")
def env_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("env") / "file.env"


@settings(max_examples=25)  # each starts a shell and a Python
@given(variables=VALUES)
def test_a_shell_reads_the_environment_file_back_exactly(env_file: Path, variables: dict[str, str]) -> None:
    env_file.write_bytes(agent.env_text(variables).encode())
    show = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('X_')}))"
    command = [str(CODE / "deploy" / "with-env"), str(env_file), "/usr/bin/python3", "-c", show]
    done = subprocess.run(command, capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert json.loads(done.stdout) == variables


def test_supervisord_gets_back_what_was_meant(stack: Stack, tmp_path: Path) -> None:
    command = ["/bin/echo", "100%", "a b", "it's", '"q"', "$HOME"]
    program = Program(name="odd", command=command, directory=tmp_path, ready=None)
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"))
    parser.read_string(config(stack, [program]))
    assert shlex.split(parser["program:odd"]["command"].replace("%%", "%")) == command


def test_what_supervisord_cannot_hold_is_refused(stack: Stack, tmp_path: Path) -> None:
    for argument in ("two\nlines", "a ;comment"):
        program = Program(name="odd", command=["/bin/echo", argument], directory=tmp_path, ready=None)
        with pytest.raises(ValueError, match="supervisord"):
            config(stack, [program])


def test_the_sending_limit_is_asked_for_each_recipient_and_at_the_text_and_never_costs_mail() -> None:
    main = (CODE / "deploy" / "postfix" / "main.cf").read_text(encoding="utf-8")
    master = (CODE / "deploy" / "postfix" / "master.cf").read_text(encoding="utf-8")
    (limit,) = [line for line in main.splitlines() if line.startswith("sending_limit =")]
    assert "default_action=DUNNO" in limit
    assert master.count("smtpd_end_of_data_restrictions = $sending_limit") == 2
    assert master.count("$sending_limit, permit_sasl_authenticated, reject") == 2


@pytest.mark.parametrize(
    ("resolvers", "asked"),
    [
        ("", []),
        ("192.0.2.53", ["192.0.2.53:53"]),
        ("127.0.0.1:5300,192.0.2.53", ["127.0.0.1:5300", "192.0.2.53:53"]),
        ("[2001:db8::53]:5300", ["[2001:db8::53]:5300"]),
        ("resolver:53, 192.0.2.53", ["192.0.2.53:53"]),
        ("127.0.0.1:2053", []),
    ],
)
def test_the_zones_here_are_asked_for_an_alias_before_the_resolvers(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, resolvers: str, asked: list[str]
) -> None:
    monkeypatch.setenv("RESOLVERS", resolvers)
    monkeypatch.setattr(powerdns, "system_resolvers", lambda: ["198.51.100.53"])
    asked = asked if resolvers else ["198.51.100.53:53"]
    assert powerdns.resolvers(stack) == [f"127.0.0.1:{stack.ports['dns']}", *asked]


def test_the_panel_signs_in_to_send_and_checks_who_answers(stack: Stack) -> None:
    found = panel.env(stack)
    assert found["EMAIL_HOST_USER"] == "panel@postroom.test"
    assert found["EMAIL_HOST_PASSWORD"] == "s-panel_mail"
    assert found["EMAIL_USE_SSL"] == "1"
    assert found["EMAIL_CA_FILE"] == str(stack.ca / "ca.pem")


def test_the_environments_name_what_the_readers_need(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESOLVERS", raising=False)
    assert environment(stack)[MARKER] == str(stack.root)
    node, provider = agent.env(stack), panel.env(stack)
    assert node["INGEST_URL"] == f"{provider['PANEL_URL']}/ingest/v1/events"
    assert node["DNS_SERVER"] == provider["RESOLVERS"]
    assert "s-redis_mail1" in node["AGENT_BROKER_URL"]
    # The node knows neither the database nor the panel's own Redis user.
    assert not any(stack.secrets[name] + "@" in " ".join(node.values()) for name in ("database", "redis"))
    assert MARKER not in node
    assert MARKER not in provider
    assert SYSTEM_USER in provider["DATABASE_URL"]

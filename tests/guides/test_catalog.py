"""Programs are data: whatever a file says wrong is found here, not by a customer."""

from __future__ import annotations

from pathlib import Path

import pytest

from guides.catalog import HERE, LANGUAGES, ProgramWrong, programs, read
from guides.clientconfig import client_config
from guides.devices import fitting
from guides.filling import fill, full_name

PORTS = {"imaps": 993, "imap": 143, "pop3s": 995, "pop3": 110, "submissions": 465, "submission": 587}
CONFIG = client_config("ana.luz@luna.test", host="mail1.nube.test", ports=PORTS)
# Words of our pages, none of a program's own address.
OTHER_PAGES = {"watch", "test", "share", "sheet", "mail", "which", "profile", "qr", "support"}


def test_every_file_is_read_and_no_slug_is_one_of_our_pages() -> None:
    assert set(programs()) == {path.stem for path in HERE.glob("*.toml")}
    assert not set(programs()) & OTHER_PAGES


@pytest.mark.parametrize("slug", sorted(programs()))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guide_can_be_filled_in_for_each_protocol(slug: str, language: str) -> None:
    program = programs()[slug]
    for protocol in program.protocols:
        guide = fill(program, config=CONFIG, protocol=protocol, provider="Nube", language=language)
        assert guide is not None
        assert len(guide.steps) >= 2
        words = [str(text) for step in guide.steps for text in (step.text, step.otherwise)]
        windows = [window for step in guide.steps for window in step.windows]
        words += [window.says for window in windows] + [str(one.do) for one in guide.troubles]
        assert windows, "every guide shows what its program looks like"
        assert not any("{" in word or "}" in word for word in words)


@pytest.mark.parametrize("slug", sorted(programs()))
def test_a_guide_names_the_servers_and_the_whole_address(slug: str) -> None:
    program = programs()[slug]
    for protocol in program.protocols:
        guide = fill(program, config=CONFIG, protocol=protocol, provider="Nube", language="en")
        assert guide is not None
        said = " ".join(
            [window.says for step in guide.steps for window in step.windows]
            + [step.text for step in guide.steps]
            + [one.do for one in guide.troubles]
        )
        assert "mail1.nube.test" in said
        assert "ana.luz@luna.test" in said


def test_clear_text_and_port_25_are_in_no_guide() -> None:
    for program in programs().values():
        text = (HERE / f"{program.slug}.toml").read_text()
        assert 'value = "25"' not in text
        assert 'value = "143"' not in text


def test_the_programs_offered_for_a_device_exist() -> None:
    agents = ["iPhone", "SamsungBrowser", "Android", "Macintosh", "Windows NT 10.0", "X11; Linux"]
    for agent in agents:
        assert set(fitting(agent)) <= set(programs()), agent
    assert fitting("curl/8") == ()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("ines.carrasco@luna.test", "Ines Carrasco"),
        ("hola@luna.test", "Hola"),
        ("a_b-c+d@luna.test", "A B C D"),
        ("...@luna.test", "..."),
    ],
)
def test_a_name_is_guessed_from_the_address(address: str, name: str) -> None:
    assert full_name(address) == name


FILE = """
name = "Prueba"
systems = "Linux"
group = "computer"
look = "gnome"
protocols = ["imap"]
checked = "1.0"
summary = {{ en = "A", es = "B" }}
[[step]]
text = {{ en = "Type {{in.host}}", es = "Escribe {{in.host}}" }}
{more}
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("unknown = 1", "not known here"),
        ('otherwise = { en = "only English" }', "lacks a language"),
        ('otherwise = { en = "{in.hots}", es = "{in.hots}" }', "no such value"),
        ('otherwise = { en = "{in.host}", es = "nada" }', "different values"),
        ('protocols = ["imap4"]', "is none of"),
        ('[[step.window]]\ntitle = "T"\nlook = "amiga"', "is none of"),
        ("[[step.window]]", "title"),
    ],
)
def test_a_wrong_file_says_where_it_is_wrong(tmp_path: Path, more: str, said: str) -> None:
    path = tmp_path / "prueba.toml"
    path.write_text(FILE.format(more=more))
    with pytest.raises(ProgramWrong, match=said) as wrong:
        read(path)
    assert "prueba.toml" in str(wrong.value)


def test_values_are_escaped_and_a_program_s_own_words_for_encryption_are_used(tmp_path: Path) -> None:
    path = tmp_path / "prueba.toml"
    more = 'otherwise = { en = "{in.security} **{name}**", es = "{in.security} **{name}**" }\n'
    path.write_text(FILE.format(more=more) + '[security]\ntls = { en = "On <b>", es = "Sí" }\n')
    config = client_config('"<i>x"@luna.test', host="<script>", ports=PORTS)
    guide = fill(read(path), config=config, protocol="imap", provider="P", language="en")
    assert guide is not None
    step = guide.steps[0]
    assert "<script>" not in step.text
    assert "&lt;script&gt;" in step.text
    assert "On &lt;b&gt;" in step.otherwise
    assert "<i>" not in step.otherwise.lower()


def test_a_guide_is_not_there_where_the_server_lacks_what_it_needs() -> None:
    program = programs()["thunderbird"]
    no_pop = client_config("a@luna.test", host="m.test", ports={"imaps": 993, "submissions": 465})
    assert fill(program, config=no_pop, protocol="pop3", provider="P", language="en") is None
    assert fill(program, config=no_pop, protocol="imap", provider="P", language="xx") is not None


def test_lines_of_a_file_are_not_offered_in_pieces() -> None:
    guide = fill(programs()["mutt"], config=CONFIG, protocol="imap", provider="Nube", language="en")
    assert guide is not None
    step = next(one for one in guide.steps if "neomuttrc" in one.windows[0].title)
    row = step.windows[0].rows[0]
    assert (row.kind, row.mark) == ("code", True)
    assert 'set folder = "imaps://mail1.nube.test:993/"' in row.value
    assert not step.copied
    assert "pass show" in row.value, "no password in clear text"


def test_a_program_left_to_itself_is_not_promised_pop3() -> None:
    program = programs()["thunderbird"]
    for protocol, quick in (("imap", "autoconfig"), ("pop3", "")):
        guide = fill(program, config=CONFIG, protocol=protocol, provider="P", language="en")
        assert guide is not None
        assert guide.quick == quick


def test_what_is_copied_says_what_it_is() -> None:
    guide = fill(programs()["thunderbird"], config=CONFIG, protocol="imap", provider="P", language="en")
    assert guide is not None
    labels = {one.value: one.label for step in guide.steps for one in step.copied}
    assert labels["993"] == "incoming port"
    assert labels["465"] == "outgoing port"
    assert labels["mail1.nube.test"] == "host"

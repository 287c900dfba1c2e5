"""Texts that are kept are read in the language of the reader."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from lib import dates, said
from lib.said import gettext as _
from lib.said import ngettext

NO = "%(host)s has no address yet. Add the record below; a name server needs up to an hour."


@pytest.fixture
def _spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of its own, whatever locale/ says."""
    texts = {NO: "%(host)s no tiene dirección.", "Overview": "Resumen", "%(n)d mails": "%(n)d correos"}

    def look(message: str) -> str:
        return texts.get(message, message) if translation.get_language() == "es" else message

    trans = translation._trans  # type: ignore[attr-defined]
    translation.gettext("")
    monkeypatch.setattr(trans, "gettext", look)
    monkeypatch.setattr(trans, "ngettext", lambda one, many, n: look(one if n == 1 else many))


@pytest.mark.usefixtures("_spanish")
def test_a_kept_text_is_in_the_readers_language() -> None:
    text = _(NO) % {"host": "mail.luna.test"}
    assert text.startswith("mail.luna.test has no address yet.")
    kept = said.kept(text)
    with translation.override("es"):
        assert said.read(kept) == "mail.luna.test no tiene dirección."
    with translation.override("en"):
        assert said.read(kept) == text
        assert said.kept(said.read(kept)) == kept, "saved again it is what it was"


@pytest.mark.usefixtures("_spanish")
def test_texts_join_count_and_nest() -> None:
    text = _("Overview") + ": " + ngettext("%(n)d mail", "%(n)d mails", 3) % {"n": 3}
    lazy = said.of_lazy(gettext_lazy("Overview"))
    with translation.override("es"):
        assert said.read(said.kept(text)) == "Resumen: 3 correos"
        assert said.read(said.kept(_("%(a)s!") % {"a": lazy})) == "Resumen!"


def test_a_moment_is_written_as_the_language_does() -> None:
    kept = said.kept(said.moment(dt.datetime(2026, 11, 17, 4, 51, tzinfo=dt.UTC), "j M Y, H:i"))
    assert said.read(kept) == "17 Nov 2026, 04:51"
    with translation.override("es"):
        assert said.read(kept) == "17 nov 2026, 04:51"


def test_what_does_not_fit_stays_in_its_language() -> None:
    text = _(NO) % {"host": "mail.luna.test"}
    assert said.kept(text, 30) == str(text)[:30]


@given(st.text(max_size=60))
def test_what_a_person_typed_is_never_taken_for_a_source(typed: str) -> None:
    kept = said.kept(typed)
    assert said.read(kept) == kept
    assert kept == typed.lstrip(said.MARK)


@pytest.mark.parametrize(
    "broken",
    ["", "[", "{}", '["%"]', '["_"]', '["x",1]', "[" * 5000, '["%",["_","%(a)s"],{}]', '["n","a","b","c"]'],
)
def test_a_broken_column_is_shown_as_it_is(broken: str) -> None:
    assert said.read(said.MARK + broken) == broken


@pytest.mark.parametrize(
    ("form", "spanish"),
    [
        ("j F Y, H:i", "17 de noviembre de 2026, 04:51"),
        ("j F", "17 de noviembre"),
        ("F Y", "noviembre de 2026"),
        ("j M Y", "17 nov 2026"),
        ("D j M Y, H:i", "mar 17 nov 2026, 04:51"),
        ("H:i:s", "04:51:00"),
    ],
)
def test_dates(form: str, spanish: str) -> None:
    at = dt.datetime(2026, 11, 17, 4, 51)  # noqa: DTZ001 - as written takes it: already local
    with translation.override("es"):
        assert dates.written(at, form) == spanish

"""“Was this helpful?”: one answer for a person and a page, without the person."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guides.models import Vote
from mailboxes.people import MailboxUser
from tests.factories import MailboxFactory
from tests.panel.people import Person, person
from tests.test_tenancy import _client

pytestmark = pytest.mark.django_db

HERE = "/learn/mx/"


@pytest.fixture
def ines() -> Person:
    return person()


def say(client: Client, name: str = "helpful", **values: Any) -> Any:
    return client.post(reverse(name), {"subject": "learn:mx", "helpful": "yes", "next": HERE} | values)


def test_an_answer_can_be_changed_and_stays_one(ines: Person) -> None:
    assert say(ines.client).headers["Location"] == f"{HERE}#helpful"
    say(ines.client, helpful="no", sentence=" No word of null MX. ")
    vote = Vote.objects.get()
    assert (vote.helpful, vote.sentence, vote.subject) == (False, "No word of null MX.", "learn:mx")
    say(ines.client, helpful="yes")  # the buttons alone leave the sentence
    assert Vote.objects.get().sentence == "No word of null MX."


def test_who_answered_is_not_kept(ines: Person) -> None:
    say(ines.client)
    vote = Vote.objects.values().get()
    assert ines.user.email not in str(vote)
    assert len(vote["voter"]) == 64
    assert str(ines.user.pk) != vote["voter"]


def test_two_people_have_two_answers(ines: Person) -> None:
    say(ines.client)
    say(person().client)
    box = MailboxFactory.create()
    say(_client(MailboxUser.people.get(pk=box.pk)), name="own-helpful")
    assert Vote.objects.count() == 3


def test_a_page_that_is_not_there_takes_no_answer(ines: Person) -> None:
    for subject in ("learn:nothing", "guide:nothing", "x", "learn:", "a" * 300, "learn:mx\n"):
        response = say(ines.client, subject=subject)
        assert response.status_code == 404 or subject.strip() == "learn:mx"
    assert say(ines.client, helpful="maybe").status_code == 404


def test_it_leads_nowhere_else(ines: Person) -> None:
    assert say(ines.client, next="https://evil.example/").headers["Location"] == "/learn/#helpful"


def test_a_long_or_hostile_sentence_is_harmless(ines: Person) -> None:
    say(ines.client, helpful="no", sentence="<script>" * 500)
    assert len(Vote.objects.get().sentence) == 500
    html = ines.client.get(HERE).content.decode()
    assert "<script>&lt;" not in html
    assert "<script><script>" not in html


def test_a_get_changes_nothing(ines: Person) -> None:
    assert ines.client.get(reverse("helpful")).status_code == 405
    assert not Vote.objects.exists()


def test_the_page_shows_the_answer(ines: Person) -> None:
    assert "Was this helpful?" in ines.client.get(HERE).content.decode()
    say(ines.client, helpful="no")
    html = ines.client.get(HERE).content.decode()
    assert "What is missing or wrong?" in html


def test_the_provider_reads_counts_and_sentences(ines: Person, admin_client: Client) -> None:
    say(ines.client, helpful="no", sentence="Too <b>short</b>")
    html = admin_client.get(reverse("admin:guides_vote_changelist")).content.decode()
    assert "learn:mx" in html
    assert "Too &lt;b&gt;short&lt;/b&gt;" in html
    assert Vote.objects.get().voter not in html

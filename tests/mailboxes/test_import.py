"""Import of mail from other servers, and the long work behind it, as the panel sees them."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from lib import sealing
from mailboxes.jobs.services import jobs_forget, jobs_progress
from mailboxes.models import Job, Mailbox
from nodeagent import sealing as opening
from nodeagent.contract import Progress
from provision.models import Push
from tests.factories import MailboxFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "a secret; of elsewhere"


@pytest.fixture(autouse=True)
def _no_exceptions(settings: Any) -> None:
    """Tests of imports on the servers allow this machine itself."""
    settings.IMPORT_ALLOW = []


@pytest.fixture
def box(tmp_path: Any) -> Mailbox:
    mailbox: Mailbox = MailboxFactory.create(local="ana", mail_domain__domain__name="luna.test")
    node = mailbox.mail_domain.node
    node.sealing_key = opening.make_key(tmp_path / "key")
    node.save()
    return mailbox


@pytest.fixture
def owner(box: Mailbox, client: Client) -> Client:
    membership = MembershipFactory.create(account=box.mail_domain.domain.account, role=Membership.Role.OWNER)
    client.force_login(membership.user)
    return client


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Host → address."""
    hosts = {"imap.example.com": "93.184.215.14"}

    def getaddrinfo(host: str, port: int, **_kind: Any) -> list[Any]:
        if host not in hosts:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (hosts[host], port))]

    monkeypatch.setattr("mailboxes.mailimport.places.socket.getaddrinfo", getaddrinfo)
    return hosts


def pushed(job: Job) -> dict[str, Any]:
    payload = Push.objects.get(key=f"job/{job.ident}").payload
    assert payload is not None
    return dict(payload)


def given(**values: Any) -> dict[str, Any]:
    form = {"host": "imap.example.com", "port": 993, "security": "tls", "user": "ana", "password": PASSWORD}
    return form | values


URL = "/domains/luna.test/mailboxes/ana/import/"


def test_password_is_nowhere_in_clear(owner: Client, box: Mailbox, world: Any, tmp_path: Any) -> None:
    answer = owner.post(URL, given())
    assert answer.status_code == 302, answer.content.decode()
    job = Job.objects.get()
    payload = pushed(job)
    assert payload["what"] == "import"
    assert payload["args"]["address"] == "ana@luna.test"
    assert PASSWORD not in json.dumps(payload)
    assert opening.open_sealed(tmp_path / "key", payload["sealed"], job.ident) == PASSWORD
    with pytest.raises(opening.SealingError):
        opening.open_sealed(tmp_path / "key", payload["sealed"], "another")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.0.2.25", "::1"])
def test_no_place_inside(owner: Client, world: dict[str, str], address: str) -> None:
    world["inside.example"] = address
    answer = owner.post(URL, given(host="inside.example"))
    assert answer.status_code == 200
    assert "public internet" in answer.content.decode()
    assert not Job.objects.exists()


def test_our_own_servers_are_refused(owner: Client, box: Mailbox, world: dict[str, str]) -> None:
    node = box.mail_domain.node
    node.addresses = ["93.184.215.14"]
    node.save()
    answer = owner.post(URL, given())
    assert "one of our own" in answer.content.decode()


@pytest.mark.parametrize("host", ["x\0y", "a b", "-", "/etc/passwd", "u:p@host", "\ud800", "x" * 300])
def test_bad_hosts_are_errors_at_the_field(owner: Client, world: Any, host: str) -> None:
    answer = owner.post(URL, given(host=host.encode("utf-8", "surrogatepass").decode("latin-1")))
    assert answer.status_code == 200
    assert not Job.objects.exists()


def test_outsider_finds_nothing(client: Client, box: Mailbox) -> None:
    client.force_login(UserFactory.create())
    assert client.get(URL).status_code == 404
    assert client.post(URL, given()).status_code == 404


def told(job: Job, state: str, **facts: Any) -> Progress:
    return Progress(id=job.ident, state=state, done=3, total=9, note="", facts=facts)


def test_progress_and_another_round(owner: Client, box: Mailbox, world: Any) -> None:
    owner.post(URL, given())
    job, node = Job.objects.get(), box.mail_domain.node
    folders = [{"name": "<b>INBOX", "there": 9, "fetched": 3}]
    jobs_progress(node, [told(job, "running", round=1, folders=folders)])
    assert "&lt;b&gt;INBOX" in owner.get(URL).content.decode()
    jobs_progress(node, [told(job, "done", round=1)])
    jobs_progress(node, [told(job, "running", round=1)])  # another worker had it in hand a moment longer
    job.refresh_from_db()
    assert job.state == "done"
    assert not job.ended
    act = reverse("mailbox-job", args=["luna.test", "ana", job.ident])
    owner.post(act, {"action": "again"})
    jobs_progress(node, [told(job, "done", round=1)])  # late: of the round before
    job.refresh_from_db()
    assert job.state == "waiting"
    owner.post(act, {"action": "cancel"})
    job.refresh_from_db()
    assert job.ended
    assert not job.sealed
    assert Push.objects.get(key=f"job/{job.ident}").payload is None


def test_pause_and_go_on(owner: Client, box: Mailbox, world: Any) -> None:
    owner.post(URL, given())
    job = Job.objects.get()
    act = reverse("mailbox-job", args=["luna.test", "ana", job.ident])
    owner.post(act, {"action": "pause"})
    assert pushed(job)["paused"] is True
    jobs_progress(box.mail_domain.node, [told(job, "running", round=1)])
    job.refresh_from_db()
    assert job.state == "paused"
    owner.post(act, {"action": "resume"})
    assert pushed(job)["paused"] is False


def test_kept_passwords_go(owner: Client, box: Mailbox, world: Any) -> None:
    owner.post(URL, given())
    Job.objects.update(state="done", heard_at="2020-01-01T00:00:00Z")
    assert jobs_forget() == 1
    assert not Job.objects.get().sealed


def test_plan_without_import(owner: Client, box: Mailbox, world: Any) -> None:
    account = box.mail_domain.domain.account
    account.import_mail = False
    account.save()
    owner.post(URL, given())
    assert not Job.objects.exists()


def test_many_all_or_none(owner: Client, box: Mailbox, world: Any) -> None:
    MailboxFactory.create(local="ben", mail_domain=box.mail_domain)
    url = "/domains/luna.test/import-mail/"
    place = {"host": "imap.example.com", "port": 993, "security": "tls"}
    bad = owner.post(url, place | {"lines": "ana@luna.test;a;p\nnobody@luna.test;b;q\nx"})
    page = bad.content.decode()
    assert "Line 2" in page
    assert "Line 3" in page
    assert "ana@luna.test;a;p" not in page
    assert "ana@luna.test;a;" in page
    assert not Job.objects.exists()
    assert owner.post(url, place | {"lines": "ana@luna.test;a;p;q\nben@luna.test;b;q"}).status_code == 302
    assert Job.objects.count() == 2


def test_a_key_that_is_none() -> None:
    with pytest.raises(ValueError, match=r".*"):
        sealing.seal("AAAA", "x", "y")


@pytest.mark.parametrize(
    ("state", "seconds", "minutes"),
    [("running", 61, 2), ("running", 60, 1), ("running", 0, 0), ("running", "x", 0), ("done", 61, 0)],
)
def test_what_is_left_is_said_in_minutes_while_it_runs(state: str, seconds: object, minutes: int) -> None:
    assert Job(state=state, facts={"seconds": seconds}).minutes_left == minutes

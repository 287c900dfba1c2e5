"""Apple's profiles: what is in them, that OpenSSL takes their signature, and who gets one with a password."""

from __future__ import annotations

import plistlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from deploy.stack import ca
from mailboxes.models import AppPassword, MailDomain
from mailboxes.people import BACKEND, MailboxUser
from provision.models import Push
from tests.factories import MailboxFactory, MembershipFactory
from tests.guides.auto.conftest import NAME, at

PATH = "/profile.mobileconfig"
OWN = "/mailbox/connect/profile/"


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Path:
    ca.settle(tmp_path, names=["localhost"], key_group="root")
    settings.PROFILE_SIGNING_CERT = str(tmp_path / "profiles.pem")
    settings.PROFILE_SIGNING_KEY = str(tmp_path / "profiles.key")
    return tmp_path


def verified(body: bytes, folder: Path, tool: str = "cms") -> dict[str, Any]:
    """By OpenSSL, as anybody would."""
    (folder / "signed").write_bytes(body)
    argv = [
        "openssl",
        tool,
        "-verify",
        "-inform",
        "DER",
        "-in",
        str(folder / "signed"),
        "-CAfile",
        str(folder / "ca.pem"),
    ]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = plistlib.loads(done.stdout)
    return found


@pytest.mark.parametrize("tool", ["cms", "smime"])
def test_a_signed_profile_with_the_servers_and_no_secret(luna: MailDomain, keys: Path, tool: str) -> None:
    answer = at().get(PATH, {"address": f"Ana@{NAME}"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/x-apple-aspen-config"
    assert answer["Content-Disposition"] == f'attachment; filename="ana@{NAME}.mobileconfig"'
    found = verified(answer.content, keys, tool)
    assert found["PayloadType"] == "Configuration"
    assert set(found["ConsentText"]) == {"default", "en", "es"}
    assert found["ConsentText"]["es"] or found["ConsentText"]["en"]
    (mail,) = found["PayloadContent"]
    host = luna.node.host
    assert mail["PayloadType"] == "com.apple.mail.managed"
    assert mail["EmailAccountType"] == "EmailTypeIMAP"
    assert mail["EmailAddress"] == f"ana@{NAME}"
    for side, port in (("Incoming", 993), ("Outgoing", 465)):
        assert mail[f"{side}MailServerHostName"] == host
        assert mail[f"{side}MailServerPortNumber"] == port
        assert mail[f"{side}MailServerUseSSL"] is True
        assert mail[f"{side}MailServerUsername"] == f"ana@{NAME}"
        assert mail[f"{side}MailServerAuthentication"] == "EmailAuthPassword"
        assert f"{side}Password" not in mail
    assert mail["PayloadUUID"] != found["PayloadUUID"]


def test_without_a_key_it_is_as_good_and_unsigned(luna: MailDomain, settings: Any) -> None:
    settings.PROFILE_SIGNING_CERT = settings.PROFILE_SIGNING_KEY = ""
    plain = plistlib.loads(at().get(PATH, {"address": f"ana@{NAME}"}).content)
    assert plain["PayloadContent"]


def test_pop3_for_who_asks_and_where_it_is_offered(luna: MailDomain, keys: Path) -> None:
    found = verified(at().get(PATH, {"address": f"ana@{NAME}", "protocol": "pop3"}).content, keys)
    assert found["PayloadContent"][0]["EmailAccountType"] == "EmailTypePOP"
    luna.domain.account.pop3 = False
    luna.domain.account.save(update_fields=["pop3"])
    assert at().get(PATH, {"address": f"ana@{NAME}", "protocol": "pop3"}).status_code == 404


def test_the_same_each_time_and_for_who_has_no_mailbox(luna: MailDomain, keys: Path) -> None:
    MailboxFactory.create(mail_domain=luna, local="ana")
    there, again, gone = (
        verified(at().get(PATH, {"address": f"{local}@{NAME}"}).content, keys)
        for local in ("ana", "ana", "eva")
    )
    assert there == again
    assert there["PayloadUUID"] != gone["PayloadUUID"]
    for one in (there, gone):
        one["PayloadUUID"] = one["PayloadContent"][0]["PayloadUUID"] = ""
    assert repr(there) == repr(gone).replace("eva", "ana")


def test_an_unknown_domain_is_a_404(luna: MailDomain) -> None:
    assert at().get(PATH, {"address": "ana@nobody.example"}).status_code == 404
    assert at(f"autoconfig.{NAME}").get(PATH, {"address": f"ana@{NAME}"}).status_code == 200


@pytest.fixture
def ana(luna: MailDomain) -> Client:
    MailboxFactory.create(mail_domain=luna, local="ana")
    client = at()
    user, session = MailboxUser.people.get(address=f"ana@{NAME}"), client.session
    session.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND})
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client


def test_a_password_for_its_owner_there_and_then(ana: Client, keys: Path) -> None:
    assert ana.get(OWN).status_code == 200
    assert not AppPassword.objects.exists()
    answer = ana.post(OWN, {"label": "iPhone of Ana", "protocol": "imap"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    mail = verified(answer.content, keys)["PayloadContent"][0]
    row = AppPassword.objects.get()
    assert (row.label, row.imap, row.smtp, row.pop3, row.sieve) == ("iPhone of Ana", True, True, False, False)
    assert mail["IncomingPassword"] == mail["OutgoingPassword"]
    assert mail["IncomingPassword"].startswith(row.key)
    assert Push.objects.filter(key=f"login/ana@{NAME}/{row.key}").exists()
    assert mail["IncomingPassword"] not in repr(list(Push.objects.values_list("payload", flat=True)))


def test_what_is_wrong_comes_back_at_its_field(ana: Client) -> None:
    for label in ("", "x\x00y", "a" * 500):
        answer = ana.post(OWN, {"label": label})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/html")
    assert not AppPassword.objects.exists()


def test_nobody_else_has_one_made(luna: MailDomain, ana: Client) -> None:
    owner = MembershipFactory.create(account=luna.domain.account).user
    client = at()
    assert client.get(OWN).status_code == 302
    client.force_login(owner, backend="accounts.backends.PersonBackend")
    assert client.get(OWN).status_code == 404
    assert client.post(OWN, {"label": "x"}).status_code == 404
    assert not AppPassword.objects.exists()

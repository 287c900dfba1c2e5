"""Every address of the panel × everybody who may come to it. A new address is in no line of TABLE, and fails
until somebody has decided who may open it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from accounts.team import invitations
from tests.accounts.house import PEOPLE, House, browser, house
from tests.undoing import undone

pytestmark = pytest.mark.django_db

DAY = 24 * 3600
ABOVE = {"reseller owner", "reseller manager"}
WHOLE = {"owner", "manager"} | ABOVE
MANAGERS = WHOLE | {"manager here"}
CREATORS = {"creator", "creator here", "reseller creator"}
READERS = {"reader", "reseller reader"}
MEMBERS = MANAGERS | CREATORS | READERS
OTHERS = {"creator there", "stranger", "other reseller"}  # nothing of one.test is theirs: 404
EVERYBODY = set(PEOPLE)
RESELLERS = ABOVE | {"other reseller"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """``may``: who gets ``get`` and ``post`` (a status); of the others those in ``sees`` get 403 and the rest
    404; ``looks`` may ``get`` it as well and are refused the ``post``; ``elsewhere`` are led to another page.
    405: nobody gets anything by this method. ``data`` is posted, ``query`` stands behind the address."""

    may: set[str]
    sees: set[str] = field(default_factory=lambda: MEMBERS)
    get: int = 200
    post: int = 405
    data: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    elsewhere: set[str] = field(default_factory=set)
    looks: set[str] = field(default_factory=set)

    def expects(self, who: str, method: str) -> set[int]:
        code: int = getattr(self, method)
        if code == 405:
            return {401, 403, 404, 405}
        if who in self.elsewhere:
            return {302}
        if who in self.may or (method == "get" and who in self.looks):
            return {code}
        return {403} if who in self.sees else {404}


def _anybody(**values: Any) -> Line:
    return Line(may=EVERYBODY, sees=EVERYBODY, **values)


def _own(may: set[str], **values: Any) -> Line:
    """About what is one's own: who has nothing of the kind sees that it is there, and may not."""
    return Line(may=may, sees=EVERYBODY, **values)


LOOK, SETTINGS, MAKE = MEMBERS, MANAGERS | READERS, MANAGERS | CREATORS
TEAM = WHOLE | {"stranger", "other reseller"}
ACCOUNTS = TEAM | READERS
SEEN = MEMBERS | {"creator there"}  # the account, if not the domain
WAITING = WHOLE | READERS | {"creator", "reseller creator"}  # what is no domain yet is for all of it alone
CLIENT = Line(may=ABOVE, sees=SEEN)
CLIENT_FORM = replace(CLIENT, post=200)
PLAN = Line(may=ABOVE, sees={"reseller creator", "reseller reader"}, post=200)
BRAND = Line(may=RESELLERS, sees={"reseller creator", "reseller reader"}, get=405, post=302)
NOBODY = Line(may=set(), sees=set())
TABLE: dict[str, Line] = {
    "home": _anybody(),
    "search": _anybody(),
    "learn": _anybody(),
    "support": _anybody(post=200),
    "learn-article": _anybody(),
    "learn-glossary": _anybody(),
    "learn-which": _anybody(),
    "helpful": _anybody(get=405, post=302, data={"subject": "learn:mx", "helpful": "yes"}),
    "profile": _anybody(post=302, data={"name": "Somebody"}),
    "theme": _anybody(get=405, post=302),
    "language": _anybody(post=302),
    "notices": _anybody(post=302),
    "health-live": _anybody(),
    "health-ready": _anybody(),
    "metrics": Line(may=set(), sees=set(), get=404, post=405),
    # one domain
    "domain-add": _own(TEAM, post=200),
    "domain-overview": Line(may=SETTINGS, elsewhere=CREATORS),
    "domain-delete": Line(may=WHOLE, post=200),
    "domain-suspend": Line(may=MANAGERS, post=200),
    "domain-resume": Line(may=MANAGERS, post=302),
    "domain-proof": Line(may=WHOLE | READERS, sees=WAITING),
    "mailboxes": Line(may=LOOK),
    "mailbox-new": Line(may=MAKE, post=200),
    "mailboxes-import": Line(may=MAKE, post=422),
    "mailboxes-import-one": Line(may={"owner"}, sees=READERS),
    "mailboxes-import-bad": Line(may={"owner"}, sees=READERS),
    "mailboxes-import-columns": Line(may={"owner"}, sees=READERS, get=405, post=302),
    "mailboxes-import-confirm": Line(may={"owner"}, sees=READERS, get=405, post=302),
    "mailboxes-import-discard": Line(may={"owner"}, sees=READERS, get=405, post=302),
    "mailboxes-bulk": Line(may=MANAGERS, get=302, post=302),
    "mailbox": Line(may=LOOK),
    "mailbox-password": Line(may=MAKE, post=200),
    "mailbox-import": Line(may=MANAGERS, post=200),
    "mailbox-job": Line(may=MANAGERS, get=405, post=404),
    "mailbox-archives": Line(may=MANAGERS, post=302),
    "mailbox-archives-restore": Line(may=MANAGERS, get=405, post=200),
    "mailbox-archive": Line(may=MANAGERS, get=404),
    "import-mail": Line(may=MANAGERS, post=200),
    "forwarders": Line(may=SETTINGS),
    "forwarder-new": Line(may=MANAGERS, post=200),
    "forwarders-bulk": Line(may=MANAGERS, get=302, post=302),
    "forwarder": Line(may=MANAGERS, post=200),
    "forwarder-delete": Line(may=MANAGERS, post=302),
    "forwarder-ask": Line(may=MANAGERS, get=405, post=404),
    "catch-all": Line(may=MANAGERS, post=200),
    "domain-aliases": Line(may=MANAGERS, post=200),
    "mailbox-forwarding": Line(may=MANAGERS, post=302),
    "forward-confirm": Line(may=set(), sees=set(), post=404),
    # what mail programs and phones ask for, whoever is signed in there
    "autoconfig": _anybody(query="?emailaddress=ana@one.test"),
    "autoconfig-well-known": _anybody(query="?emailaddress=ana@one.test"),
    "autodiscover": _anybody(post=400),
    "autodiscover-json": _anybody(query="?Email=ana@one.test&Protocol=AutodiscoverV1"),
    "profile-file": _anybody(query="?address=ana@one.test"),
    "setup-start": _anybody(),
    "share": Line(may=set(), sees=set()),  # no link of anybody
    "share-guide": Line(may=set(), sees=set()),
    "setup": _anybody(),
    "setup-code": _anybody(),
    "setup-code-thunderbird": _anybody(),
    "mailbox-storage": Line(may=LOOK),
    "mailbox-storage-largest": Line(may=MANAGERS),
    "mailbox-storage-sender": Line(may=LOOK),
    "mailbox-storage-clean": Line(may=MANAGERS, post=302),
    "domain-storage": Line(may=LOOK),
    "mailbox-spam": Line(may=MANAGERS, post=302),
    "mailbox-quarantine": Line(may=MANAGERS, post=302),
    "domain-spam": Line(may=MANAGERS, post=302),
    "domain-quarantine": Line(may=MANAGERS, post=405),
    "forwarder-quarantine": Line(may=MANAGERS, post=302),
    "mailbox-autoresponder": Line(may=MANAGERS, post=422),
    "mailbox-filters": Line(may=MANAGERS),
    "mailbox-filter-new": Line(may=MANAGERS, post=422),
    "mailbox-filters-test": Line(may=MANAGERS, get=302, post=200),
    "mailbox-filters-script-off": Line(may=MANAGERS, get=405, post=302),
    "mailbox-filter": Line(may=MANAGERS, post=422),
    "mailbox-filter-move": Line(may=MANAGERS, get=405, post=302),
    "mailbox-filter-switch": Line(may=MANAGERS, get=405, post=302),
    "mailbox-filter-delete": Line(may=MANAGERS, post=302),
    "domain-filters": Line(may=MANAGERS),
    "domain-filter-new": Line(may=MANAGERS, post=422),
    "domain-filters-test": Line(may=MANAGERS, get=302, post=200),
    "domain-filter": Line(may=MANAGERS, post=422),
    "domain-filter-move": Line(may=MANAGERS, get=405, post=302),
    "domain-filter-switch": Line(may=MANAGERS, get=405, post=302),
    "domain-filter-delete": Line(may=MANAGERS, post=302),
    "mailbox-quota": Line(may=MANAGERS, post=200),
    "mailbox-suspend": Line(may=MANAGERS, post=200),
    "mailbox-resume": Line(may=MANAGERS, post=302),
    "mailbox-sending": Line(may=MANAGERS, looks=LOOK, post=302),
    "domain-sending": Line(may=MANAGERS, looks=READERS, post=302),
    "mailbox-delete": Line(may=MANAGERS, post=302),
    "mailbox-restore": Line(may=MANAGERS, post=302),
    "mailbox-rename": Line(may=MANAGERS, post=200),
    "mailbox-deliveries": Line(may=SETTINGS),
    "mailbox-sign-ins": Line(may=SETTINGS),
    "mailbox-vanished": Line(may=SETTINGS),
    "mailbox-app-passwords": Line(may=MAKE),
    "mailbox-app-password-new": Line(may=MAKE, post=200),
    "mailbox-app-password-revoke": Line(may=MAKE, post=302),
    "mailbox-identities": Line(may=MANAGERS, post=200),
    "mailbox-identity-remove": Line(may=MANAGERS, get=405, post=302),
    "mailbox-protocols": Line(may=MANAGERS, post=302),
    "websites": Line(may=MANAGERS),
    "website-new": Line(may=MANAGERS, post=200),
    "website": Line(may=MANAGERS),
    "website-change": Line(may=MANAGERS, post=200),
    "website-renew": Line(may=MANAGERS, post=200),
    "website-revoke": Line(may=MANAGERS, post=302),
    "website-test": Line(may=MANAGERS, get=405, post=200),
    "stopped": Line(may=MANAGERS),
    "stopped-review": Line(may=MANAGERS, get=302, post=302),
    "stopped-passwords": Line(may=MANAGERS, get=302, post=302),
    "stopped-queue": Line(may=MANAGERS, get=302, post=302),
    "stopped-release": Line(may=MANAGERS, get=302, post=200),
    "zone": Line(may=SETTINGS),
    "zone-record-new": Line(may=MANAGERS, post=422, query="?type=A"),
    "zone-mx": Line(may=MANAGERS, post=302),
    "zone-records-delete": Line(may=MANAGERS, get=405, post=302),
    "zone-records-ttl": Line(may=MANAGERS, get=302, post=302),
    "zone-draft-item": Line(may=MANAGERS, get=302, post=302),
    "zone-preview": Line(may=MANAGERS, post=422),
    "zone-discard": Line(may=MANAGERS, get=302, post=302),
    "zone-rebase": Line(may=MANAGERS, get=405, post=302),
    "zone-draft-drop": Line(may=MANAGERS, get=405, post=302),
    "zone-versions": Line(may=SETTINGS),
    "zone-versions-compare": Line(may=SETTINGS, get=302),
    "zone-version": Line(may=SETTINGS),
    "zone-version-restore": Line(may=MANAGERS, get=405, post=302),
    "zone-version-undo": Line(may=MANAGERS, get=405, post=302),
    "zone-record": Line(may=MANAGERS, post=422),
    "zone-import": Line(may=MANAGERS, post=422),
    "zone-transfer": Line(may=MANAGERS, post=422),
    "zone-export": Line(may=SETTINGS),
    "zone-hand-back": Line(may=MANAGERS, get=405, post=302),
    "zone-presets": Line(may=SETTINGS),
    "zone-preset": Line(may=MANAGERS, post=302),
    "zone-switch": Line(may=SETTINGS),
    "zone-switch-draft": Line(may=MANAGERS, get=405, post=302),
    "zone-mx-states": Line(may=SETTINGS),
    "routing": Line(may=SETTINGS),
    "routing-set": Line(may=MANAGERS, get=302, post=302, data={"mode": "local"}),
    "routing-look": Line(may=MANAGERS, get=405, post=302),
    "zone-servers": Line(may=SETTINGS),
    "zone-servers-look": Line(may=SETTINGS, get=405, post=302),
    "zone-servers-take": Line(may=MANAGERS, get=405, post=302),
    "zone-dnssec": Line(may=SETTINGS),
    "zone-dnssec-on": Line(may=MANAGERS, get=405, post=302),
    "zone-dnssec-off": Line(may=MANAGERS, get=302, post=302),
    "zone-dnssec-roll": Line(may=MANAGERS, get=405, post=302),
    "zone-dnssec-finish": Line(may=MANAGERS, get=405, post=302),
    "zone-dnssec-cancel": Line(may=MANAGERS, get=405, post=302),
    "zone-dnssec-look": Line(may=SETTINGS, get=405, post=302),
    "track": Line(may=SETTINGS),
    "sign-ins": Line(may=SETTINGS),
    "alerts": Line(may=SETTINGS),
    "alert-change": Line(may=MANAGERS, get=405, post=302, data={"do": "day"}),
    "track-charts": Line(may=SETTINGS),
    "track-charts-export": Line(may=SETTINGS),
    "track-news": Line(may=SETTINGS, get=204),
    "track-message": Line(may=SETTINGS),
    "track-export": Line(may=SETTINGS),
    "track-filters": Line(may=SETTINGS, get=405, post=302),
    "track-filter-delete": Line(may=set(), sees=CREATORS, get=405, post=302),  # nobody's: 404
    "track-notices": Line(may=MANAGERS, get=405, post=302),
    "queue": Line(may=SETTINGS),
    "queue-do": Line(may=MANAGERS, get=405, post=302),
    "connect": Line(may=SETTINGS),
    "domain-learn": Line(may=SETTINGS),
    "domain-learn-article": Line(may=SETTINGS),
    "domain-learn-glossary": Line(may=SETTINGS),
    "domain-learn-which": Line(may=SETTINGS),
    "mailbox-connect": Line(may=SETTINGS),
    "mailbox-connect-guide": Line(may=SETTINGS),
    "checklist": Line(may=SETTINGS),
    "mailbox-checklist": Line(may=SETTINGS),
    "mailbox-connect-watch": Line(may=SETTINGS),
    "mailbox-connect-test": Line(may=SETTINGS, post=200),
    "mailbox-connect-hand": Line(may=SETTINGS),
    "mailbox-connect-share": Line(may=MANAGERS, get=405, post=302, data={"days": "7"}),
    "mailbox-connect-share-end": Line(may=set(), sees=CREATORS, get=405, post=302),  # nobody's: 404
    "mailbox-connect-send": Line(
        may=MANAGERS, get=405, post=302, data={"to": "ana@elsewhere.example", "language": "en"}
    ),
    "mailbox-connect-sheet": Line(may=SETTINGS),
    "mailbox-connect-sheet-pdf": Line(may=SETTINGS),
    "push-retry": Line(may=MANAGERS, get=405, post=302),
    "push-badge": Line(may=LOOK, sees=set(), query="?key=mailbox/ana@one.test"),
    # all that is one's own
    "track-all": _own(SETTINGS | {"stranger", "other reseller"}),
    "sign-ins-all": _own(SETTINGS | {"stranger", "other reseller"}),
    "alerts-all": _own(SETTINGS | {"stranger", "other reseller"}),
    "alert-change-all": Line(
        may=MANAGERS, sees=CREATORS | READERS | {"creator there"}, get=405, post=302, data={"do": "day"}
    ),
    "queue-all": _own(SETTINGS | {"stranger", "other reseller"}),
    "queue-all-do": _own(MANAGERS | {"stranger", "other reseller"}, get=405, post=302),
    "queue-headers": NOBODY,
    "track-all-charts": _own(SETTINGS | {"stranger", "other reseller"}),
    "track-all-charts-export": _own(SETTINGS | {"stranger", "other reseller"}),
    "track-all-news": _own(SETTINGS | {"stranger", "other reseller"}, get=204),
    "track-all-message": Line(may=SETTINGS, sees=CREATORS | {"creator there"}),
    "track-all-export": _own(SETTINGS | {"stranger", "other reseller"}),
    "track-all-filters": _own(SETTINGS | {"stranger", "other reseller"}, get=405, post=302),
    "track-all-filter-delete": Line(may=set(), sees=CREATORS | {"creator there"}, get=405, post=302),
    "track-all-notices": _own(MANAGERS | {"stranger", "other reseller"}, get=405, post=302),
    "activity": _own(ACCOUNTS),
    "activity-export": _own(ACCOUNTS),
    "limits": _own(ACCOUNTS),
    "team": _own(TEAM),
    "team-invite": _own(TEAM, post=200),
    "team-change": Line(may=WHOLE, sees=SEEN, post=200),
    "team-remove": Line(may=WHOLE | {"reader"}, sees=SEEN, post=302),
    "invitation-resend": Line(may=WHOLE, sees=SEEN, get=405, post=302),
    "invitation-revoke": Line(may=WHOLE, sees=SEEN, get=405, post=302),
    "invitation": Line(may=EVERYBODY, post=403),
    # a reseller's clients
    "clients": _own(RESELLERS),
    "client-new": _own(RESELLERS, post=200),
    "clients-export": _own(RESELLERS),
    "clients-bulk": _own(RESELLERS, get=405, post=302),
    "client": CLIENT,
    "client-charts": CLIENT,
    "client-charts-export": CLIENT,
    "client-name": CLIENT_FORM,
    "client-plan": CLIENT_FORM,
    "client-limits": CLIENT_FORM,
    "client-suspend": CLIENT_FORM,
    "client-resume": replace(CLIENT, get=405, post=302),
    "client-delete": CLIENT_FORM,
    "client-restore": replace(CLIENT, get=405, post=302),
    "client-act": replace(CLIENT, post=302),
    "acting-stop": _anybody(get=405, post=302),
    "plans": _own(RESELLERS),
    "plan-new": _own(RESELLERS, post=200),
    "plan": PLAN,
    "plan-copy": PLAN,
    "plan-delete": replace(PLAN, post=302),
    "zone-templates": _own(RESELLERS),
    "zone-template-new": _own(RESELLERS, post=422),
    "zone-template": replace(PLAN, post=422),
    "zone-template-delete": replace(PLAN, post=302),
    "zone-template-default": replace(PLAN, get=405, post=302),
    "zone-template-zones": replace(PLAN, post=302),
    "zone-rollout": replace(PLAN, post=302),
    "zone-rollout-again": replace(PLAN, get=405, post=302),
    "branding": replace(BRAND, get=200, post=200),
    "branding-logo-delete": BRAND,
    "branding-look": BRAND,
    "brand-css": _anybody(),
    "brand-logo": Line(may=set(), sees=set()),
    # domains that wait for proof
    "domain-proof-look": Line(may=WHOLE, sees=WAITING, get=405, post=302),
    "domain-proof-drop": Line(may=WHOLE, sees=WAITING, get=405, post=302),
    "domain-proof-accept": Line(may=ABOVE, sees=WAITING, get=405, post=302),
    # for nobody of these: mailbox users, nodes, the web server
    "own": NOBODY,
    "own-badge": NOBODY,
    "own-password": replace(NOBODY, post=404),
    "own-spam": replace(NOBODY, post=404),
    "own-quarantine": replace(NOBODY, post=404),
    "own-autoresponder": replace(NOBODY, post=404),
    "own-filters": NOBODY,
    "own-filter-new": replace(NOBODY, post=404),
    "own-filters-test": replace(NOBODY, post=404),
    "own-filters-script-off": replace(NOBODY, get=405, post=404),
    "own-filter": replace(NOBODY, post=404),
    "own-filter-move": replace(NOBODY, get=405, post=404),
    "own-filter-switch": replace(NOBODY, get=405, post=404),
    "own-filter-delete": replace(NOBODY, post=404),
    "own-connect": NOBODY,
    "own-learn": NOBODY,
    "own-learn-article": NOBODY,
    "own-learn-glossary": NOBODY,
    "own-learn-which": NOBODY,
    "own-helpful": replace(NOBODY, get=405, post=404),
    "own-connect-guide": NOBODY,
    "own-checklist": NOBODY,
    "own-connect-watch": NOBODY,
    "own-connect-test": replace(NOBODY, post=404),
    "own-connect-hand": NOBODY,
    "own-connect-share": replace(NOBODY, get=405, post=404),
    "own-connect-share-end": replace(NOBODY, get=405, post=404),
    "own-connect-send": replace(NOBODY, get=405, post=404),
    "own-connect-sheet": NOBODY,
    "own-connect-sheet-pdf": NOBODY,
    "own-support": replace(NOBODY, post=404),
    "own-connect-profile": replace(NOBODY, post=404),
    "own-app-passwords": NOBODY,
    "own-app-password-new": replace(NOBODY, post=404),
    "own-app-password-revoke": replace(NOBODY, post=404),
    "own-identities": replace(NOBODY, post=404),
    "own-identity-remove": replace(NOBODY, get=405, post=404),
    "own-protocols": replace(NOBODY, post=404),
    "own-import": NOBODY,
    "own-job": NOBODY,
    "own-archives": NOBODY,
    "own-archives-restore": NOBODY,
    "own-archive": NOBODY,
    "archive-node": NOBODY,
    "own-forwarding": replace(NOBODY, post=404),
    "own-storage": NOBODY,
    "own-sending": replace(NOBODY, post=404),
    "own-storage-largest": NOBODY,
    "own-storage-sender": NOBODY,
    "own-storage-clean": replace(NOBODY, post=404),
    "own-sign-ins": NOBODY,
    "own-vanished": NOBODY,
    "own-deliveries": NOBODY,
    "own-delivery": NOBODY,
    "asleep": _anybody(get=302),
    "ingest": Line(may=set(), sees=EVERYBODY, get=405, post=405),
    "ingest-health": Line(may=set(), sees=EVERYBODY, get=405, post=405),
    "ingest-join": Line(may=set(), sees=EVERYBODY, get=405, post=405),
    "tls-ask": NOBODY,
}


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def _ours() -> dict[str, URLPattern]:
    """allauth's pages are about the visitor alone, the desk is for staff: tests/test_tenancy.py."""
    return {
        str(pattern.name): pattern
        for route, pattern in _walk(get_resolver().url_patterns)
        if not route.startswith(("accounts/", "admin/"))
    }


def _path(world: House, name: str) -> str:
    things = world.things
    pk = {
        "push-retry": things["push"].pk,
        "track-message": things["entry"].pk,
        "track-all-message": things["entry"].pk,
    }.get(name, things["plan"].pk if name.startswith("plan") else world.account.pk)
    known = {
        "name": "three.test" if name.startswith("domain-proof") else "one.test",
        "local": "gone" if name == "mailbox-restore" else "ana",
        "record": things["record"].pk,
        "item": 1,
        "saved": 1,
        "version": things["version"].pk,
        "preset": "google",
        "template": things["rollout"].template_id,
        "rollout": things["rollout"].pk,
        "member": world.places["reader"].pk,
        "asked": things["invitation"].pk,
        "bulk": things["bulk"].pk,
        "stop": things["stop"].pk,
        "rule": things["rule"].pk,
        "domain_rule": things["domain_rule"].pk,
        "app": things["app"].pk,
        "ident": "0" * 32,
        "identity": things["identity"].pk,
        "website": things["website"].pk,
        "token": invitations.token_of(things["invitation"]),
        "pk": pk,
        "light": "112233",
        "dark": "ddeeff",
        "sha": "0" * 64,
        "node": "mail1",
        "queue_id": "4XyZabcdef",
        "alert": things["alert"].pk,
        "slug": "mx",
        "program": "thunderbird",
        "address": "ana@one.test",
    }
    wanted = _ours()[name].pattern.converters
    return reverse(name, kwargs={key: known[key] for key in wanted}) + TABLE[name].query


def test_every_address_is_in_the_table() -> None:
    assert set(_ours()) == set(TABLE)


@pytest.fixture(autouse=True)
def _no_metrics(settings: Any) -> None:
    """As where nobody asked for them; with a token see tests/panel/test_metrics.py."""
    settings.METRICS_TOKEN = ""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """One house for all: each test works inside it and takes back what it did."""
    with django_db_blocker.unblock(), undone():
        yield house()


@pytest.fixture(scope="module")
def sessions(world: House, django_db_blocker: Any) -> dict[str, str]:
    """Everybody has signed in once, and lately enough for all the tests."""
    with django_db_blocker.unblock():
        clients = {who: world.client(who, ahead=DAY) for who in PEOPLE}
    return {who: client.cookies[settings.SESSION_COOKIE_NAME].value for who, client in clients.items()}


def come_back(session: str) -> Client:
    client = browser()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", TABLE)
def test_who_may_open_it(world: House, sessions: dict[str, str], name: str, method: str) -> None:
    path, line = _path(world, name), TABLE[name]
    wrong = {}
    for who in PEOPLE:
        client = come_back(sessions[who])
        with undone():
            code = getattr(client, method)(path, line.data if method == "post" else None).status_code
        if code not in line.expects(who, method):
            wrong[who] = (code, line.expects(who, method))
    assert not wrong, (method.upper(), path)


PAGES = ["home", "domain-overview", "mailboxes", "mailbox", "zone", "track", "connect", "team", "profile"]


@pytest.mark.parametrize("who", sorted(MEMBERS))
def test_no_page_offers_what_would_be_refused(world: House, who: str) -> None:
    """Every link is followed, and every form leads to what this person may send."""
    client = world.client(who)
    refused: set[tuple[str, str]] = set()
    seen: set[str] = set()
    for name in PAGES:
        page = client.get(_path(world, name), follow=True)
        if page.status_code == 403:  # not offered to them: the table says who
            continue
        text = page.content.decode()
        found = map(html.unescape, re.findall(r'(?:href|hx-get)="(/[^"#]*)"', text))
        links = {link for link in found if "static" not in link}
        for link in links - seen:
            if client.get(link).status_code in {403, 404}:
                refused.add((name, link))
        seen |= links
        for action in re.findall(r'<form[^>]*method="post"[^>]*action="(/[^"?]*)', text):
            line = TABLE.get(str(resolve(action).url_name))
            if line is not None and who not in line.may:
                refused.add((name, action))
    assert not refused
    assert len(seen) > 5

"""A reseller, Rosa's, with a plan and a client on it."""

from __future__ import annotations

import pytest

from accounts.clients import account_new
from accounts.clients.plans import plan_create
from accounts.models import Account, Plan
from tests.factories import ResellerFactory
from tests.panel.clienthouse import POOL
from tests.panel.people import Person, person


@pytest.fixture
def rosa() -> Person:
    return person(ResellerFactory.create(name="Nube", **POOL))


@pytest.fixture
def small(rosa: Person) -> Plan:
    return plan_create(actor=None, reseller=rosa.account, name="Small", max_domains=2, max_mailboxes=10)


@pytest.fixture
def sol(rosa: Person, small: Plan) -> Account:
    return account_new(actor=None, reseller=rosa.account, name="Taller Sol", plan=small)

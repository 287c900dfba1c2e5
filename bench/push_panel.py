"""Makes, pushes, counts and removes the mailboxes of bench/push.py and bench/rebuild.py in the panel's
database. Each line in is one JSON object, and each line out its answer. Started by bench.listing_start."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pgtrigger
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Account, Domain, Membership, User
from mailboxes import services
from mailboxes.desired import mail_domain_state
from mailboxes.models import Mailbox, MailDomain
from nodeagent import contract
from provision.models import Node, Push
from provision.services import Wanted, push_enqueue, push_enqueue_rows

ROOM = {"max_domains": 10_000, "max_mailboxes": 1_000_000, "storage_mb": 1_000_000_000}

# Every other column of the table takes its default.
_GIVEN = ("mail_domain_id", "address", "local", "password_hash", "home", "quota_mb", "created_at")
_MAKE = """
    INSERT INTO mailboxes_mailbox ({columns})
    SELECT mail.id, 'box' || lpad(number::text, 6, '0') || '@' || domain.name,
           'box' || lpad(number::text, 6, '0'), %s,
           domain.name || '/box' || lpad(number::text, 6, '0'), 50, now(){defaults}
    FROM mailboxes_maildomain AS mail JOIN accounts_domain AS domain ON domain.id = mail.domain_id,
         generate_series(1, %s) AS number
    WHERE domain.account_id = %s
"""
# As mailboxes.bulk.making says it of the rows of an import.
_WANTED = """
    WITH wanted AS MATERIALIZED (
        SELECT home.node_id AS node, %(kind)s || '/' || box.address AS key, %(kind)s AS kind,
               home.domain_id AS domain, NULL::timestamptz AS not_before,
               CASE WHEN %(absent)s THEN NULL ELSE jsonb_build_object(
                   'address', box.address, 'password_hash', box.password_hash, 'home', box.home,
                   'quota_mb', box.quota_mb, 'sign_in', NOT box.no_sign_in, 'receive', NOT box.no_receive,
                   'send', NOT box.no_send, 'reason', box.suspended_reason, 'imap', box.imap,
                   'pop3', box.pop3, 'smtp', box.smtp, 'sieve', box.sieve) END AS payload
        FROM mailboxes_mailbox AS box JOIN mailboxes_maildomain AS home ON home.id = box.mail_domain_id
             JOIN accounts_domain AS domain ON domain.id = home.domain_id
        WHERE domain.account_id = %(account)s
        ORDER BY home.node_id, box.address COLLATE "C")
"""
_STATE = """
    SELECT count(*), count(*) FILTER (WHERE desired_rev > applied_rev),
           count(*) FILTER (WHERE desired_rev > applied_rev AND last_error <> ''),
           COALESCE(sum(attempts), 0), max(last_error)
    FROM provision_push WHERE node_id = %s AND domain_id = ANY(%s)
"""


class Made:
    """The account of one run, its domains and mailboxes, all on one node."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.node = Node.objects.get(name=sys.argv[3])
        self.domains: list[int] = []
        self.account: Account | None = None
        self.user: User | None = None

    def make(self, asked: dict[str, Any]) -> dict[str, Any]:
        """``domains`` with ``boxes`` mailboxes each; nothing of it is pushed. Their names."""
        with transaction.atomic(), pgtrigger.ignore():
            self.account = Account.objects.create(name=f"bench {self.tag}", **ROOM)
            self.user = User.objects.create_user(f"bench-{self.tag}@people.test", None, name="Bench")
            Membership.objects.create(account=self.account, user=self.user)
            names = [f"b{number:03}-{self.tag}.test" for number in range(asked["domains"])]
            domains = Domain.objects.bulk_create(
                Domain(account=self.account, name=name, display_name=name) for name in names
            )
            later = timezone.now() + timedelta(days=1)  # nobody asks the DNS for them
            MailDomain.objects.bulk_create(
                MailDomain(domain=domain, node=self.node, next_look_at=later) for domain in domains
            )
            self._boxes(asked["boxes"], asked["hash"])
        self.domains = [domain.pk for domain in domains]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE mailboxes_mailbox")
        return {"names": names}

    def adopt(self, _asked: dict[str, Any]) -> dict[str, Any]:
        """Take over what an earlier run of this tag left, to remove it."""
        self.account = Account.objects.get(name=f"bench {self.tag}")
        self.user = User.objects.filter(email=f"bench-{self.tag}@people.test").first()
        self.domains = list(Domain.objects.filter(account=self.account).values_list("pk", flat=True))
        return {}

    def _boxes(self, count: int, password_hash: str) -> None:
        account = self.account.pk if self.account else 0
        others = [field for field in Mailbox._meta.concrete_fields if field.column not in {"id", *_GIVEN}]
        columns = ", ".join(f'"{name}"' for name in (*_GIVEN, *(field.column for field in others)))
        statement = _MAKE.format(columns=columns, defaults=", %s" * len(others))  # names of our own model
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('activity.told', 'on', true)")
            values = [field.get_default() for field in others]
            cursor.execute(statement, [password_hash, *values, count, account])

    def push_domains(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = MailDomain.objects.filter(domain__in=self.domains).select_related("domain__account__reseller")
        push_enqueue(
            actor=None,
            wanted=[
                Wanted(
                    node=self.node,
                    kind=contract.MailDomain.KIND,
                    key=f"{contract.MailDomain.KIND}/{row.domain.name}",
                    state=None if asked["absent"] else mail_domain_state(row),
                    domain=row.domain,
                )
                for row in rows
            ],
        )
        return {}

    def push_boxes(self, asked: dict[str, Any]) -> dict[str, Any]:
        """As bulk work of people does it. Seconds that the transaction took."""
        begun = time.monotonic()
        values = {
            "kind": contract.Mailbox.KIND,
            "absent": asked["absent"],
            "account": self.account.pk if self.account else 0,
        }
        count = push_enqueue_rows(actor=None, nodes=[self.node], wanted=_WANTED, values=values)
        return {"count": count, "seconds": time.monotonic() - begun}

    def edit(self, asked: dict[str, Any]) -> dict[str, Any]:
        """``rounds`` changes of each of ``boxes`` mailboxes, one service call and transaction each."""
        begun = time.monotonic()
        boxes = Mailbox.objects.filter(mail_domain__domain__in=self.domains).order_by("pk")[: asked["boxes"]]
        for number in range(asked["rounds"]):
            for box in boxes.select_related("mail_domain__domain__account", "mail_domain__node"):
                services.mailbox_set_quota(actor=self.user, mailbox=box, quota_mb=60 + number)
        return {"seconds": time.monotonic() - begun}

    def behind(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Whether anything is not live yet; cheap, to be asked often."""
        if asked.get("everything"):
            return {"behind": Push.objects.behind().filter(node=self.node).exists()}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT domain_id FROM provision_push WHERE domain_id BETWEEN %s AND %s"
                " AND desired_rev > applied_rev ORDER BY domain_id LIMIT 1",
                [self.domains[0], self.domains[-1]],
            )
            return {"behind": cursor.fetchone() is not None}

    def state(self, _asked: dict[str, Any]) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(_STATE, [self.node.pk, self.domains])
            names = ("rows", "behind", "refused", "attempts", "error")
            return dict(zip(names, map(_plain, cursor.fetchone()), strict=True))

    def remove(self, _asked: dict[str, Any]) -> dict[str, Any]:
        """All rows; what the node holds was taken back before."""
        with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('activity.told', 'on', true)")
            Push.objects.filter(domain__in=self.domains)._raw_delete("default")
            # Row by row through Django's collector a hundred thousand take minutes.
            for link in Mailbox._meta.related_objects:
                place = {f"{link.field.name}__mail_domain__domain__in": self.domains}
                link.related_model._base_manager.filter(**place)._raw_delete("default")
            Mailbox.objects.filter(mail_domain__domain__in=self.domains)._raw_delete("default")
            MailDomain.objects.filter(domain__in=self.domains).delete()
            Domain.objects.filter(pk__in=self.domains).delete()
            if self.account is not None:
                self.account.delete()
            if self.user is not None:
                self.user.delete()
        return {}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else int(value)


def main() -> None:
    made = Made(sys.argv[2])
    do: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        name: getattr(made, name)
        for name in ("adopt", "make", "push_domains", "push_boxes", "edit", "behind", "state", "remove")
    }
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(do[asked["do"]](asked)) + "\n")
        sys.stdout.flush()

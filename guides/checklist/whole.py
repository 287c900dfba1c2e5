"""All points of a domain, and all of a mailbox. The caller has fetched either through visible_to."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from accounts.models import Domain
from guides.checklist import boxes, clients, people, zone
from guides.checklist.points import Point
from guides.watching.programs import clients as clients_of
from mailboxes.models import AppPassword, Compromise, Forwarding, Mailbox, MailDomain

Url = Callable[[str], str]


def of_domain(domain: Domain) -> list[Point]:
    """About fifteen queries, however many mailboxes there are."""
    mail: MailDomain = domain.mail

    def url(name: str) -> str:
        return reverse(name, args=[domain.name])

    seen = clients_of(domain)
    found = boxes.domain_boxes(mail)
    of_boxes = AppPassword.objects.filter(mailbox__mail_domain=mail, mailbox__deleted_at__isnull=True)
    on = found.filter(pop3=True).count()
    return [
        boxes.of_stops(Compromise.objects.filter(mail_domain=mail), url=url("mailboxes")),
        *clients.of_clients(seen, url=url),
        people.of_people(domain, url=reverse("mfa_index")),
        *zone.of_zone(domain, mail),
        boxes.of_passwords(found, url=url("mailboxes")),
        boxes.of_app_passwords(of_boxes, url=url("mailboxes")),
        boxes.of_forwards(boxes.targets_of(mail), mail, url=url("forwarders")),
        boxes.of_pop3(on, seen, url=url("mailboxes")),
        clients.of_guessing(domain, url=url),
        boxes.of_catch_all(mail, url=url("catch-all")),
    ]


def of_mailbox(mailbox: Mailbox, *, url: Url, password_url: str) -> list[Point]:
    """``url``: EitherPage.url. About eight queries."""
    mail = mailbox.mail_domain
    seen = clients_of(mailbox.address)
    forwarding = Forwarding.objects.filter(mailbox=mailbox.pk).first()
    targets = forwarding.targets if forwarding else []
    return [
        boxes.of_stops(Compromise.objects.filter(mailbox=mailbox.pk), url=password_url),
        *clients.of_clients(seen, url=url),
        clients.of_devices(seen, url=url),
        boxes.of_passwords(Mailbox.objects.filter(pk=mailbox.pk), url=password_url),
        boxes.of_app_passwords(AppPassword.objects.filter(mailbox=mailbox.pk), url=url("app-passwords")),
        boxes.of_forwards(targets, mail, url=url("forwarding")),
        boxes.of_pop3(int(mailbox.pop3), seen, url=url("protocols")),
        clients.of_guessing(mailbox.address, url=url),
    ]

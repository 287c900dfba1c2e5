"""Changes of zone templates. Rights are those of plans: a reseller's managers, and the provider's staff."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.clients.plans import looks_after
from accounts.models import Account
from dnszone.blueprints.making import tried
from dnszone.blueprints.placeholders import TEXT_MAX
from dnszone.models import ZoneTemplate, ZoneTemplateRevision
from lib.errors import Refused

TEMPLATES_MAX = 200  # of one owner


@transaction.atomic
def template_create(
    *, actor: Any, owner: Account | None, name: str, text: str, is_default: bool = False
) -> ZoneTemplate:
    """A template of ``owner`` (None: the provider's). Raises Refused at the field; for wrong lines
    BadTemplate with all of them."""
    looks_after(actor, owner)
    if ZoneTemplate.objects.filter(owner=owner).count() >= TEMPLATES_MAX:
        raise Refused(
            _("There are %(max)d templates already. Delete one that is not needed.") % {"max": TEMPLATES_MAX}
        )
    found = ZoneTemplate(owner=owner, name=_named(name), text=_checked(text))
    _saved(found)
    ZoneTemplateRevision.objects.create(template=found, number=1, text=found.text)
    if is_default:
        _make_default(found)
    return found


@transaction.atomic
def template_set(
    *, actor: Any, template: ZoneTemplate, name: str, text: str, is_default: bool
) -> ZoneTemplate:
    """Zones that were made from it stay as they are until a roll-out. Raises as template_create."""
    looks_after(actor, template.owner)
    found = _locked(template)
    text = _checked(text)
    changed = text != found.text
    found.name, found.text = _named(name), text
    found.revision += 1 if changed else 0
    if not is_default:
        found.is_default = False
    _saved(found)
    if changed:
        ZoneTemplateRevision.objects.create(template=found, number=found.revision, text=text)
    if is_default and not found.is_default:
        _make_default(found)
    return found


@transaction.atomic
def template_default(*, actor: Any, template: ZoneTemplate) -> None:
    """New domains get this one from now on."""
    looks_after(actor, template.owner)
    _make_default(_locked(template))


@transaction.atomic
def template_delete(*, actor: Any, template: ZoneTemplate) -> None:
    """Zones that were made from it keep their records."""
    looks_after(actor, template.owner)
    _locked(template).delete()


def _locked(template: ZoneTemplate) -> ZoneTemplate:
    found = ZoneTemplate.objects.select_for_update().filter(pk=template.pk).first()
    if found is None:
        raise Refused(_("This template was deleted meanwhile."))
    return found


def _make_default(template: ZoneTemplate) -> None:
    others = ZoneTemplate.objects.filter(owner=template.owner_id, is_default=True).exclude(pk=template.pk)
    others.update(is_default=False)
    template.is_default = True
    _saved(template)


def _named(name: str) -> str:
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if not name:
        raise Refused(_("Give the template a name, such as “Website and mail”."), "name")
    if len(name) > 80:
        raise Refused(_("A template’s name may have 80 characters. Choose a shorter one."), "name")
    return name


def _checked(text: str) -> str:
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    text = text.strip("\n")
    if not text.strip():
        raise Refused(_("Write at least one record, such as: www A {ipv4}"), "text")
    if len(text) > TEXT_MAX:
        raise Refused(
            _("A template may have %(max)d characters. Take some records out.") % {"max": TEXT_MAX}, "text"
        )
    if any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in text):
        raise Refused(_("There are characters in it that are no text. Take them out."), "text")
    tried(text)
    return text


def _saved(template: ZoneTemplate) -> None:
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError:
        text = _("There is a template “%(name)s” already. Choose another name.")
        raise Refused(text % {"name": template.name}, "name") from None

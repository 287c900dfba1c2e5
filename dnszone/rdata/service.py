"""How a service is found: HTTPS, SVCB (RFC 9460) and NAPTR (RFC 3403)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from dnszone import values as v
from dnszone.rdata.base import Field, RecordType, number, target
from lib.errors import Refused


def _svcb(tokens: Sequence[str]) -> None:
    """RFC 9460 §2.4.2: in alias mode there are no parameters."""
    if tokens[0] == "0" and tokens[2]:
        raise Refused(
            _("With priority 0 the name is only another name, without parameters. Write 1, or empty them."),
            "params",
        )


def _service_binding(name: str, does: object, params: str) -> RecordType:
    return RecordType(
        name,
        does,  # type: ignore[arg-type]  # a lazy translation
        (
            number(
                "priority",
                __("Priority"),
                __("The lowest is tried first; 0 makes this only another name."),
                "1",
            ),
            target(
                __("Server"),
                __("Its host name; a lone dot means this very name."),
                null=True,
                alias=True,
                initial=".",
            ),
            Field(
                "params",
                __("Parameters"),
                __("Such as alpn=h2,h3 port=443 ipv4hint=192.0.2.10; may be empty."),
                lambda text, zone: v.parameters(text, "params"),
                initial=params,
                optional=True,
            ),
        ),
        points="target",
        rest=True,
        check=_svcb,
        served=lambda text: v.parameters_served(text, "params"),
    )


HTTPS = _service_binding("HTTPS", __("tells browsers how to reach a website at once"), "alpn=h2")
SVCB = _service_binding("SVCB", __("tells programs how to reach a service at once"), "")


def _naptr(tokens: Sequence[str]) -> None:
    """RFC 3403 §4.1: the expression and the replacement exclude each other."""
    if tokens[4] != '""' and tokens[5] != ".":
        raise Refused(
            _(
                "Write either a regular expression or a replacement: empty the one, or write a lone "
                "dot as the other."
            ),
            "replacement",
        )


NAPTR = RecordType(
    "NAPTR",
    __("turns telephone numbers and other names into addresses of services"),
    (
        number("order", __("Order"), __("The lowest is looked at first."), "100"),
        number("preference", __("Preference"), __("Among equal orders, the lowest is tried first."), "10"),
        Field(
            "flags",
            __("Flags"),
            __("S: an SRV comes next, A: an address, U: the result is an address on the web; or empty."),
            lambda text, zone: v.naptr_flags(text, "flags"),
            v.string_shown,
            optional=True,
            string=True,
        ),
        Field(
            "service",
            __("Service"),
            __("Such as E2U+sip or SIP+D2T; may be empty."),
            lambda text, zone: v.naptr_service(text, "service"),
            v.string_shown,
            optional=True,
            string=True,
        ),
        Field(
            "regexp",
            __("Regular expression"),
            __("Such as !^.*$!sip:info@example.net!, or empty."),
            lambda text, zone: v.naptr_regexp(text, "regexp"),
            v.string_shown,
            optional=True,
            string=True,
        ),
        target(
            __("Replacement"),
            __("The name to ask next; a lone dot when there is a regular expression."),
            null=True,
            alias=True,
            name="replacement",
            initial=".",
        ),
    ),
    points="replacement",
    check=_naptr,
)

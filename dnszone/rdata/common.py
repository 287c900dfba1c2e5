"""Addresses, other names, text and mail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as __

from dnszone import values as v
from dnszone.rdata.base import Field, RecordType, number, target

PRIORITY = __("The lowest is tried first.")


A = RecordType(
    "A",
    __("gives a name its IPv4 address"),
    (
        Field(
            "address",
            __("IPv4 address"),
            __("Such as 192.0.2.10."),
            lambda text, zone: v.ipv4(text, "address"),
        ),
    ),
)
AAAA = RecordType(
    "AAAA",
    __("gives a name its IPv6 address"),
    (
        Field(
            "address",
            __("IPv6 address"),
            __("Such as 2001:db8::10."),
            lambda text, zone: v.ipv6(text, "address"),
        ),
    ),
)
CNAME = RecordType(
    "CNAME",
    __("makes a name another name for an existing one"),
    (target(__("Points to"), __("The full host name it stands for."), alias=True),),
    points="target",
)
ALIAS = RecordType(
    "ALIAS",
    __("gives a name, even the domain itself, the addresses of another host"),
    (
        target(
            __("Takes the addresses of"),
            __("The full host name. Its addresses are looked up when somebody asks."),
        ),
    ),
    points="target",
    wire=False,  # PowerDNS's own: never leaves it
)
PTR = RecordType(
    "PTR",
    __("says which name belongs to an address, in a reverse zone"),
    (target(__("Host name"), __("The full name, such as mail.example.net."), alias=True),),
    points="target",
)
TXT = RecordType(
    "TXT",
    __("holds text: SPF, DKIM, DMARC, proofs of ownership"),
    (
        Field(
            "text",
            __("Text"),
            __("Of any length, in one line, without quotes around it."),
            lambda text, zone: v.txt(text, "text"),
            v.txt_shown,
            "long",
        ),
    ),
    rest=True,
)
MX = RecordType(
    "MX",
    __("says which server takes the mail"),
    (
        number("priority", __("Priority"), PRIORITY, "10"),
        target(__("Destination"), __("The mail server’s host name, never an address."), null=True),
    ),
    points="target",
)
NS = RecordType(
    "NS",
    __("hands a subdomain to other name servers"),
    (target(__("Name server"), __("Its host name, such as ns1.example.net.")),),
    points="target",
)


SRV = RecordType(
    "SRV",
    __("tells programs where a service runs"),
    (
        number("priority", __("Priority"), PRIORITY, "0"),
        number("weight", __("Weight"), __("Shares the load among equal priorities."), "0"),
        number("port", __("Port"), __("Such as 993.")),
        target(__("Server"), __("Its host name; a lone dot says: not offered here."), null=True),
    ),
    points="target",
)

"""Whose name servers these are, in plain words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

# What the names of their servers end in.
_ENDS: dict[str, str] = {
    "cloudflare.com": "Cloudflare",
    "foundationdns.com": "Cloudflare",
    "foundationdns.net": "Cloudflare",
    "foundationdns.org": "Cloudflare",
    "domaincontrol.com": "GoDaddy",
    "ui-dns.com": "IONOS",
    "ui-dns.de": "IONOS",
    "ui-dns.org": "IONOS",
    "ui-dns.biz": "IONOS",
    "ovh.net": "OVH",
    "anycast.me": "OVH",
    "gandi.net": "Gandi",
    "googledomains.com": "Google / Squarespace",
    "squarespacedns.com": "Squarespace",
    "google.com": "Google Cloud DNS",
    "registrar-servers.com": "Namecheap",
    "namecheaphosting.com": "Namecheap",
    "first-ns.de": "Hetzner",
    "second-ns.de": "Hetzner",
    "second-ns.com": "Hetzner",
    "hetzner.com": "Hetzner",
    "hetzner.de": "Hetzner",
    "azure-dns.com": "Microsoft Azure",
    "azure-dns.net": "Microsoft Azure",
    "azure-dns.org": "Microsoft Azure",
    "azure-dns.info": "Microsoft Azure",
    "microsoftonline.com": "Microsoft 365",
    "digitalocean.com": "DigitalOcean",
    "linode.com": "Linode",
    "vultr.com": "Vultr",
    "nsone.net": "NS1",
    "dnsimple.com": "DNSimple",
    "dnsmadeeasy.com": "DNS Made Easy",
    "wixdns.net": "Wix",
    "wordpress.com": "WordPress.com",
    "vercel-dns.com": "Vercel",
    "dns-parking.com": "Hostinger",
    "hostgator.com": "HostGator",
    "bluehost.com": "Bluehost",
    "siteground.net": "SiteGround",
    "dreamhost.com": "DreamHost",
    "name.com": "Name.com",
    "porkbun.com": "Porkbun",
    "dnspod.net": "DNSPod",
    "hichina.com": "Alibaba Cloud",
    "alidns.com": "Alibaba Cloud",
    "yandex.net": "Yandex",
    "reg.ru": "REG.RU",
    "he.net": "Hurricane Electric",
    "desec.io": "deSEC",
    "desec.org": "deSEC",
    "transip.nl": "TransIP",
    "transip.net": "TransIP",
    "infomaniak.ch": "Infomaniak",
    "strato.de": "Strato",
    "rzone.de": "Strato",
    "kasserver.com": "ALL-INKL",
    "inwx.de": "INWX",
    "netcup.net": "netcup",
    "one.com": "one.com",
    "simply.com": "Simply.com",
    "loopia.se": "Loopia",
    "aruba.it": "Aruba",
    "arubadns.net": "Aruba",
    "dinahosting.com": "Dinahosting",
    "networksolutions.com": "Network Solutions",
    "worldnic.com": "Network Solutions",
    "hover.com": "Hover",
    "easydns.com": "easyDNS",
    "ultradns.net": "UltraDNS",
    "akam.net": "Akamai",
}


def provider_of(servers: Iterable[str]) -> str:
    """The provider that most of ``servers`` belong to; empty when it is none that is known."""
    known = Counter(found for server in servers if (found := _one(server)))
    return known.most_common(1)[0][0] if known else ""


def _one(server: str) -> str:
    labels = server.lower().removesuffix(".").split(".")
    if any(label.startswith("awsdns-") for label in labels):
        return "Amazon Route 53"
    ends = (".".join(labels[at:]) for at in range(len(labels) - 1))
    return next((_ENDS[end] for end in ends if end in _ENDS), "")

"""Whether two mail addresses belong to one organisation, so that a secretary may answer in her leader's name. Pure."""

from typing import Final

_PUBLIC_NAMES: Final = frozenset({"gmx", "hotmail", "live", "outlook", "yahoo"})
"""Providers of mailboxes for everybody that have a domain in many countries."""
_PUBLIC_DOMAINS: Final = frozenset(
    {
        "adslhome.dk",
        "aol.com",
        "bbsyd.dk",
        "dadlnet.dk",
        "duck.com",
        "energimail.dk",
        "esenet.dk",
        "fastmail.com",
        "fastmail.fm",
        "fibermail.dk",
        "get2net.dk",
        "gmail.com",
        "googlemail.com",
        "hey.com",
        "hushmail.com",
        "icloud.com",
        "inbox.com",
        "jubii.dk",
        "mac.com",
        "mail.com",
        "mail.dk",
        "mail.ru",
        "mail.tele.dk",
        "me.com",
        "mobilixnet.dk",
        "msn.com",
        "ofir.dk",
        "online.no",
        "pm.me",
        "post.tele.dk",
        "privat.dk",
        "profibermail.dk",
        "proton.me",
        "protonmail.com",
        "rocketmail.com",
        "sol.dk",
        "stofanet.dk",
        "t-online.de",
        "tdcadsl.dk",
        "tdcspace.dk",
        "tele2adsl.dk",
        "telia.com",
        "tuta.com",
        "tutanota.com",
        "vip.cybercity.dk",
        "wanadoo.dk",
        "web.de",
        "webspeed.dk",
        "yandex.com",
        "ymail.com",
        "youmail.dk",
        "zoho.com",
    }
)


def domain_of(address: str) -> str:
    """The domain in lower case, without a closing dot; empty where there is none."""
    _local_part, at, domain = address.rpartition("@")
    return domain.lower().rstrip(".") if at else ""


def is_public(domain: str) -> bool:
    """Whether anybody can have a mailbox at this domain: having it in common says nothing."""
    return domain in _PUBLIC_DOMAINS or domain.partition(".")[0] in _PUBLIC_NAMES


def same_organisation(one: str, other: str) -> bool:
    """Whether two addresses are of one domain that not everybody can have an address of."""
    domain = domain_of(one)
    return bool(domain) and domain == domain_of(other) and not is_public(domain)

"""Whose certificates the cases are about: Contoso's CAs and devices, and strangers."""

from .keys import KEYS
from .names import dns, name
from .pki import authority, leaf, san
from .sample import NOW, section
from .token import changed

DAY = 86_400
CA_TIMES = NOW - 1000 * DAY, NOW + 3000 * DAY
STARTS, ENDS = NOW - 30 * DAY, NOW + 300 * DAY

DEVICE_KEY = KEYS["p256-device"]
HOST = "pc7.contoso.com"
SUBJECT = name(("O", "Contoso"), ("OU", "Computers"), ("CN", HOST))
ROOT_NAME = name(("O", "Contoso"), ("CN", "Contoso Root CA"))
ISSUING_NAME = name(("O", "Contoso"), ("CN", "Contoso Issuing CA"))

PKI_ID = f"pki:corp:dns:{HOST}"


def root(subject=ROOT_NAME, key=KEYS["p256-root"], times=CA_TIMES, **odd):
    return authority(subject, key, *times, **odd)


ROOT = root()


def issuing(by=ROOT, subject=ISSUING_NAME, key=KEYS["p256-issuing"], times=CA_TIMES, **odd):
    return authority(subject, key, *times, by=by, **odd)


ISSUING = issuing()


def device(change=None, by=ISSUING, subject=SUBJECT, key=DEVICE_KEY, times=(STARTS, ENDS), **odd):
    """The certificate of pc7; `change` sets or leaves out extensions by name."""
    base = {"san": san(dns(HOST))}
    return leaf(subject, key, *times, by=by, change=base | (change or {}), **odd)


GOOD = device()
EXPIRED = device(times=(STARTS, NOW - 1))
EARLY = device(times=(NOW + 1, ENDS))

# Fabrikam is a PKI too, which no case trusts unless it says so.
FABRIKAM = root(name(("O", "Fabrikam"), ("CN", "Fabrikam Root CA")), KEYS["p256-foreign"])
FOREIGN = device(by=FABRIKAM, key=KEYS["p256-other"])

# What a ConfigMgr client makes for itself.
SELF_SIGNED = device(by=None, subject=name(("CN", "pc7")), key=DEVICE_KEY)

FILES = {"root.pem": ROOT.pem, "issuing.pem": ISSUING.pem}


def pki(**settings):
    """[[pki]], named corp, over root.pem and issuing.pem."""
    base = {"name": "corp", "anchors": ["root.pem"], "intermediates": ["issuing.pem"]}
    return section("[[pki]]", changed({**base, "revocation": "off"}, settings))

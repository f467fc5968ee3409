"""The headers of tollgate, as every gateway of it reads and writes them.

A request shows its token in `Authorization`; a gateway tells those behind it who it is in `X-Tollgate-*`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from urllib.parse import quote

from ._tollgate import Verdict

__all__ = ["bearer", "identity_headers", "is_ours"]

_LOG = logging.getLogger("tollgate")
_SCHEME = b"bearer"
_TWO = b"two credentials"
_OURS = re.compile(rb"x[^a-z0-9]tollgate", re.IGNORECASE)
_NO_NAME = re.compile(r"[^A-Za-z0-9]")
_PLAIN = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


def bearer(values: Sequence[bytes]) -> bytes | None:
    """The token in the values of all `Authorization` headers of one request; None where none is shown.

    RFC 6750 section 2.1: `"Bearer" 1*SP b64token`, the scheme in any letter case (RFC 9110 section 11.1). Other
    schemes are not ours. What begins as ours always shows something: what is no token is refused as one,
    and so are two headers, for which of them counts would be a guess.
    """
    if len(values) != 1:
        return _TWO if values else None
    # White space around a value is none of it (RFC 9110 section 5.5); not every server takes it off.
    value = values[0].strip(b" \t")
    if value[:6].lower() != _SCHEME:
        return None
    behind = value[6:]
    if not behind.startswith(b" "):
        # "Bearer" alone or with a tab is ours and broken; "Bearers" is another scheme.
        return None if behind[:1] > b" " else value
    return behind.lstrip(b" ")


def is_ours(name: bytes) -> bool:
    """Whether only a gateway may set a header: `X-Tollgate` and all that begins so, in any letter case and with
    any other character for the hyphen, since CGI and its heirs (WSGI) write one character for many."""
    return _OURS.match(name) is not None


def identity_headers(verdict: Verdict) -> list[tuple[str, str]]:
    """What those behind a gateway are told: all of the headers, always, empty where there is nothing to say.
    Set them in place of whatever the client sent. Texts are printable ASCII, the rest percent-encoded."""
    principal = verdict.principal
    texts = {
        "Id": principal and principal.id,
        "Method": verdict.method if verdict else None,
        "Scenario": verdict.scenario if verdict else None,
        "Authority": principal and principal.authority,
        "Tenant": principal and principal.tenant,
        "User": principal and principal.user,
        "Device": principal and principal.device,
        "Subject": principal and principal.subject,
        "Bound": principal and str(principal.bound).lower(),
        "Expires": str(verdict.expires_at) if verdict else None,
    }
    named: set[str] = set()
    for claim, text in verdict.claims.items():
        name = "Claim-" + _NO_NAME.sub("-", claim)
        if name.lower() in named:
            # The first counts.
            _LOG.warning("the claim %r has the header of another one, and is not told", claim)
            continue
        named.add(name.lower())
        texts[name] = text
    return [("X-Tollgate-" + name, _encoded(text or "")) for name, text in texts.items()]


def _encoded(text: str) -> str:
    inside = text.strip(" ")
    begin = len(text) - len(text.lstrip(" "))
    end = len(text) - len(inside) - begin
    return "%20" * begin + quote(inside, safe=_PLAIN) + "%20" * end

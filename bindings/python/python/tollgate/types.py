"""Names for the types of arguments."""

from typing import Literal, TypeAlias

__all__ = ["Method", "Scenario", "Source", "Token", "Whom", "Windows"]

Token: TypeAlias = bytes | str | bytearray | memoryview
"""What stands behind `Bearer `. Bytes, strings and views of bytes are never copied. What can be written to is
copied once, since whoever holds it may write while it is judged, or before claims are read."""

Scenario: TypeAlias = Literal["device", "user"]
"""What a request is for."""

Method: TypeAlias = Literal["entra", "oidc", "pki", "site"]
"""How somebody is authenticated."""

Whom: TypeAlias = Literal["client", "user", "device"]
"""Who can be withdrawn: a client of a site, a user or a device of a tenant."""

Windows: TypeAlias = str | tuple[int, int, int]
"""A client's Windows version: "10.0.19045", or its numbers."""

Source: TypeAlias = str | bytes
"""By whom wrong signatures are counted: an IP address (of IPv6 its first 64 bits), or 1 to 16 bytes."""

"""One module a file of vectors, in the order in which a token is judged."""

from . import (
    algorithms,
    boundkeys,
    claims,
    entra,
    headers,
    keynumbers,
    keysets,
    oidc,
    payloads,
    policy,
    shape,
    signatures,
    site,
    subjects,
    times,
)

ALL = [
    module.THEME
    for module in (
        shape,
        headers,
        payloads,
        claims,
        entra,
        oidc,
        algorithms,
        keysets,
        keynumbers,
        boundkeys,
        signatures,
        subjects,
        times,
        site,
        policy,
    )
]

"""The headers in which proxies pass a client's certificate on: [name, value], leaf first."""

import base64
import hashlib
from urllib.parse import quote

from .pki import chain


def base64_der(content):
    content = content if isinstance(content, bytes) else content.der
    return base64.b64encode(content).decode()


def sequence(certificate):
    """A byte sequence (RFC 8941 section 3.3.5)."""
    return f":{base64_der(certificate)}:"


def client_cert(certificate, name="Client-Cert"):
    """RFC 9440 section 2.2."""
    return [name, sequence(certificate)]


def client_cert_chain(*certificates):
    """RFC 9440 section 2.3: those above the leaf."""
    return ["Client-Cert-Chain", ", ".join(map(sequence, certificates))]


def escaped(*certificates, safe=""):
    """Percent-encoded PEM, as nginx's $ssl_client_escaped_cert and Envoy write it."""
    return quote(chain(*certificates), safe=safe)


def nginx(*certificates, name="X-SSL-Client-Cert", safe=""):
    return [name, escaped(*certificates, safe=safe)]


def haproxy(certificate, name="X-SSL-Client-Cert"):
    """ssl_c_der,base64"""
    return [name, base64_der(certificate)]


def traefik(*certificates):
    """passTLSClientCert: base64 without PEM's lines, comma separated."""
    return ["X-Forwarded-Tls-Client-Cert", ",".join(map(base64_der, certificates))]


def xfcc(*pairs):
    """One element of Envoy's header."""
    return ["X-Forwarded-Client-Cert", ";".join(f"{key}={value}" for key, value in pairs)]


def quoted(*certificates):
    return f'"{escaped(*certificates)}"'


def digest(certificate):
    """Envoy's Hash: SHA-256 of the DER."""
    content = certificate if isinstance(certificate, bytes) else certificate.der
    return hashlib.sha256(content).hexdigest()


def envoy(certificate):
    return xfcc(("Hash", digest(certificate)), ("Cert", quoted(certificate)))

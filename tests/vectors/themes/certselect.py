"""Which of its certificates a PKI takes: `select` and `issuers`."""

from making.contoso import ENDS, FILES, HOST, PKI_ID, device, pki
from making.names import dns, email, name, upn, uri
from making.pki import san
from making.sample import endpoint
from making.theme import Theme

THEME = Theme(
    "certselect",
    "A certificate and no token. Its path holds and it has a name; rules of ConfigMgr's kind say "
    "which certificates are meant.",
)
CERTSEL = "ConfigMgr CCMCERTSEL"

SHOWN = device(
    {"san": san(dns(HOST), email("Kim@contoso.com"), upn("kim@ad.contoso.com"), uri("urn:pc:7"))},
    subject=name(
        ("DC", "contoso"),
        ("C", "DE"),
        ("ST", "Bayern"),
        ("L", "Ulm"),
        ("STREET", "Weg 1"),
        ("O", "Contoso"),
        ("OU", "Client Computers"),
        ("OU", "a=b"),
        ("T", "Kiosk"),
        ("SN", "Weber"),
        ("G", "Kim"),
        ("I", "KW"),
        ("SERIALNUMBER", "0042"),
        ("E", "pc@contoso.com"),
        ("CN", "PC7"),
    ),
)
PLAIN = device(subject=name(("O", "Contoso"), ("OU", "Computers"), ("CN", "PC7")))


def judge(label, why, takes, shown=SHOWN, **settings):
    sections = endpoint(["pki"]), pki(**settings)
    under = THEME.config(label, *sections, files=FILES, principal=PKI_ID, ends=ENDS)
    reason = None if takes else "certificate_not_selected"
    under.showing(shown).judge(f"select_{label}", why, None, reason)


# Subject: the whole of a name.
for label, why, takes, rule in [
    ("cn", CERTSEL, True, "PC7"),
    ("cn_other_case", f"{CERTSEL}: subjects have case", False, "pc7"),
    ("cn_part", f"{CERTSEL}: the whole of it", False, "PC"),
    ("whole", CERTSEL, True, "CN=PC7,OU=Computers,O=Contoso"),
    ("whole_other_case", f"{CERTSEL}: subjects have case", False, "CN=PC7,OU=computers,O=Contoso"),
    ("whole_part", f"{CERTSEL}: the whole of it", False, "CN=PC7,OU=Computers"),
    ("of_no_cn", "the value of another attribute", False, "Computers"),
    ("san_dns", CERTSEL, True, HOST),
    ("san_other_case", f"{CERTSEL}: alternative names have none", True, HOST.upper()),
    ("san_part", f"{CERTSEL}: the whole of it", False, "contoso.com"),
]:
    judge(f"subject_{label}", why, takes, PLAIN, select=[f"Subject:{rule}"])
for label, rule in [
    ("email", "kim@CONTOSO.com"),
    ("upn", "KIM@ad.contoso.com"),
    ("uri", "urn:pc:7"),
]:
    judge(
        f"subject_san_{label}", f"{CERTSEL}: any alternative name", True, select=[f"Subject:{rule}"]
    )

# SubjectStr: a part of a name.
for label, why, takes, rule in [
    ("value", CERTSEL, True, "ontos"),
    ("other_case", f"{CERTSEL}: without case", True, "CONTOSO"),
    ("across", "the text of the whole subject", True, "pc7,ou=comp"),
    ("san", f"{CERTSEL}: alternative names too", True, "PC7.contoso"),
    ("absent", CERTSEL, False, "fabrikam"),
]:
    judge(f"part_{label}", why, takes, PLAIN, select=[f"SubjectStr:{rule}"])

# SubjectAttr: one attribute.
for abbreviation, oid, value in [
    ("DC", "0.9.2342.19200300.100.1.25", "contoso"),
    ("E", "1.2.840.113549.1.9.1", "pc@contoso.com"),
    ("CN", "2.5.4.3", "PC7"),
    ("SN", "2.5.4.4", "Weber"),
    ("SERIALNUMBER", "2.5.4.5", "0042"),
    ("C", "2.5.4.6", "DE"),
    ("L", "2.5.4.7", "Ulm"),
    ("ST", "2.5.4.8", "Bayern"),
    ("STREET", "2.5.4.9", "Weg 1"),
    ("O", "2.5.4.10", "Contoso"),
    ("OU", "2.5.4.11", "Client Computers"),
    ("T", "2.5.4.12", "Kiosk"),
    ("G", "2.5.4.42", "Kim"),
    ("I", "2.5.4.43", "KW"),
]:
    label = f"attr_{abbreviation.lower()}"
    judge(label, CERTSEL, True, select=[f"SubjectAttr:{abbreviation} = {value}"])
    judge(f"{label}_by_oid", CERTSEL, True, select=[f"SubjectAttr:{oid} = {value}"])
for label, why, takes, rule in [
    ("tight", CERTSEL, True, "O=Contoso"),
    ("spaces", "a known bug there: spaces inside were lost", False, "OU = ClientComputers"),
    ("spaces_around", "those around the value are not of it", True, "OU   =   Client Computers "),
    ("second", "any of several", True, "OU = a=b"),
    ("other_case", f"{CERTSEL}: exact", False, "O = contoso"),
    ("part", f"{CERTSEL}: exact", False, "O = Cont"),
    ("of_another", "the value is there, under another attribute", False, "CN = Contoso"),
    ("there", CERTSEL, True, "SERIALNUMBER"),
    ("there_by_oid", CERTSEL, True, "2.5.4.5"),
    ("not_there", CERTSEL, False, "2.5.4.17"),
    ("san", f"{CERTSEL}: without case", True, "2.5.29.17 = KIM@contoso.com"),
    ("san_part", f"{CERTSEL}: the whole of it", False, "2.5.29.17 = contoso.com"),
    ("san_there", CERTSEL, True, "2.5.29.17"),
]:
    judge(f"attr_{label}", why, takes, select=[f"SubjectAttr:{rule}"])
judge("attr_not_there_plain", CERTSEL, False, PLAIN, select=["SubjectAttr:SERIALNUMBER"])

# Several rules.
rules = ["Subject:server.contoso.com", "SubjectStr:computers"]
judge("any_of_two", f"{CERTSEL}: any of them", True, PLAIN, select=rules)
rules = ["Subject:server.contoso.com", "SubjectStr:servers"]
judge("none_of_two", f"{CERTSEL}: any of them", False, PLAIN, select=rules)

# Issuers.
ISSUERS = "ConfigMgr CCMCERTISSUERS"
ROOT_CA, ISSUING_CA = "CN=Contoso Root CA; O=Contoso", "CN=Contoso Issuing CA; O=Contoso"
for label, why, takes, names in [
    ("root", ISSUERS, True, [ROOT_CA]),
    ("issuing", f"{ISSUERS}: any CA of the path", True, [ISSUING_CA]),
    ("comma", f"{ISSUERS}: semicolon or comma", True, ["CN=Contoso Root CA, O=Contoso"]),
    ("other", ISSUERS, False, ["CN=Fabrikam Root CA; O=Fabrikam"]),
    ("any_of_two", ISSUERS, True, ["CN=Fabrikam Root CA; O=Fabrikam", ROOT_CA]),
    ("other_case", f"{ISSUERS}: case-sensitive", False, ["CN=contoso root ca; O=Contoso"]),
    ("part", "the name of the CA, not of its organisation", False, ["O=Contoso"]),
    ("subject", "the leaf is no CA", False, ["CN=PC7; OU=Computers; O=Contoso"]),
]:
    judge(f"issuer_{label}", why, takes, PLAIN, issuers=names)
both = {"select": ["SubjectStr:computers"], "issuers": [ROOT_CA]}
judge("both", "each list for itself", True, PLAIN, **both)
judge("both_not_selected", "each list for itself", False, PLAIN, **both | {"select": ["Subject:x"]})
judge("both_not_issued", "each list for itself", False, PLAIN, **both | {"issuers": ["CN=x"]})

//! Who may issue what: CAs and leaves, lengths, name constraints, critical extensions.

use tollgate::cert::BadAnchor;
use tollgate::cert::path::PathFault;

use super::order::Order;
use super::pki::{Pki, admitted, bad_anchor, invalid, row};
use super::verdict::Case;
use super::verdict::Openssl::{Agrees, Differs};
use super::verdict::error::*;

pub(crate) fn rows(pki: &Pki<'_>) -> Vec<Case> {
    let mut rows = issuers(pki);
    rows.extend(names(pki));
    rows.extend(critical(pki));
    rows
}

fn issuers(pki: &Pki<'_>) -> Vec<Case> {
    let Pki { workshop, root, issuing, leaf_key, other_key } = pki;
    let may_not = invalid(PathFault::IssuerMayNotSign);
    let ca_as_leaf = workshop
        .ca(issuing, "pc7", leaf_key)
        .with("extendedKeyUsage", "clientAuth")
        .with("keyUsage", "critical,digitalSignature,keyCertSign,cRLSign")
        .make()
        .der;
    let signing_leaf =
        pki.leaf().with("keyUsage", "critical,digitalSignature,keyCertSign").make().der;
    let no_sign = pki.issuing().with("keyUsage", "critical,cRLSign").make().der;
    let silent = pki.issuing().without("keyUsage").make().der;
    let no_ca = pki.issuing().with("basicConstraints", "critical,CA:FALSE").make().der;
    let no_constraints = pki.issuing().without("basicConstraints").make().der;
    let mute_root = pki.root().with("keyUsage", "critical,cRLSign").make().der;
    let leaf_root = pki.root().with("basicConstraints", "critical,CA:FALSE").make().der;

    let short = |order: Order<'_>, length| order.with("basicConstraints", length).make().der;
    let zero = "critical,CA:TRUE,pathlen:0";
    let deep = workshop.ca(issuing, "Deep", other_key).make();
    let below_deep = workshop.leaf(&deep, leaf_key).make().der;
    let next = workshop.ca(issuing, "Issuing", other_key).make();
    let below_next = workshop.leaf(&next, leaf_key).make().der;
    vec![
        pki.row(
            "a CA as the leaf",
            &ca_as_leaf,
            invalid(PathFault::LeafIsCa),
            Differs(OK, "A device has no business with a CA's certificate."),
        ),
        pki.row(
            "a leaf that may sign certificates",
            &signing_leaf,
            invalid(PathFault::LeafIsCa),
            Agrees(CERT_SIGN_OF_NO_CA),
        ),
        pki.issuing_row("an issuing CA without keyCertSign", &no_sign, may_not, Agrees(NOT_A_CA)),
        pki.issuing_row(
            "an issuing CA without a key usage",
            &silent,
            admitted(),
            Differs(
                CA_WITHOUT_KEY_USAGE,
                "Strictly, RFC 5280 section 4.2.1.3 has every CA say its key usage; a key whose \
                 usage is not restricted may sign.",
            ),
        ),
        pki.issuing_row("an issuing CA that says it is none", &no_ca, may_not, Agrees(NOT_A_CA)),
        pki.issuing_row(
            "an issuing CA without constraints",
            &no_constraints,
            may_not,
            Agrees(NOT_A_CA),
        ),
        pki.root_row(
            "a root without keyCertSign",
            &mute_root,
            bad_anchor(BadAnchor::MayNotSign),
            Agrees(NOT_A_CA),
        ),
        pki.root_row(
            "a root that says it is no CA",
            &leaf_root,
            bad_anchor(BadAnchor::NotACa),
            Agrees(NOT_A_CA),
        ),
        pki.issuing_row("pathLen 0, kept", &short(pki.issuing(), zero), admitted(), Agrees(OK)),
        row(
            "pathLen 0 of an issuing CA, exceeded",
            &below_deep,
            &[&deep.der, &short(pki.issuing(), zero)],
            &[&root.der],
            invalid(PathFault::TooLong),
            Agrees(TOO_LONG),
        ),
        pki.root_row(
            "pathLen 0 of a root, exceeded",
            &short(pki.root(), zero),
            invalid(PathFault::TooLong),
            Agrees(TOO_LONG),
        ),
        row(
            "pathLen 1 of a root, exceeded",
            &below_deep,
            &[&deep.der, &issuing.der],
            &[&short(pki.root(), "critical,CA:TRUE,pathlen:1")],
            invalid(PathFault::TooLong),
            Agrees(TOO_LONG),
        ),
        row(
            "pathLen 0 of an issuing CA, over its own next key",
            &below_next,
            &[&next.der, &short(pki.issuing(), zero)],
            &[&root.der],
            // By the kernel's words: it also tries the elder key under the leaf.
            invalid(PathFault::Signature),
            Differs(
                OK,
                "The path kernel counts self-issued certificates too. It refuses too much, never \
                 too little.",
            ),
        ),
    ]
}

fn names(pki: &Pki<'_>) -> Vec<Case> {
    let refused = invalid(PathFault::Names);
    let issuing = |value| pki.issuing().with("nameConstraints", value).make().der;
    let root = |value| pki.root().with("nameConstraints", value).make().der;
    let ok = Agrees(OK);
    let (not_permitted, excluded) = (Agrees(PERMITTED), Agrees(EXCLUDED));
    let (contoso, fabrikam) =
        ("critical,permitted;DNS:contoso.com", "critical,permitted;DNS:fabrikam.com");
    let not_contoso = "critical,excluded;DNS:contoso.com";
    let not_fabrikam = "critical,excluded;DNS:fabrikam.com";
    let both = "critical,permitted;DNS:contoso.com,excluded;DNS:pc7.contoso.com";
    let two = pki.leaf().with("subjectAltName", "DNS:pc7.contoso.com,DNS:pc7.fabrikam.com").make();
    let mail = pki.leaf().with("subjectAltName", "email:pc7@contoso.com").make().der;
    let leaf = pki.leaf().with("nameConstraints", contoso).make().der;
    let nameless = pki.leaf().without("subjectAltName").make().der;
    vec![
        pki.issuing_row("names permitted by the issuing CA", &issuing(contoso), admitted(), ok),
        pki.issuing_row("names not permitted", &issuing(fabrikam), refused, not_permitted),
        pki.issuing_row("other names excluded", &issuing(not_fabrikam), admitted(), ok),
        pki.issuing_row("names excluded", &issuing(not_contoso), refused, excluded),
        pki.issuing_row("names permitted, and then excluded", &issuing(both), refused, excluded),
        pki.root_row("names permitted by the root", &root(contoso), admitted(), ok),
        pki.root_row("names not permitted by the root", &root(fabrikam), refused, not_permitted),
        pki.root_row("names excluded by the root", &root(not_contoso), refused, excluded),
        row(
            "one name of two not permitted",
            &two.der,
            &[&issuing(contoso)],
            &[&pki.root.der],
            refused,
            not_permitted,
        ),
        row(
            "no name, and some permitted",
            &nameless,
            &[&issuing(contoso)],
            &[&pki.root.der],
            admitted(),
            Agrees(OK),
        ),
        row(
            "no name, and others permitted",
            &nameless,
            &[&issuing(fabrikam)],
            &[&pki.root.der],
            admitted(),
            Differs(
                PERMITTED,
                "openssl takes the common name for a DNS name where there is no other. RFC 5280 \
                 section 4.2.1.10 constrains alternative names only; the common name is matched as \
                 part of the subject, and never as a host.",
            ),
        ),
        row(
            "an e-mail address that is permitted",
            &mail,
            &[&issuing("critical,permitted;email:contoso.com")],
            &[&pki.root.der],
            refused,
            Differs(OK, "The path kernel cannot decide permitted e-mail addresses, and refuses."),
        ),
        pki.row(
            "a leaf that constrains names",
            &leaf,
            invalid(PathFault::LeafIsCa),
            Differs(
                OK,
                "RFC 5280 section 4.2.1.10 keeps name constraints for CAs; openssl takes them \
                 anywhere.",
            ),
        ),
    ]
}

fn critical(pki: &Pki<'_>) -> Vec<Case> {
    let unknown = |order: Order<'_>| order.with("1.2.3.4", "critical,DER:0500").make().der;
    let harmless = pki.leaf().with("1.2.3.4", "DER:0500").make().der;
    let policies = pki.leaf().with("certificatePolicies", "critical,1.2.3.5").make().der;
    let unsupported = invalid(PathFault::Unsupported);
    let refused = Agrees(CRITICAL);
    vec![
        pki.row("an unknown extension in the leaf", &harmless, admitted(), Agrees(OK)),
        pki.row(
            "an unknown critical extension in the leaf",
            &unknown(pki.leaf()),
            unsupported,
            refused,
        ),
        pki.issuing_row(
            "an unknown critical extension in the issuing CA",
            &unknown(pki.issuing()),
            unsupported,
            refused,
        ),
        pki.root_row(
            "an unknown critical extension in the root",
            &unknown(pki.root()),
            bad_anchor(BadAnchor::UnknownCritical),
            refused,
        ),
        pki.row(
            "critical certificate policies",
            &policies,
            unsupported,
            Differs(
                OK,
                "Policies are not processed here, and what is critical and not processed refuses.",
            ),
        ),
    ]
}

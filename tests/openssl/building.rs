//! Which chain leads where: levels, cross-signing, circles, strangers.

use tollgate::Reason;
use tollgate::cert::BadAnchor;
use tollgate::cert::path::PathFault;

use super::der::{PRINTABLE_STRING, SEQUENCE, content, field, joined, parts, tlv};
use super::order::Order;
use super::pki::{Pki, admitted, bad_anchor, path, row, untrusted};
use super::verdict::Case;
use super::verdict::Openssl::{Agrees, Differs};
use super::verdict::error::*;
use super::workshop::P_256;

pub(crate) fn rows(pki: &Pki<'_>) -> Vec<Case> {
    let mut rows = plain(pki);
    rows.extend(cross_signed(pki));
    rows.extend(strangers(pki));
    rows
}

fn plain(pki: &Pki<'_>) -> Vec<Case> {
    let Pki { workshop, root, issuing, leaf_key, .. } = pki;
    let below_root = workshop.leaf(root, leaf_key).make().der;
    let leaf = pki.leaf().make().der;
    let deep_key = workshop.key(P_256);
    let deep = workshop.ca(issuing, "Deep", &deep_key).make();
    let below_deep = workshop.leaf(&deep, leaf_key).make().der;
    // The order in the files is nobody's business.
    let both: [&[u8]; 2] = [&deep.der, &issuing.der];
    vec![
        row("two levels", &below_root, &[], &[&root.der], admitted(), Agrees(OK)),
        pki.row("three levels", &leaf, admitted(), Agrees(OK)),
        row("four levels", &below_deep, &both, &[&root.der], admitted(), Agrees(OK)),
        row("an anchor below a root", &leaf, &[], &[&issuing.der], admitted(), Agrees(OK)),
        row("no issuing CA", &leaf, &[], &[&root.der], untrusted(), Agrees(NO_ISSUER)),
        row("no root", &below_deep, &[&deep.der], &[&root.der], untrusted(), Agrees(NO_ISSUER)),
    ]
}

fn cross_signed(pki: &Pki<'_>) -> Vec<Case> {
    let Pki { workshop, root, issuing, leaf_key, other_key } = pki;
    let ok = Agrees(OK);
    let first_fit = |number| {
        Differs(
            number,
            "openssl follows the first intermediate that fits and does not come back; every \
             certificate of the issuer's name and key is tried here.",
        )
    };
    let other = workshop.root("Other root", other_key).make();
    let by_other = workshop.ca(&other, "Issuing", &issuing.key).make().der;
    let leaf = pki.leaf().make().der;
    let both: [&[u8]; 2] = [&issuing.der, &by_other];

    // The other root, certified by the first one, and the first by the other.
    let other_by_root = workshop.ca(root, "Other root", other_key).make();
    let root_by_other = workshop.ca(&other, "Root", &root.key).make();
    let below_other = workshop.leaf(&other, leaf_key).make().der;
    let ended = ("2020-01-01", "2026-06-01");
    let ended_root = pki.root().valid(ended.0, ended.1).make().der;
    let ended_cross = workshop.ca(root, "Other root", other_key).valid(ended.0, ended.1).make().der;
    let stranger = workshop.root("Stranger", &workshop.key(P_256)).make().der;
    vec![
        row(
            "one CA by two roots, the first configured",
            &leaf,
            &both,
            &[&root.der],
            admitted(),
            ok,
        ),
        row(
            "one CA by two roots, the second configured",
            &leaf,
            &both,
            &[&other.der],
            admitted(),
            first_fit(NO_ISSUER),
        ),
        row(
            "one CA by two roots, the second configured, in another order",
            &leaf,
            &[&by_other, &issuing.der],
            &[&other.der],
            admitted(),
            ok,
        ),
        row(
            "one CA by two roots, neither configured",
            &leaf,
            &both,
            &[&stranger],
            untrusted(),
            Agrees(NO_ISSUER),
        ),
        row(
            "only the other root's certificate of the CA",
            &leaf,
            &[&by_other],
            &[&root.der],
            untrusted(),
            Agrees(NO_ISSUER),
        ),
        row(
            "a cross-signed root",
            &below_other,
            &[&other_by_root.der],
            &[&root.der],
            admitted(),
            ok,
        ),
        row(
            "a cross-signed root, beside itself among the intermediates",
            &below_other,
            &[&other.der, &other_by_root.der],
            &[&root.der],
            admitted(),
            first_fit(SELF_SIGNED_ABOVE),
        ),
        row(
            "a root, and a cross certificate to a root that has ended",
            &below_other,
            &[&ended_cross],
            &[&ended_root, &other.der],
            admitted(),
            ok,
        ),
        row(
            "a cross certificate that has ended, beside one that has not",
            &below_other,
            &[&ended_cross, &other_by_root.der],
            &[&root.der],
            admitted(),
            ok,
        ),
        row(
            "a cross certificate that has ended, and no other",
            &below_other,
            &[&ended_cross],
            &[&root.der],
            path(PathFault::Expired, Reason::CertificateExpired),
            Agrees(EXPIRED),
        ),
        row(
            "two roots that certify each other, and no anchor",
            &below_other,
            &[&other_by_root.der, &root_by_other.der],
            &[&stranger],
            untrusted(),
            Agrees(NO_ISSUER),
        ),
    ]
}

fn strangers(pki: &Pki<'_>) -> Vec<Case> {
    let Pki { workshop, root, issuing, leaf_key, other_key } = pki;
    let alone = Order::leaf(workshop, leaf_key, None).make();
    let posing = Order::leaf(workshop, leaf_key, None).named("Root").make();
    let foreign = workshop.root("Foreign", other_key).make();
    let below_foreign = workshop.leaf(&foreign, leaf_key).make().der;
    // UTF8String by openssl, PrintableString by hand: one name to RFC 5280 section 7.1.
    let respelled = workshop.changed(&pki.leaf().make(), &issuing.key, |fields| {
        let attribute = parts(&parts(&parts(&fields[field::ISSUER])[0])[0]);
        let value = tlv(PRINTABLE_STRING, content(&attribute[1]));
        let attribute = joined(SEQUENCE, &[attribute[0].clone(), value]);
        fields[field::ISSUER] = joined(SEQUENCE, &[tlv(0x31, &attribute)]);
    });
    vec![
        pki.row("a leaf that signed itself", &alone.der, untrusted(), Agrees(SELF_SIGNED_LEAF)),
        pki.row(
            "a leaf that signed itself under the root's name",
            &posing.der,
            untrusted(),
            Agrees(SELF_SIGNED_LEAF),
        ),
        row(
            "a leaf that signed itself, configured as an anchor",
            &alone.der,
            &[],
            &[&alone.der],
            bad_anchor(BadAnchor::NotACa),
            Differs(
                OK,
                "An anchor is a CA. One that could be a leaf would trust one client for \
                                ever, past every rule for leaves.",
            ),
        ),
        pki.row("a leaf of a foreign CA", &below_foreign, untrusted(), Agrees(NO_ISSUER)),
        row(
            "a leaf of a foreign CA, whose root is configured as an intermediate",
            &below_foreign,
            &[&foreign.der],
            &[&root.der],
            untrusted(),
            Agrees(SELF_SIGNED_ABOVE),
        ),
        pki.row(
            "the issuer's name in another kind of string",
            &respelled,
            untrusted(),
            Differs(
                OK,
                "Names are compared as bytes: RFC 5280 section 4.1.2.6 has a CA write its \
                                name as in its own certificate.",
            ),
        ),
    ]
}

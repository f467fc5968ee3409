//! A CA that was renewed: several certificates, or several keys, under one name.

use tollgate::Reason;
use tollgate::cert::path::PathFault;

use super::pki::{Pki, admitted, invalid, path, row, untrusted};
use super::verdict::Case;
use super::verdict::Openssl::{Agrees, Differs};
use super::verdict::error::*;
use super::workshop::P_256;

pub(crate) fn rows(pki: &Pki<'_>) -> Vec<Case> {
    let Pki { workshop, root: old, leaf_key, .. } = pki;
    let ok = Agrees(OK);
    let new_key = workshop.key(P_256);
    let new = workshop.root("Root", &new_key).make();
    let both: [&[u8]; 2] = [&old.der, &new.der];
    let under = |root| workshop.leaf(root, leaf_key);
    let (under_old, under_new) = (under(old).make().der, under(&new).make().der);

    // The same without any key identifier: every key of the name has to be tried.
    let mute_old = pki.root().without_key_ids().make();
    let mute_new = workshop.root("Root", &new_key).without_key_ids().make();
    let mutes: [&[u8]; 2] = [&mute_old.der, &mute_new.der];
    let (mute_under_old, mute_under_new) =
        (under(old).without_key_ids().make().der, under(&new).without_key_ids().make().der);

    let forger = workshop.root("Root", &pki.other_key).make();
    let forged = under(&forger).make().der;
    let mute_forged = under(&forger).without_key_ids().make().der;

    // Renewed with the same key again and again; the new certificate is the last in its file.
    let ends = ["2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01", "2040-01-01"];
    let renewed = ends.map(|last| pki.root().valid("2020-01-01", last).make().der);
    let renewed: Vec<&[u8]> = renewed.iter().map(Vec::as_slice).collect();
    let renewed_issuing = ends.map(|last| pki.issuing().valid("2020-01-01", last).make().der);
    let renewed_issuing: Vec<&[u8]> = renewed_issuing.iter().map(Vec::as_slice).collect();
    let below_issuing = pki.leaf().make().der;
    let new_by_old = workshop.ca(old, "Root", &new_key).make().der;
    let old_by_new = workshop.ca(&new, "Root", &old.key).make().der;
    let strict = "Strictly, openssl asks for key identifiers (RFC 5280 sections 4.2.1.1 and \
                  4.2.1.2); whether a CA wrote them changes nothing for a proven path.";
    let mute = |number| Differs(number, strict);
    vec![
        row("a new key, a leaf of the old one", &under_old, &[], &both, admitted(), ok),
        row("a new key, a leaf of the new one", &under_new, &[], &both, admitted(), ok),
        row(
            "no key ids, a leaf of the old one",
            &mute_under_old,
            &[],
            &mutes,
            admitted(),
            mute(NO_ISSUER_KEY_ID),
        ),
        row(
            "no key ids, a leaf of the new one",
            &mute_under_new,
            &[],
            &mutes,
            admitted(),
            mute(NO_ISSUER_KEY_ID),
        ),
        row("key ids in the leaf only", &under_new, &[], &mutes, admitted(), mute(NO_KEY_ID)),
        row(
            "key ids in the roots only",
            &mute_under_new,
            &[],
            &both,
            admitted(),
            mute(NO_ISSUER_KEY_ID),
        ),
        row("a forger's key under the name", &forged, &[], &both, untrusted(), Agrees(NO_ISSUER)),
        row(
            "a forger's key under the name, no key ids",
            &mute_forged,
            &[],
            &mutes,
            invalid(PathFault::Signature),
            Agrees(NO_ISSUER_KEY_ID),
        ),
        row(
            "one key, five certificates, four have ended",
            &under_old,
            &[],
            &renewed,
            admitted(),
            ok,
        ),
        row("the same at both levels", &below_issuing, &renewed_issuing, &renewed, admitted(), ok),
        row(
            "one key, four certificates, all have ended",
            &under_old,
            &[],
            &renewed[..4],
            path(PathFault::Expired, Reason::CertificateExpired),
            Agrees(EXPIRED),
        ),
        row(
            "the new key certified by the old one",
            &under_new,
            &[&new_by_old],
            &[&old.der],
            admitted(),
            ok,
        ),
        row(
            "the old key certified by the new one",
            &under_old,
            &[&old_by_new],
            &[&new.der],
            admitted(),
            ok,
        ),
        row(
            "the new key certified by the old one, no key id in the leaf",
            &mute_under_new,
            &[&new_by_old],
            &[&old.der],
            admitted(),
            mute(NO_ISSUER_KEY_ID),
        ),
    ]
}

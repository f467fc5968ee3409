//! When a path is valid, and for what.

use tollgate::Reason;
use tollgate::cert::path::PathFault;

use super::order::{CA_DAYS, LEAF_DAYS};
use super::pki::{Pki, admitted, admitted_within, invalid, path, row};
use super::verdict::Case;
use super::verdict::Openssl::{Agrees, Differs};
use super::verdict::error::*;

pub(crate) fn rows(pki: &Pki<'_>) -> Vec<Case> {
    let mut rows = times(pki);
    rows.extend(purposes(pki));
    rows
}

fn times(pki: &Pki<'_>) -> Vec<Case> {
    let expired = path(PathFault::Expired, Reason::CertificateExpired);
    let early = path(PathFault::NotYetValid, Reason::CertificateNotYetValid);
    let ok = Agrees(OK);
    let leaf = pki.leaf().make().der;
    let (until_june, from_august) = (("2020-01-01", "2026-06-01"), ("2026-08-01", "2040-01-01"));
    let issuing = |(first, last)| pki.issuing().valid(first, last).make().der;
    let root = |(first, last)| pki.root().valid(first, last).make().der;
    let long = pki.leaf().valid("2020-01-01", "9999-12-31T23:59:59").make().der;
    let late = pki.leaf().valid("2026-06-02", "2027-01-01").make().der;
    vec![
        pki.row("the first second of the leaf", &leaf, admitted(), ok).at("2026-01-01"),
        pki.row("the second before the first", &leaf, early, Agrees(NOT_YET_VALID))
            .at("2025-12-31T23:59:59"),
        pki.row(
            "the last second of the leaf",
            &leaf,
            admitted(),
            Differs(
                EXPIRED,
                "RFC 5280 section 4.1.2.5 counts the last second in; openssl does not.",
            ),
        )
        .at("2027-01-01"),
        pki.row("the second before the last", &leaf, admitted(), ok).at("2026-12-31T23:59:59"),
        pki.row("the second after the last", &leaf, expired, Agrees(EXPIRED))
            .at("2027-01-01T00:00:01"),
        pki.issuing_row(
            "an issuing CA that has ended",
            &issuing(until_june),
            expired,
            Agrees(EXPIRED),
        ),
        pki.issuing_row(
            "an issuing CA that has not begun",
            &issuing(from_august),
            early,
            Agrees(NOT_YET_VALID),
        ),
        pki.root_row("a root that has ended", &root(until_june), expired, Agrees(EXPIRED)),
        pki.root_row("a root that has not begun", &root(from_august), early, Agrees(NOT_YET_VALID)),
        pki.issuing_row(
            "an issuing CA that ends before the leaf",
            &issuing(("2020-01-01", "2026-08-01")),
            admitted_within((LEAF_DAYS.0, "2026-08-01")),
            ok,
        ),
        pki.root_row(
            "a root that begins after the leaf",
            &root(("2026-03-01", "2040-01-01")),
            admitted_within(("2026-03-01", LEAF_DAYS.1)),
            ok,
        ),
        row(
            "a leaf that was issued after its CA had ended",
            &late,
            &[&issuing(until_june)],
            &[&pki.root.der],
            invalid(PathFault::NeverValid),
            Agrees(EXPIRED),
        ),
        pki.row("a leaf without an end (year 9999)", &long, admitted_within(CA_DAYS), ok),
    ]
}

fn purposes(pki: &Pki<'_>) -> Vec<Case> {
    let purpose = path(PathFault::Purpose, Reason::CertificatePurpose);
    let leaf = |usages| pki.leaf().with("extendedKeyUsage", usages).make().der;
    let issuing = |usages| pki.issuing().with("extendedKeyUsage", usages).make().der;
    let root = |usages| pki.root().with("extendedKeyUsage", usages).make().der;
    let (ok, refused) = (Agrees(OK), Agrees(PURPOSE));
    let silent = pki.leaf().without("extendedKeyUsage").make().der;
    let cannot_sign = pki.leaf().with("keyUsage", "critical,keyEncipherment").make().der;
    vec![
        pki.row("a leaf for servers", &leaf("serverAuth"), purpose, refused),
        pki.row("a leaf for servers and clients", &leaf("serverAuth,clientAuth"), admitted(), ok),
        pki.row("a leaf for everything", &leaf("anyExtendedKeyUsage"), purpose, refused),
        pki.row(
            "a leaf without an EKU",
            &silent,
            purpose,
            Differs(
                OK,
                "RFC 5280 lets a certificate without an EKU be used for everything; the gate wants \
                 to be told that it is a client's.",
            ),
        ),
        pki.row("a leaf whose key usage is for encryption only", &cannot_sign, purpose, refused),
        pki.issuing_row("an issuing CA for clients", &issuing("clientAuth"), admitted(), ok),
        pki.issuing_row("an issuing CA for servers", &issuing("serverAuth"), purpose, refused),
        pki.issuing_row(
            "an issuing CA for everything",
            &issuing("anyExtendedKeyUsage"),
            purpose,
            refused,
        ),
        pki.root_row("a root for servers", &root("serverAuth"), purpose, refused),
    ]
}

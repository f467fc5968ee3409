//! Certificates of another version or form: what is read at all, and what is well signed nonsense.

use tollgate::cert::BadCertificate::{DuplicateExtension, Extension, NotDer, Version};

use super::der::{
    BOOLEAN, GENERALIZED_TIME, INTEGER, OBJECT_ID, OCTET_STRING, SEQUENCE, change_extensions,
    content, extension, field, fields, indefinite, joined, long_form, parts, tlv,
};
use super::pki::{Pki, admitted, malformed, unreadable};
use super::verdict::Case;
use super::verdict::Openssl::{Agrees, Differs};
use super::verdict::error::*;

type Fields = Vec<Vec<u8>>;

pub(crate) fn rows(pki: &Pki<'_>) -> Vec<Case> {
    let mut rows = versions(pki);
    rows.extend(twice(pki));
    rows.extend(behind(pki));
    rows.extend(serials(pki));
    rows.extend(encodings(pki));
    rows
}

/// The usual leaf with other fields, well signed.
fn leaf(pki: &Pki<'_>, change: impl FnOnce(&mut Fields)) -> Vec<u8> {
    pki.workshop.changed(&pki.leaf().make(), &pki.issuing.key, change)
}

/// The usual issuing CA with other fields, well signed.
fn issuing(pki: &Pki<'_>, change: impl FnOnce(&mut Fields)) -> Vec<u8> {
    pki.workshop.changed(&pki.issuing, &pki.root.key, change)
}

fn versions(pki: &Pki<'_>) -> Vec<Case> {
    let old = "Version 1 and 2 are not read: they cannot say what they may be used for.";
    let v3 = Agrees(EXTENSIONS_OF_V3);
    let with_version = |fields: &mut Fields, version| {
        fields[field::VERSION] = tlv(0xa0, &tlv(INTEGER, &[version]));
    };
    let hollow = leaf(pki, |fields| drop(fields.remove(field::VERSION)));
    let second = leaf(pki, |fields| with_version(fields, 1));
    let fourth = leaf(pki, |fields| with_version(fields, 3));
    vec![
        pki.row(
            "a leaf of version 1",
            &pki.leaf().version_1().make().der,
            malformed(Version),
            Differs(OK, old),
        ),
        pki.issuing_row(
            "an issuing CA of version 1",
            &pki.issuing().version_1().make().der,
            unreadable(Version),
            Agrees(NOT_A_CA),
        ),
        pki.root_row(
            "a root of version 1",
            &pki.root().version_1().make().der,
            unreadable(Version),
            Agrees(NOT_A_CA),
        ),
        pki.row("version 1 with extensions", &hollow, malformed(Version), v3),
        pki.row("version 2 with extensions", &second, malformed(Version), v3),
        pki.row(
            "version 4",
            &fourth,
            malformed(NotDer),
            Differs(OK, "There is no version 4 (RFC 5280 section 4.1.2.1); openssl does not mind."),
        ),
    ]
}

/// subjectAltName and basicConstraints (RFC 5280 section 4.2.1), and one of nobody (1.2.3.4).
const ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const NOBODYS: &[u8] = &[0x2a, 3, 4];

fn twice(pki: &Pki<'_>) -> Vec<Case> {
    let also = |more: &[Vec<u8>]| {
        let more = more.to_vec();
        move |fields: &mut Fields| change_extensions(fields, |list| list.extend(more))
    };
    let other_name =
        extension(ALT_NAME, false, &joined(SEQUENCE, &[tlv(0x82, b"pc8.contoso.com")]));
    let no_ca = extension(BASIC_CONSTRAINTS, true, &joined(SEQUENCE, &[]));
    let nobodys = extension(NOBODYS, false, &[5, 0]);
    let (bad, agrees) = (malformed(DuplicateExtension), Agrees(NO_ISSUER));
    vec![
        pki.row("two lists of names in a leaf", &leaf(pki, also(&[other_name])), bad, agrees),
        pki.row(
            "basic constraints twice in a leaf",
            &leaf(pki, also(std::slice::from_ref(&no_ca))),
            bad,
            agrees,
        ),
        pki.row(
            "an unknown extension twice in a leaf",
            &leaf(pki, also(&[nobodys.clone(), nobodys])),
            bad,
            Differs(OK, "openssl looks for duplicates only among the extensions that it reads."),
        ),
        pki.issuing_row(
            "basic constraints twice in an issuing CA",
            &issuing(pki, also(&[no_ca])),
            unreadable(DuplicateExtension),
            agrees,
        ),
    ]
}

/// Bytes behind what should be the end.
fn behind(pki: &Pki<'_>) -> Vec<Case> {
    let good = pki.leaf().make().der;
    let null = vec![5, 0];
    let after = [&good[..], &[0]].concat();
    let after_issuing = [&pki.issuing.der[..], &[0]].concat();
    let mut outer = parts(&good);
    outer.push(null.clone());
    let after_signature = joined(SEQUENCE, &outer);
    let after_extensions = leaf(pki, |fields| fields.push(null.clone()));
    let after_list = leaf(pki, |fields| {
        let list = content(&fields[field::EXTENSIONS]);
        fields[field::EXTENSIONS] = tlv(0xa3, &[list, &null].concat());
    });
    let in_value = |id: &'static [u8], value: &'static [u8]| {
        leaf(pki, |fields| {
            change_extensions(fields, |list| {
                list.retain(|extension| content(&parts(extension)[0]) != id);
                list.push(extension(id, true, value));
            });
        })
    };
    let after_constraints = in_value(BASIC_CONSTRAINTS, &[0x30, 0, 5, 0]);
    let cut_name = in_value(ALT_NAME, b"\x30\x06\x82\x07pc.a");
    let after_names = in_value(ALT_NAME, b"\x30\x06\x82\x04pc.a\x05\x00");
    let agrees = Agrees(UNREADABLE);
    let leaves_it =
        Differs(OK, "openssl leaves bytes behind a value unread; nothing is left unread here.");
    vec![
        pki.row("a byte behind a leaf", &after, malformed(NotDer), leaves_it),
        pki.issuing_row(
            "a byte behind an issuing CA",
            &after_issuing,
            unreadable(NotDer),
            leaves_it,
        ),
        pki.row("a value behind the signature", &after_signature, malformed(NotDer), agrees),
        pki.row("a value behind the extensions", &after_extensions, malformed(NotDer), agrees),
        pki.row("a value behind the list of extensions", &after_list, malformed(NotDer), agrees),
        pki.row(
            "a value behind the basic constraints",
            &after_constraints,
            malformed(Extension),
            leaves_it,
        ),
        pki.row("a value behind the names", &after_names, malformed(Extension), leaves_it),
        pki.row("a name that is cut off", &cut_name, malformed(Extension), Agrees(NO_ISSUER)),
    ]
}

/// Odd serial numbers are the CA's fault, not the client's. They matter where they are looked up.
fn serials(pki: &Pki<'_>) -> Vec<Case> {
    let serial = |bytes: &[u8]| leaf(pki, |fields| fields[field::SERIAL] = tlv(INTEGER, bytes));
    let ok = Agrees(OK);
    let mut long = [0x11; 21];
    long[0] = 1;
    vec![
        pki.row("the serial number zero", &serial(&[0]), admitted(), ok),
        pki.row("a serial number of 21 octets", &serial(&long), admitted(), ok),
        pki.row("a negative serial number", &serial(&[0x80]), admitted(), ok),
        pki.row(
            "a serial number with a zero in front",
            &serial(&[0, 0, 1]),
            malformed(NotDer),
            Agrees(UNREADABLE),
        ),
        pki.row(
            "a serial number without a byte",
            &serial(&[]),
            malformed(NotDer),
            Agrees(UNREADABLE),
        ),
    ]
}

/// One value, two encodings: a signature may be over either, and only one is DER.
fn encodings(pki: &Pki<'_>) -> Vec<Case> {
    let good = pki.leaf().make().der;
    let signed_part = joined(SEQUENCE, &fields(&good));
    let sign = |bytes: &[u8]| pki.workshop.sign(bytes, &pki.issuing.key);
    let bad = malformed(NotDer);
    let constraints = |made: &[Vec<u8>]| {
        let made = joined(SEQUENCE, made);
        leaf(pki, |fields| change_extensions(fields, |list| list[0] = made))
    };
    let id = tlv(OBJECT_ID, BASIC_CONSTRAINTS);
    let value = tlv(OCTET_STRING, &[0x30, 0]);
    let odd_true = constraints(&[id.clone(), tlv(BOOLEAN, &[1]), value.clone()]);
    let said_false = constraints(&[id.clone(), tlv(BOOLEAN, &[0]), value.clone()]);
    let ca_false = constraints(&[id, tlv(OCTET_STRING, &[0x30, 3, 1, 1, 0])]);
    let general_time = leaf(pki, |fields| {
        let time = |text: &[u8]| tlv(GENERALIZED_TIME, text);
        fields[field::VALIDITY] =
            joined(SEQUENCE, &[time(b"20260101000000Z"), time(b"20270101000000Z")]);
    });
    let fraction = leaf(pki, |fields| {
        let time = |text: &[u8]| tlv(GENERALIZED_TIME, text);
        fields[field::VALIDITY] =
            joined(SEQUENCE, &[time(b"20260101000000.5Z"), time(b"20270101000000.5Z")]);
    });
    let why = "openssl reads BER; DER is all that is read here, so that one value has one form.";
    vec![
        pki.row(
            "a length in more bytes than needed",
            &sign(&long_form(&signed_part)),
            bad,
            Differs(OK, why),
        ),
        pki.row(
            "a value without a length",
            &sign(&indefinite(&signed_part)),
            bad,
            Differs(OK, why),
        ),
        pki.row("the whole with a longer length", &long_form(&good), bad, Differs(OK, why)),
        pki.row("a TRUE of 01", &odd_true, bad, Differs(OK, why)),
        pki.row("a FALSE that goes without saying", &said_false, admitted(), Agrees(OK)),
        pki.row("a CA:FALSE that goes without saying", &ca_false, admitted(), Agrees(OK)),
        pki.row("years before 2050 in GeneralizedTime", &general_time, admitted(), Agrees(OK)),
        pki.row("fractions of seconds", &fraction, bad, Agrees(TIME_FORM)),
    ]
}

//! A PKI that the `openssl` command makes, judged by us and by `openssl verify`.

#![allow(clippy::unwrap_used)]

#[path = "openssl/building.rs"]
mod building;
#[path = "openssl/der.rs"]
mod der;
#[path = "openssl/flips.rs"]
mod flips;
#[path = "openssl/issuers.rs"]
mod issuers;
#[path = "openssl/keys.rs"]
mod keys;
#[path = "openssl/order.rs"]
mod order;
#[path = "openssl/pki.rs"]
mod pki;
#[path = "openssl/renewal.rs"]
mod renewal;
#[path = "openssl/rules.rs"]
mod rules;
#[path = "openssl/shape.rs"]
mod shape;
#[path = "openssl/verdict.rs"]
mod verdict;
#[path = "openssl/workshop.rs"]
mod workshop;

use std::io::Write;

use pki::Pki;
use verdict::{Openssl, complaints};
use workshop::Workshop;

/// A folder to work in; without OpenSSL, the word that the test is left out.
fn open(test: &str) -> Option<Workshop> {
    let workshop = Workshop::open(test);
    if workshop.is_none() {
        // Past the test runner, which keeps what passing tests print to itself.
        let line = format!("\nSKIPPED: {test}: there is no `openssl` command of version 3\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    workshop
}

#[test]
fn certificates_of_openssl_are_judged_as_the_table_says() {
    let Some(workshop) = open("certificates_of_openssl_are_judged_as_the_table_says") else {
        return;
    };
    let pki = Pki::new(&workshop);
    let tables =
        [keys::rows, building::rows, renewal::rows, rules::rows, issuers::rows, shape::rows];
    let cases: Vec<_> = tables.iter().flat_map(|rows| rows(&pki)).collect();
    let complaints: Vec<_> = cases.iter().flat_map(|case| complaints(&workshop, case)).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    let differ = cases.iter().filter(|case| matches!(case.openssl, Openssl::Differs(..))).count();
    let line = format!("openssl: {} cases, {differ} named differences\n", cases.len());
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

#[test]
fn no_flipped_bit_of_a_path_admits() {
    let Some(workshop) = open("no_flipped_bit_of_a_path_admits") else { return };
    flips::check(&Pki::new(&workshop));
}

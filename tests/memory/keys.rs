//! Keys that keep their numbers and lose their name: what was proven under the old name falls with it.

use serde_json::json;
use tollgate::{Gate, Reason};

use super::said::reason;
use super::tokens::{signed, signed_under, user};
use super::world::{A, KeyEntry, NOW, OPEN, SPARE_HS, World};

/// A gate that remembers, one that does not, and what both say.
struct Pair {
    world: World,
    gates: [Gate; 2],
}

impl Pair {
    fn new(keys: &[KeyEntry]) -> Self {
        let mut world = World::new();
        world.tenant(0).unwrap().keys.keys = keys.to_vec();
        let gates = [1 << 20, 0].map(|bytes| world.gate(bytes));
        Self { world, gates }
    }

    fn swap(&mut self, keys: &[KeyEntry]) {
        self.world.tenant(0).unwrap().keys.keys = keys.to_vec();
        self.gates.iter().for_each(|gate| self.world.swap(gate));
    }

    #[track_caller]
    fn say(&self, token: &str, expected: Option<Reason>) {
        let got = self.gates.each_ref().map(|gate| reason(gate, token, &OPEN, NOW));
        assert_eq!(got, [expected; 2], "the gate that remembers, the one that does not");
    }
}

const ONE: KeyEntry = KeyEntry::named(A[0], "one");
const TWO: KeyEntry = KeyEntry::named(A[1], "two");

#[test]
fn a_key_that_left_and_came_back_under_another_name_proves_nothing_under_the_old_one() {
    let token = signed(A[0], &user(0, 1));
    let mut pair = Pair::new(&[ONE, TWO]);
    pair.say(&token, None);
    pair.swap(&[TWO]);
    pair.swap(&[TWO, KeyEntry { kid: Some("three"), ..ONE }]);
    pair.say(&token, Some(Reason::KeyUnknown));
    pair.swap(&[TWO, ONE]);
    pair.say(&token, None);
}

#[test]
fn a_key_that_came_back_bound_to_another_issuer_proves_nothing() {
    let token = signed(A[0], &user(0, 1));
    let mut pair = Pair::new(&[ONE, TWO]);
    pair.say(&token, None);
    pair.swap(&[TWO]);
    pair.swap(&[TWO, KeyEntry { issuer: Some("https://elsewhere.example.org"), ..ONE }]);
    pair.say(&token, Some(Reason::KeyIssuer));
}

/// Two keys of one thumbprint: neither is meant. They come together, so neither was there to share it
/// with the other.
#[test]
fn a_key_that_came_back_beside_another_of_its_thumbprint_is_ambiguous() {
    let thumbed = KeyEntry { x5t: Some("foo"), ..ONE };
    let token = signed_under(A[0], json!({ "x5t": "foo" }), &user(0, 1));
    let mut pair = Pair::new(&[thumbed, TWO]);
    pair.say(&token, None);
    pair.swap(&[TWO]);
    let other = KeyEntry { x5t: Some("foo"), ..KeyEntry::named(SPARE_HS, "four") };
    pair.swap(&[TWO, thumbed, other]);
    pair.say(&token, Some(Reason::KeyAmbiguous));
}

#[test]
fn one_of_two_names_of_a_key_goes() {
    let again = KeyEntry { kid: Some("three"), ..ONE };
    let token = signed_under(A[0], json!({ "kid": "three" }), &user(0, 1));
    let mut pair = Pair::new(&[ONE, TWO, again]);
    pair.say(&token, None);
    pair.swap(&[ONE, TWO]);
    pair.say(&token, Some(Reason::KeyUnknown));
}

/// A header with two thumbprints means whatever has either.
#[test]
fn a_new_key_has_the_other_thumbprint() {
    let thumbed = KeyEntry { x5t: Some("foo"), ..ONE };
    let header = json!({ "x5t": "foo", "x5t#S256": "bar" });
    let token = signed_under(A[0], header, &user(0, 1));
    let mut pair = Pair::new(&[thumbed, TWO]);
    pair.say(&token, None);
    let other = KeyEntry { x5t_s256: Some("bar"), ..KeyEntry::named(SPARE_HS, "four") };
    pair.swap(&[thumbed, TWO, other]);
    pair.say(&token, Some(Reason::KeyAmbiguous));
}

/// The only key of its algorithm is meant by a token that names none; of two, neither.
#[test]
fn a_second_key_makes_a_token_without_a_name_ambiguous() {
    let token = signed_under(A[0], json!({}), &user(0, 1));
    let mut pair = Pair::new(&[ONE]);
    pair.say(&token, None);
    pair.swap(&[ONE, TWO]);
    pair.say(&token, Some(Reason::KeyAmbiguous));
    pair.swap(&[ONE]);
    pair.say(&token, None);
}

//! A token that was genuine once: no change to it is admitted, and none makes it somebody else's.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use tollgate::Class;

use super::config;
use super::house::{Genuine, HOUSE, NOW, OPEN, Presented, id, judge, who};

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn a_changed_token_is_nobodys((at, Presented(bytes)) in mutant()) {
        let genuine = &HOUSE.genuine[at];
        let verdict = judge(&HOUSE.open, &bytes, &OPEN, NOW);
        if let Some(admission) = verdict.admission() {
            let is_whole = HOUSE.genuine.iter().any(|token| token.text.as_bytes() == bytes);
            prop_assert!(is_whole, "a token with other bytes was admitted");
            let own = HOUSE.signers[genuine.signer].principal_of(&genuine.claims);
            prop_assert_eq!(id(&admission.principal()), own);
        }
    }

    /// Forgers would learn from the other classes who is configured, disabled or withdrawn.
    #[test]
    fn a_changed_token_is_told_nothing_but_that_it_proves_nothing((_, Presented(bytes)) in mutant()) {
        if let Some(refusal) = judge(&HOUSE.strict, &bytes, &OPEN, NOW).refusal() {
            let is_whole = HOUSE.genuine.iter().any(|token| token.text.as_bytes() == bytes);
            let class = refusal.reason.class();
            // Stale keys are ours to know: nothing of that issuer can be decided.
            let is_mum =
                matches!(class, Class::Malformed | Class::Untrusted | Class::Undecidable);
            prop_assert!(is_whole || is_mum, "{refusal}");
        }
    }

    /// Neither the name of the key nor anything else in the header makes up for the key.
    #[test]
    fn nobody_signs_for_another(
        victim in 0..HOUSE.genuine.len(),
        thief in 0..HOUSE.signers.len(),
        with_own_header in any::<bool>(),
    ) {
        let Genuine { signer, claims, .. } = &HOUSE.genuine[victim];
        let (victim, thief) = (&HOUSE.signers[*signer], &HOUSE.signers[thief]);
        let header = if with_own_header { thief.header() } else { victim.header() };
        let forged = thief.sign_under(&header, &claims.to_string());
        let expected = std::ptr::eq(victim, thief).then(|| victim.principal_of(claims));
        prop_assert_eq!(who(forged.as_bytes()), expected);
    }
}

/// One genuine token, by its place in [`super::house::House::genuine`], and what became of it.
pub(crate) fn mutant() -> impl Strategy<Value = (usize, Presented)> {
    let places = 0..HOUSE.genuine.len();
    (places.clone(), mutation(places)).prop_map(|(at, mutation)| {
        let text = HOUSE.genuine[at].text.as_bytes();
        (at, Presented(mutation.of(text)))
    })
}

/// What a stranger does to a token that he has.
#[derive(Clone, Debug)]
enum Mutation {
    Insert(Index, u8),
    Delete(Index),
    Replace(Index, u8),
    Swap(Index, Index),
    Truncate(Index),
    TurnCase(Index),
    UpperCase,
    Append(Vec<u8>),
    Prepend(Vec<u8>),
    Pad(usize),
    /// Base64 of RFC 4648 section 4.
    OtherAlphabet,
    /// Part `.0` from another genuine token.
    Graft(usize, usize),
    SwapParts(usize, usize),
    RepeatPart(usize),
    EmptyPart(usize),
}

fn mutation(places: std::ops::Range<usize>) -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let byte = || prop_oneof![3 => select(&b"AQgw-_.=+/ \n\0"[..]), 1 => any::<u8>()];
    let junk = prop::collection::vec(byte(), 1..6);
    let prefix = select(&["Bearer ", " ", "\"", "\u{feff}", "."][..]).prop_map(Vec::from);
    let part = 0..3_usize;
    // From another token comes what is most like this one; so it is tried most.
    let graft = (part.clone(), places).prop_map(|(part, from)| Mutation::Graft(part, from));
    let of_its_own = prop_oneof![
        (at(), byte()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        at().prop_map(Mutation::Delete),
        (at(), byte()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (at(), at()).prop_map(|(one, other)| Mutation::Swap(one, other)),
        at().prop_map(Mutation::Truncate),
        at().prop_map(Mutation::TurnCase),
        Just(Mutation::UpperCase),
        junk.prop_map(Mutation::Append),
        prefix.prop_map(Mutation::Prepend),
        part.clone().prop_map(Mutation::Pad),
        Just(Mutation::OtherAlphabet),
        (part.clone(), part.clone()).prop_map(|(one, other)| Mutation::SwapParts(one, other)),
        part.clone().prop_map(Mutation::RepeatPart),
        part.prop_map(Mutation::EmptyPart),
    ];
    prop_oneof![3 => of_its_own, 1 => graft]
}

impl Mutation {
    fn of(&self, token: &[u8]) -> Vec<u8> {
        let mut bytes = token.to_vec();
        let mut parts: Vec<Vec<u8>> = token.split(|byte| *byte == b'.').map(Vec::from).collect();
        match self {
            Self::Insert(at, byte) => bytes.insert(at.index(bytes.len() + 1), *byte),
            Self::Delete(at) => drop(bytes.remove(at.index(bytes.len()))),
            Self::Replace(at, byte) => bytes[at.index(token.len())] = *byte,
            Self::Swap(one, other) => bytes.swap(one.index(token.len()), other.index(token.len())),
            Self::Truncate(at) => bytes.truncate(at.index(token.len())),
            Self::TurnCase(at) => bytes[at.index(token.len())] ^= 0x20,
            Self::UpperCase => bytes.make_ascii_uppercase(),
            Self::Append(junk) => bytes.extend(junk),
            Self::Prepend(junk) => drop(bytes.splice(0..0, junk.iter().copied())),
            Self::OtherAlphabet => bytes.iter_mut().for_each(|byte| match byte {
                b'-' => *byte = b'+',
                b'_' => *byte = b'/',
                _ => {}
            }),
            Self::Pad(part) => parts[*part].extend(b"=="),
            Self::Graft(part, from) => {
                let other = HOUSE.genuine[*from].text.as_bytes();
                let theirs = other.split(|byte| *byte == b'.').nth(*part);
                parts[*part] = theirs.map(Vec::from).unwrap_or_default();
            }
            Self::SwapParts(one, other) => parts.swap(*one, *other),
            Self::RepeatPart(part) => parts.insert(*part, parts[*part].clone()),
            Self::EmptyPart(part) => parts[*part].clear(),
        }
        let of_parts = parts.join(&b'.');
        if of_parts == token { bytes } else { of_parts }
    }
}

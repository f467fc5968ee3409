//! What is presented to the twin, and what came of it.

use std::rc::Rc;

use tollgate::{Class, Explanation, Peer, Reason, Refusal, Request, SigningFailed, Step, Verdict};

/// Most steps that are kept of an explanation: the last ones, where the refusal came from.
const STEPS_KEPT: usize = 4;

/// A credential that was made for the test.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) token: Option<String>,
    pub(super) certificate: Option<Client>,
    /// Another client's certificate, where the token is bound to this one's.
    pub(super) other: Option<Client>,
}

/// A client's certificate, as DER and as the gate takes it.
#[derive(Clone)]
pub(super) struct Client {
    der: Vec<u8>,
    peer: Rc<Peer>,
}

/// What came of presenting credentials until one was admitted.
pub(super) enum Outcome {
    /// One was.
    Admitted {
        credential: Credential,
        /// When it ends, in seconds since 1970.
        ends_s: i64,
        /// What an administrator should know.
        note: Option<String>,
    },
    /// None was; this is what was said of the best of them.
    Refused { refusal: Refusal, steps: Vec<Step> },
    /// None could be made: why.
    Untested(String),
}

impl Client {
    pub(super) fn new(der: Vec<u8>) -> Result<Self, String> {
        let peer = Peer::new([der.as_slice()]).map_err(|refusal| refusal.to_string())?;
        Ok(Self { der, peer: Rc::new(peer) })
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }
}

impl Credential {
    pub(super) fn token(token: String) -> Self {
        Self { token: Some(token), certificate: None, other: None }
    }

    pub(super) fn certificate(client: Client) -> Self {
        Self { token: None, certificate: Some(client), other: None }
    }

    pub(super) fn request(&self) -> Request<'_> {
        let token = self.token.as_ref();
        let request = token.map_or_else(Request::empty, |token| Request::token(token.as_bytes()));
        request.with_peer(self.certificate.as_ref().map(Client::peer))
    }

    /// The same with one bit of its signature flipped.
    pub(super) fn altered(&self) -> Result<Self, String> {
        if let Some(token) = &self.token {
            return Ok(Self { token: Some(with_flipped_bit(token)), ..self.clone() });
        }
        let client = self.certificate.as_ref().ok_or("nothing to alter")?;
        // The last byte is the last one of the signature.
        let mut der = client.der.clone();
        if let Some(last) = der.last_mut() {
            *last ^= 1;
        }
        Ok(Self::certificate(Client::new(der)?))
    }
}

/// In the middle of the signature, where every bit of a letter counts: the letters of base64url whose
/// values differ in the lowest bit stand beside each other in this list.
fn with_flipped_bit(token: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let start = token.rfind('.').map_or(0, |dot| dot + 1);
    let middle = start + (token.len() - start) / 2;
    let flipped = |(at, letter): (usize, char)| {
        let value = LETTERS.iter().position(|other| at == middle && char::from(*other) == letter);
        value.map_or(letter, |value| char::from(LETTERS[value ^ 1]))
    };
    token.char_indices().map(flipped).collect()
}

impl Outcome {
    /// What one explanation of this credential means.
    pub(super) fn of(credential: &Credential, explanation: Explanation<'_>) -> Self {
        match explanation.verdict {
            Verdict::Admit(admission) => {
                let (credential, ends_s) = (credential.clone(), admission.window().ends);
                Self::Admitted { credential, ends_s, note: None }
            }
            Verdict::Refuse(refusal) => {
                Self::Refused { refusal, steps: last_steps(explanation.steps) }
            }
        }
    }

    pub(super) fn is_admitted(&self) -> bool {
        matches!(self, Self::Admitted { .. })
    }

    pub(super) fn reason(&self) -> Option<Reason> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal.reason),
            Self::Admitted { .. } | Self::Untested(_) => None,
        }
    }

    /// The step that refused.
    pub(super) fn last_step(&self) -> &str {
        match self {
            Self::Refused { steps, .. } => steps.last().map_or("", |step| step.name),
            Self::Admitted { .. } | Self::Untested(_) => "",
        }
    }

    /// Whether another key of the same issuer may do better.
    pub(super) fn is_of_key(&self) -> bool {
        let of_key = [
            Reason::KeyIssuer,
            Reason::KeyAmbiguous,
            Reason::KeyUnknown,
            Reason::AlgorithmMismatch,
            Reason::AlgorithmUnknown,
        ];
        self.reason().is_some_and(|reason| of_key.contains(&reason))
    }
}

impl From<SigningFailed> for Outcome {
    fn from(why: SigningFailed) -> Self {
        Self::Untested(why.to_string())
    }
}

/// The end of an explanation.
pub(super) fn last_steps(mut steps: Vec<Step>) -> Vec<Step> {
    steps.split_off(steps.len().saturating_sub(STEPS_KEPT))
}

/// Whether a refusal says that nobody believed it.
pub(super) fn is_untrusted(verdict: &Verdict<'_>) -> bool {
    verdict.refusal().is_some_and(|refusal| refusal.reason.class() == Class::Untrusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_of_the_signature_becomes_its_neighbour() {
        assert_eq!(with_flipped_bit("AAAA.AAAA.AAAAA"), "AAAA.AAAA.AABAA");
        assert_eq!(with_flipped_bit("a.b.cc_cc"), "a.b.cc-cc");
    }
}

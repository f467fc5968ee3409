//! A certificate with a proven path: what it says becomes facts.

use super::authority::Pki;
use super::described::described;
use super::naming::principal_name;
use crate::cert::Path;
use crate::facts::{Facts, Kind, Said, Span, Terms};
use crate::method::Method;
use crate::peer::Peer;
use crate::reason::Refusal;
use crate::time::Window;
use crate::witness::{Witness, shown, words};

/// A certificate that leads to an anchor. Only [`super::Unverified::prove`] makes one.
#[derive(Debug)]
pub(crate) struct Authentic<'p> {
    pub(super) peer: &'p Peer,
    pub(super) place: usize,
    pub(super) path: Path,
}

impl<'p> Authentic<'p> {
    /// The place of its PKI.
    pub(crate) fn place(&self) -> usize {
        self.place
    }

    /// Reads the names, which nothing looked at before the path was proven.
    pub(crate) fn into_facts<W: Witness>(
        self,
        pkis: &[Pki],
        witness: &mut W,
    ) -> Result<Facts<'p>, Refusal> {
        let Self { peer, place, path } = self;
        let pki = &pkis[place];
        let found = || described(peer);
        let depth = path.intermediates().len();
        witness.saw("certificate path", true, || {
            words(
                format!("{:?}, intermediates: {depth}; {}", pki.name, found()),
                "a path to an anchor",
            )
        });
        let named = principal_name(peer.leaf(), pki.principal);
        witness.outcome("identity", named, |named| {
            let found = match named {
                Some((kind, name)) => format!("{} {}", kind.name(), shown(Some(name))),
                None => {
                    format!("{:?}: alternative names {}; {}", pki.name, alternatives(peer), found())
                }
            };
            words(found, format!("a name by principal = \"{}\"", pki.principal))
        })?;
        let (first_s, last_s) = path.window();
        let said = Said {
            method: Method::Pki,
            issuer: place,
            kind: Kind::Device,
            tenant: pki.tenant,
            object: None,
            device: None,
            bulk: None,
            audience: "",
            client_app: None,
            subject: Span::NONE,
            peer: Some(peer),
            terms: Terms::default(),
            names_key: true,
            token_id: None,
            window: Window { not_before: Some(first_s), issued: None, ends: last_s },
        };
        Ok(Facts::new(path, said))
    }
}

fn alternatives(peer: &Peer) -> String {
    match peer.leaf().names() {
        Ok(names) => {
            let shown = |(kind, name): &(crate::cert::NameKind, String)| {
                format!("{} {}", kind.name(), shown(Some(name)))
            };
            let list: Vec<_> = names.alternatives.iter().take(8).map(shown).collect();
            if list.is_empty() { "none".into() } else { list.join(", ") }
        }
        Err(_) => "unreadable".into(),
    }
}

//! The PKI of most cases: one root, one issuing CA, keys on P-256; and how a row is written.

use tollgate::Reason;
use tollgate::cert::path::PathFault;
use tollgate::cert::{BadAnchor, BadCertificate};

use super::order::{Issued, LEAF_DAYS, Order};
use super::verdict::{Case, Judged, Openssl, seconds};
use super::workshop::{Key, P_256, Workshop};

pub(crate) struct Pki<'w> {
    pub(crate) workshop: &'w Workshop,
    pub(crate) root: Issued,
    pub(crate) issuing: Issued,
    pub(crate) leaf_key: Key,
    /// Of nobody above.
    pub(crate) other_key: Key,
}

/// Most cases are judged here.
pub(crate) const NOW: &str = "2026-07-01";

impl<'w> Pki<'w> {
    pub(crate) fn new(workshop: &'w Workshop) -> Self {
        let [root_key, issuing_key, leaf_key, other_key] = [(); 4].map(|()| workshop.key(P_256));
        let root = workshop.root("Root", &root_key).make();
        let issuing = workshop.ca(&root, "Issuing", &issuing_key).make();
        Self { workshop, root, issuing, leaf_key, other_key }
    }

    /// An order for a leaf under the issuing CA.
    pub(crate) fn leaf(&self) -> Order<'_> {
        self.workshop.leaf(&self.issuing, &self.leaf_key)
    }

    /// An order for another issuing CA, of the same name and key.
    pub(crate) fn issuing(&self) -> Order<'_> {
        self.workshop.ca(&self.root, "Issuing", &self.issuing.key)
    }

    /// An order for another root, of the same name and key.
    pub(crate) fn root(&self) -> Order<'_> {
        self.workshop.root("Root", &self.root.key)
    }

    /// A row with the usual CAs.
    pub(crate) fn row(
        &self,
        name: &'static str,
        leaf: &[u8],
        ours: Judged,
        openssl: Openssl,
    ) -> Case {
        row(name, leaf, &[&self.issuing.der], &[&self.root.der], ours, openssl)
    }

    /// A row with another issuing CA, of the same name and key, and the usual leaf.
    pub(crate) fn issuing_row(
        &self,
        name: &'static str,
        issuing: &[u8],
        ours: Judged,
        openssl: Openssl,
    ) -> Case {
        row(name, &self.leaf().make().der, &[issuing], &[&self.root.der], ours, openssl)
    }

    /// A row with another root, of the same name and key, and the usual leaf.
    pub(crate) fn root_row(
        &self,
        name: &'static str,
        root: &[u8],
        ours: Judged,
        openssl: Openssl,
    ) -> Case {
        row(name, &self.leaf().make().der, &[&self.issuing.der], &[root], ours, openssl)
    }
}

/// A row: name, leaf, intermediates, anchors, what we say, what openssl says. Judged at [`NOW`].
pub(crate) fn row(
    name: &'static str,
    leaf: &[u8],
    intermediates: &[&[u8]],
    anchors: &[&[u8]],
    ours: Judged,
    openssl: Openssl,
) -> Case {
    let all = |list: &[&[u8]]| list.iter().map(|der| der.to_vec()).collect();
    let (intermediates, anchors) = (all(intermediates), all(anchors));
    Case { name, leaf: leaf.to_vec(), intermediates, anchors, now_s: seconds(NOW), ours, openssl }
}

impl Case {
    /// The same, judged at another day or second.
    pub(crate) fn at(self, day: &str) -> Self {
        Self { now_s: seconds(day), ..self }
    }
}

/// Admitted, as long as the usual leaf is valid.
pub(crate) fn admitted() -> Judged {
    admitted_within(LEAF_DAYS)
}

/// Admitted, between these.
pub(crate) fn admitted_within((first, last): (&str, &str)) -> Judged {
    Judged::Admitted(seconds(first), seconds(last))
}

pub(crate) fn path(fault: PathFault, reason: Reason) -> Judged {
    Judged::Path(fault, reason)
}

/// The faults that have no reason of their own.
pub(crate) fn invalid(fault: PathFault) -> Judged {
    path(fault, Reason::PathInvalid)
}

pub(crate) fn untrusted() -> Judged {
    path(PathFault::NoIssuer, Reason::CertificateUntrusted)
}

pub(crate) fn malformed(bad: BadCertificate) -> Judged {
    Judged::Leaf(bad, Reason::CertificateMalformed)
}

pub(crate) fn unreadable(bad: BadCertificate) -> Judged {
    Judged::Unreadable(bad)
}

pub(crate) fn bad_anchor(bad: BadAnchor) -> Judged {
    Judged::Anchor(bad)
}

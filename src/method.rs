/// A way to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// A Microsoft Entra ID token.
    Entra,
    /// A token of another OpenID Connect issuer.
    Oidc,
    /// A client certificate of a configured PKI.
    Pki,
    /// A token that this or another site issued.
    Site,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Entra, Self::Oidc, Self::Pki, Self::Site];

    /// The name that scripts read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::Oidc => "oidc",
            Self::Pki => "pki",
            Self::Site => "site",
        }
    }

    /// Reads a name, exactly.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

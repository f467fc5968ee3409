/// A way to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// A Microsoft Entra ID token.
    Entra,
    /// A token of another OpenID Connect issuer.
    Oidc,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 2] = [Self::Entra, Self::Oidc];

    /// The name that scripts read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::Oidc => "oidc",
        }
    }

    /// Reads a name, exactly.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

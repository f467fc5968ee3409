use core::fmt;

macro_rules! algorithms {
    ($($variant:ident $jose:literal $family:expr, $hash:literal;)*) => {
        /// A JWS signature algorithm (RFC 7518 section 3.1, RFC 8037, RFC 9864). `none` is not one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Algorithm {
            $(#[doc = $jose] $variant,)*
        }

        impl Algorithm {
            /// Every algorithm, in the order of RFC 7518.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The registered name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $jose,)* }
            }

            pub(crate) fn family(self) -> Family {
                match self { $(Self::$variant => $family,)* }
            }

            /// Output of the hash in bytes; an HMAC key is at least as long (RFC 7518 section 3.2).
            pub(crate) fn hash_len(self) -> usize {
                match self { $(Self::$variant => $hash,)* }
            }

            /// Reads a registered name, exactly. `EdDSA` (RFC 8037) and `Ed25519` (RFC 9864) are one
            /// algorithm, since Ed448 is not offered.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($jose => Some(Self::$variant),)*
                    "Ed25519" => Some(Self::EdDsa),
                    _ => None,
                }
            }
        }
    };
}

algorithms! {
    Hs256 "HS256" Family::Oct, 32;
    Hs384 "HS384" Family::Oct, 48;
    Hs512 "HS512" Family::Oct, 64;
    Rs256 "RS256" Family::Rsa, 32;
    Rs384 "RS384" Family::Rsa, 48;
    Rs512 "RS512" Family::Rsa, 64;
    Es256 "ES256" Family::Ec(Curve::P256), 32;
    Es384 "ES384" Family::Ec(Curve::P384), 48;
    Es512 "ES512" Family::Ec(Curve::P521), 64;
    Ps256 "PS256" Family::Rsa, 32;
    Ps384 "PS384" Family::Rsa, 48;
    Ps512 "PS512" Family::Rsa, 64;
    EdDsa "EdDSA" Family::Okp, 64;
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a key is made of; a JWK's `kty` and, for curves, its `crv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Rsa,
    Ec(Curve),
    Okp,
    Oct,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// Length of a coordinate in bytes (RFC 7518 section 6.2.1.2: full length, always).
    pub(crate) fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The JWK `crv` name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The JWK `crv` name, exactly.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "P-256" => Some(Self::P256),
            "P-384" => Some(Self::P384),
            "P-521" => Some(Self::P521),
            _ => None,
        }
    }
}

//! One row a reason. The enum, its texts, docs/reasons.md and the vectors' check come from here.
//!
//! Numbers are never reused; a retired reason stays here as a comment.

macro_rules! reasons {
    ($($number:literal $variant:ident $name:literal
        $sentence:literal
        $remedy:literal
        $source:literal)*) => {
        /// Why a credential was refused.
        ///
        /// The number is part of every interface and never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Reason {
            $(#[doc = $sentence] $variant = $number,)*
        }

        impl Reason {
            /// Every reason, by rising number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its place in [`Self::ALL`].
            pub(crate) fn place(self) -> usize {
                Self::ALL.partition_point(|other| other.number() < self.number())
            }

            /// The number: the class in its thousands.
            #[must_use]
            pub fn number(self) -> u16 {
                self as u16
            }

            /// The reason with this number, if there is one.
            #[must_use]
            pub fn from_number(number: u16) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The name that scripts, logs and counters read.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What was found, as one sentence for an operator.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }

            /// What to do about it.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }

            /// Where the rule comes from.
            #[must_use]
            pub fn source(self) -> &'static str {
                match self { $(Self::$variant => $source,)* }
            }
        }
    };
}

reasons! {
    1001 NoCredential "no_credential"
        "Nothing was presented."
        "The client sent neither token nor certificate. If it should have, see whether the gateway passes it on: the Authorization header without `Bearer `; the certificate of the TLS handshake, or a header under one of its names."
        "RFC 6750 section 3.1"
    1002 TokenTooLarge "token_too_large"
        "The token is longer than this gateway reads."
        "Entra tokens of users in many groups grow: let the application emit only assigned groups, or raise limits.token_bytes."
        "CVE-2024-21319, CVE-2025-30204"
    1003 TokenShape "token_shape"
        "The token is not a compact JWS: three non-empty parts joined by two dots (the payload alone may be empty)."
        "See what the client sends; an opaque token or a quoted, cut or prefixed one looks like this."
        "RFC 7515 section 7.1; CVE-2025-27144, CVE-2025-22868"
    1004 TokenEncrypted "token_encrypted"
        "The token is encrypted (JWE); only signed tokens are read here."
        "Turn token encryption off for this API at the issuer."
        "RFC 7516 section 9"
    1005 TokenEncoding "token_encoding"
        "A part of the token is not canonical base64url: foreign characters, padding, white space, or trailing bits that are not zero."
        "See what lies between the client and the gateway: something re-encodes, wraps or pads the token."
        "RFC 7515 section 2; RFC 4648 section 3.5; fast-jwt #606"
    1006 HeaderJson "header_json"
        "The token's header is not one JSON object within the limits of depth and members."
        "The issuer does not make JWS, or the token was damaged on its way."
        "RFC 7515 section 4; CVE-2025-53864"
    1007 HeaderDuplicate "header_duplicate"
        "The header has the same member twice."
        "No honest issuer does this: treat it as an attack, or report it to the issuer."
        "RFC 7515 section 4; jwx #2234"
    1008 HeaderMember "header_member"
        "A header member is missing, of the wrong JSON type, or too long."
        "The member is named beside this reason; the issuer has to set it right."
        "RFC 7515 section 4.1"
    1009 HeaderKey "header_key"
        "The header brings its own key or tells where to fetch one (jku, jwk, x5u, x5c)."
        "Keys come from the configuration only. If the issuer really sends such a header, have it left out."
        "CVE-2018-0114, CVE-2024-21643, Authlib CVE-2026-27962"
    1010 HeaderCritical "header_critical"
        "The header marks an extension as critical, and this gateway has none."
        "The token must not be read without that extension: have the issuer leave `crit` out."
        "RFC 7515 section 4.1.11; Authlib CVE-2025-59420, PyJWT CVE-2026-32597"
    1011 HeaderB64 "header_b64"
        "The header sets b64, the unencoded-payload option, which a token never uses."
        "Have the issuer leave `b64` out."
        "RFC 7797 section 7"
    1012 PayloadJson "payload_json"
        "The payload is not one JSON object within the limits of depth and members."
        "A signed thing, but not a token: see whether the client sends the right one."
        "RFC 7519 section 7.2; fast-jwt #638"
    1013 PayloadDuplicate "payload_duplicate"
        "The payload has the same member twice, at any depth, or a claim beside its look-alike in other letter case."
        "No honest issuer does this: treat it as an attack, or report it to the issuer."
        "RFC 7519 section 4; IDX40011; libjwt #283"
    1014 ClaimType "claim_type"
        "A claim has the wrong JSON type or form."
        "The claim is named beside this reason; the issuer has to set it right."
        "CVE-2026-25537, CVE-2020-26160"
    1015 ClaimMissing "claim_missing"
        "A claim that every token of this issuer must have is missing."
        "The claim is named beside this reason. For Entra, see that the client asks for an access token of this API, not an ID token."
        "RFC 7519 section 4.1; CVE-2024-53861"
    1016 TimesContradict "times_contradict"
        "The token ends before it begins (nbf or iat is later than exp)."
        "No clock makes this valid: the issuer's token configuration is wrong."
        "IDX10224"
    1017 ClaimTooLong "claim_too_long"
        "A claim that becomes part of the identity or of a header is longer than the bound."
        "The claim is named beside this reason. Forward a shorter claim, or have the issuer send less in it."
        "OpenID Connect Core section 2 (sub: 255)"
    1018 CertificateMalformed "certificate_malformed"
        "The client certificate is not one X.509 certificate of version 3 in DER, with nothing behind it and no extension twice."
        "See what the client presents (openssl x509 -text); a certificate of version 1 or 2 has to be issued anew."
        "RFC 5280 section 4.1"
    1019 ChainTooLarge "chain_too_large"
        "The client presented more certificates, or more bytes of them, than this gateway reads."
        "A client needs to send its own certificate only: the intermediates are configured here."
        "CVE-2018-16875; RUSTSEC-2023-0053"
    1020 CertificateHeader "certificate_header"
        "A header that should carry the client certificate does not have the form that its name stands for."
        "The header is named beside this reason. See how the proxy is told to write it: RFC 9440, one element of XFCC, escaped PEM, or base64 of the DER."
        "RFC 9440 section 2; Envoy x-forwarded-client-cert"
    1021 CertificateTwice "certificate_twice"
        "The client certificate came in more than one header, or in one header more than once."
        "Have the proxy remove such headers from what clients send, and set exactly one itself. Until it does, clients can say who they are."
        "RFC 9440 section 4"

    2001 AlgorithmUnknown "algorithm_unknown"
        "The header names an algorithm that this gateway does not know; `none` is one of those."
        "Names are compared exactly. See the issuer's signing configuration."
        "RFC 8725 section 3.1; CVE-2015-9235, HarbourJwt CVE-2026-23993"
    2002 AlgorithmMismatch "algorithm_mismatch"
        "The key that the header names is for another algorithm than the header says."
        "The key fixes the algorithm. See `alg` in the key set, or `algorithms` of the issuer for keys without one."
        "RFC 8725 section 3.1; CVE-2023-48223, CVE-2026-39999"
    2003 IssuerUnknown "issuer_unknown"
        "The token names an issuer that is not configured."
        "Compare `iss` with [[oidc]] issuer, letter by letter; Entra's two forms are https://login.microsoftonline.com/<tenant>/v2.0 and https://sts.windows.net/<tenant>/."
        "RFC 7519 section 4.1.1; CVE-2025-59936"
    2004 TenantUnknown "tenant_unknown"
        "The issuer is Entra ID, but for a tenant that is not configured."
        "If its devices shall pass, add an [[entra]] section for the tenant."
        "CVE-2025-55241"
    2005 TenantMismatch "tenant_mismatch"
        "The tenant in `tid` (ConfigMgr: `TenantId`) is not the one in `iss`."
        "No honest issuer does this: treat it as an attack."
        "IDX40004; CVE-2025-55241"
    2006 VersionMismatch "version_mismatch"
        "The token's version (`ver`) does not belong to the form of its issuer."
        "v1.0 tokens come from sts.windows.net, v2.0 tokens from login.microsoftonline.com."
        "Microsoft identity platform, access tokens"
    2007 UnprovenAudience "unproven_audience"
        "The token says it is for somebody else; its signature was not checked."
        "Compare `aud` with the issuer's `audiences`. Entra v1.0 tokens carry the App ID URI or the client id, v2.0 tokens the client id."
        "RFC 7519 section 4.1.3; RFC 8725 section 3.9"
    2008 UnprovenType "unproven_type"
        "The header's `typ` says this is another kind of token; its signature was not checked."
        "See that the client sends the access token. `typ` of the issuer says which kinds are taken."
        "RFC 8725 section 3.11; RFC 9068 section 2.1"
    2009 KeyUnknown "key_unknown"
        "No trusted key of the issuer is the one that the header names."
        "If the issuer has changed its keys, refresh jwks_file (keys_file of a site). `tollgate config check` names the keys that were loaded and the ones that were skipped."
        "RFC 7515 section 4.1.4; CVE-2025-59936"
    2010 KeyAmbiguous "key_ambiguous"
        "The header names no key, and the issuer has more than one for this algorithm."
        "Have the issuer set `kid`; keys are never tried one after the other."
        "RFC 7515 section 4.1.4; IDX10517"
    2011 KeyIssuer "key_issuer"
        "The key is published for another issuer or tenant than the one the token names."
        "See the `issuer` member of the key in the key set."
        "IDX40005; Garnet #372"
    2012 SignatureWrong "signature_wrong"
        "The signature is wrong under the key that the header names."
        "The token was altered, or somebody else made it under the same key name. Entra tokens for Microsoft Graph (header `nonce`) look like this too: ask for a token of this API."
        "RFC 7515 section 5.2; CVE-2022-21449"
    2013 ProofMissing "proof_missing"
        "The token is bound to a key (`cnf`), and nothing proves that the client holds it."
        "The client has to connect with the certificate of that key, and the gateway to pass it on as the TLS peer; one out of a header proves nothing. A `cnf` with neither `x5t#S256` nor `jkt` cannot be proven here."
        "RFC 7800 section 3; RFC 8705 section 3"
    2014 ProofMismatch "proof_mismatch"
        "The token is bound to a key (`cnf`), and the client proved another one."
        "Token and certificate are of two clients, or the client has changed its key: it has to get a token for the new one."
        "RFC 7800 section 3; RFC 8705 section 3"
    2015 CertificateUntrusted "certificate_untrusted"
        "No configured PKI issued the certificate."
        "Compare the certificate's issuer (`tollgate explain` shows it, with its key) with `anchors` and `intermediates` of [[pki]]: every CA between the client and the anchor has to be there."
        "RFC 5280 section 6.1"
    2016 PathInvalid "path_invalid"
        "A configured PKI has the issuer of the certificate, but the path to its anchor does not hold."
        "The rule that failed is named beside this reason, the certificate and the CAs above it in `tollgate explain`. See them with openssl x509 -text."
        "RFC 5280 section 6.1"
    2017 SenderNotTrusted "sender_not_trusted"
        "A client certificate came in a header, from a sender that may not pass one on."
        "If the sender is your proxy, add its address to peers.trusted. If not, somebody makes up certificates."
        "RFC 9440 section 4; CVE-2026-44087"

    3001 Expired "expired"
        "The token has ended."
        "The client has to get a new one. If it just did, compare the clocks of issuer and gateway."
        "RFC 7519 section 4.1.4; IDX10223"
    3002 NotYetValid "not_yet_valid"
        "The token does not begin yet."
        "Compare the clocks of issuer and gateway; gate.skew is the tolerance."
        "RFC 7519 section 4.1.5; IDX10222"
    3003 IssuedInFuture "issued_in_future"
        "The token was issued later than now."
        "Compare the clocks of issuer and gateway; gate.skew is the tolerance."
        "RFC 7519 section 4.1.6"
    3004 LifetimeTooLong "lifetime_too_long"
        "The token lives longer than this gateway allows."
        "Shorten the token lifetime at the issuer, or raise limits.token_lifetime. Site tokens live 366 days at most, whatever that says."
        "RFC 8725 section 3.10; jwt-simple dec6261"
    3005 CertificateExpired "certificate_expired"
        "The certificate, or one above it on its path, has ended."
        "The device has to renew its certificate. If it just did, see which one the client sends, and the clock of the gateway."
        "RFC 5280 section 4.1.2.5"
    3006 CertificateNotYetValid "certificate_not_yet_valid"
        "The certificate, or one above it on its path, does not begin yet."
        "Compare the clocks of CA and gateway; gate.skew is for tokens only."
        "RFC 5280 section 4.1.2.5"

    4001 MethodNotEnabled "method_not_enabled"
        "The endpoint does not take this method of authentication."
        "Add the method to the endpoint's `methods`, if clients shall use it there."
        "plan-client-authentication: one or more methods"
    4002 ScenarioNotEnabled "scenario_not_enabled"
        "The endpoint does not serve this scenario."
        "Add it to the endpoint's `scenarios`, if it shall."
        "plan-client-authentication: scenarios"
    4003 UserNeeded "user_needed"
        "A user scenario needs a token of a user; this one proves a device only."
        "Only Entra ID enables user-centric scenarios: the client has to sign a user in."
        "memdocs #277"
    4004 AppOnly "app_only"
        "The token is of an application alone: neither a user nor a device."
        "Clients of the gateway are users and devices. A daemon's token is not one of them, whatever its roles."
        "access-token-claims-reference: idtyp, scp"
    4005 KindUnclear "kind_unclear"
        "The token does not say plainly whom it is of: a user, a device, or what kind of client."
        "See `idtyp`, `scp` and `deviceid` in the token: they contradict each other, or are of a new kind. ConfigMgr's tokens say it in SCCMTokenCategory."
        "access-token-claims-reference: idtyp"
    4006 ClientAppNotAllowed "client_app_not_allowed"
        "The token was given to a client application that is not in the tenant's `client_apps`."
        "Add the application id (`azp` in v2.0 tokens, `appid` in v1.0) if it is yours."
        "access-token-claims-reference: azp, appid"
    4007 UserNotDiscovered "user_not_discovered"
        "The user is not among the discovered users, and the tenant takes no others."
        "Import the user (users_file), or set discovered_users_only = false."
        "ConfigMgr 0x87d00231"
    4008 NotJoined "not_joined"
        "The token names no device, and the tenant asks for joined devices."
        "The device has to be Entra joined or hybrid joined; until then the client uses another method."
        "configure-authentication: device identity"
    4009 DeviceNotImported "device_not_imported"
        "The device is not among the imported devices, and the tenant takes no others."
        "Import the device (devices_file), or set join_required = \"claim\"."
        "configure-authentication: device identity"
    4010 WindowsTooOld "windows_too_old"
        "Entra ID authentication needs Windows 10 or later on the client."
        "The client has to use a certificate or a site token, or be upgraded."
        "plan-client-authentication: Windows 10 or later"
    4011 WindowsUnknown "windows_unknown"
        "The endpoint has to know the client's Windows version, and the gateway did not say it."
        "Have the gateway pass it, or set the endpoint's windows = \"if-known\"."
        "plan-client-authentication: Windows 10 or later"
    4012 ScopeMissing "scope_missing"
        "The token lacks a scope that the endpoint requires."
        "Grant the scope (`scp`) to the client application, or take it from the endpoint's `require`."
        "RFC 6750 section 3.1; RFC 9068 section 2.2.3"
    4013 RoleMissing "role_missing"
        "The token lacks a role that the endpoint requires."
        "Assign the role to the user or device, or take it from the endpoint's `require`."
        "access-token-claims-reference: roles"
    4014 TenantConflict "tenant_conflict"
        "The token is of one tenant and the certificate of a PKI of another."
        "User and device of different tenants are never taken for one client. See `tenant` of [[pki]], and which tenant the user signed in to."
        "CVE-2025-55241"
    4015 RegistrationOnly "registration_only"
        "A bulk registration token is good for registration and nothing else."
        "The client has to register with it and use the token that it gets."
        "deploy-clients-cmg-token: bulk registration token"
    4016 CertificatePurpose "certificate_purpose"
        "The certificate is not for client authentication, or a CA above it may not issue for that."
        "The certificate has to have the extended key usage clientAuth (1.3.6.1.5.5.7.3.2); see the template of the CA."
        "RFC 5280 section 4.2.1.12; pki-certificate-requirements"
    4017 CertificateNotSelected "certificate_not_selected"
        "The certificate is none of those that the PKI's `select` and `issuers` take."
        "Compare its subject, alternative names and issuers with the rules of [[pki]]."
        "ConfigMgr CCMCERTSEL, CCMCERTISSUERS"
    4018 CertificateName "certificate_name"
        "The certificate has no name that can be its principal: the one that `principal` asks for is missing, too long, or holds control characters."
        "See the subject alternative names in the CA's template, and `principal` of [[pki]]."
        "pki-certificate-requirements: unique value in subject or SAN"

    5001 TenantDisabled "tenant_disabled"
        "Authentication is disabled for this tenant."
        "If its devices shall pass again, set enabled = true for the tenant."
        "azure-services-wizard: disable authentication"
    5002 ClientWithdrawn "client_withdrawn"
        "This client of the site has been withdrawn."
        "See the note of its withdrawal. If the client is good again, undo the withdrawal or let it register anew."
        "blocked clients of a site"
    5003 UserWithdrawn "user_withdrawn"
        "This user of the tenant has been withdrawn."
        "See the note of the withdrawal, and undo it if the user is good again. Tokens issued before its time stay refused."
        "continuous access evaluation: revoked sessions"
    5004 DeviceWithdrawn "device_withdrawn"
        "This device of the tenant has been withdrawn."
        "See the note of the withdrawal, and undo it if the device is good again."
        "continuous access evaluation: disabled device"
    5005 Replayed "replayed"
        "The token has been used before, and tokens of this issuer pass once."
        "The client has to get a new token for each use. If tokens of this issuer may be used again, set replay_detection = false."
        "RFC 7519 section 4.1.7; RFC 8725 section 3.10; IDX10228"
    5010 CertificateDenied "certificate_denied"
        "The certificate, or its key, is on the deny list."
        "See the deny list: [[deny]] of the configuration, and what was withdrawn. If the certificate is good, take the mark away that `explain` names; else the device needs a new key and certificate."
        "RFC 5280 section 3.3; lost and stolen devices"
    5011 CaDenied "ca_denied"
        "A CA on the certificate's path is on the deny list."
        "See the deny list: [[deny]] of the configuration, and what was withdrawn. Its devices need certificates of another CA."
        "RFC 5280 section 3.3; disallowed CAs"
    5012 CertificateRevoked "certificate_revoked"
        "The CA has revoked the certificate."
        "`explain` names when and why. If it is only on hold, the CA can take it off its list; else the device needs a new certificate."
        "RFC 5280 section 6.3.3"
    5013 CaRevoked "ca_revoked"
        "A CA on the certificate's path has been revoked by the CA above it."
        "`explain` names the CA, when and why. Its devices need certificates of another CA."
        "RFC 5280 section 6.3.3"

    6001 KeysStale "keys_stale"
        "The issuer's keys have not been refreshed within their bound, so nothing of this issuer can be decided."
        "See why the key set is not renewed: jwks_file is older than jwks_max_age."
        "signing-key-rollover: 24 h"
    6002 EndpointUnknown "endpoint_unknown"
        "The gateway asked for an endpoint that is not configured."
        "Compare the name that the gateway passes with [[endpoint]] name. The client is not at fault."
        "tollgate.toml"
    6003 BudgetSpent "budget_spent"
        "Too many credentials of this source, or of this issuer, had wrong signatures; new ones are not tried for a moment."
        "Look in the gateway's log for who sends tokens that are refused as 2012: credentials seen before pass meanwhile. Raise limits.source_checks if many clients share one address."
        "CWE-400; RFC 8725 section 3.2"
    6004 ReplayFull "replay_full"
        "The memory of tokens that pass once is full, so whether this one was used before cannot be known."
        "See how many tokens this issuer's clients get, and how long they live; set replay_detection = false if it is not needed."
        "CWE-400"
    6020 RevocationUnknown "revocation_unknown"
        "No revocation list of the PKI speaks of the certificate, or of a CA on its path, so whether it is revoked cannot be known."
        "See `crls` of [[pki]], `tollgate doctor`, and what `explain` names: each CA of the path needs a list that it signed. For a root that issues none, write revocation = \"required-leaf\"."
        "RFC 5280 section 6.3.3"
    6021 CrlStale "crl_stale"
        "The revocation list that speaks of the certificate, or of a CA on its path, is over or has not begun."
        "See why the file is not renewed (`tollgate doctor` shows nextUpdate), and whether the clock is right. `crl_grace` bridges a CA that is late."
        "RFC 5280 section 5.1.2.5"
}

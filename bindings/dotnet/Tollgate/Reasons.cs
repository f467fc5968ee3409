// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Made from src/reason/table.rs by a test (tests/dotnet/interface.rs); edits here are lost.

namespace Tollgate
{
    /// <summary>Why a request was refused: the numbers of <see cref="Status"/>. docs/reasons.md has remedies and sources.</summary>
    public static class Reasons
    {
        /// <summary>Nothing was presented. (HTTP 401)</summary>
        public const int NoCredential = 1001;

        /// <summary>The token is longer than this gateway reads. (HTTP 401)</summary>
        public const int TokenTooLarge = 1002;

        /// <summary>The token is not a compact JWS: three non-empty parts joined by two dots (the payload alone may be empty). (HTTP 401)</summary>
        public const int TokenShape = 1003;

        /// <summary>The token is encrypted (JWE); only signed tokens are read here. (HTTP 401)</summary>
        public const int TokenEncrypted = 1004;

        /// <summary>A part of the token is not canonical base64url: foreign characters, padding, white space, or trailing bits that are not zero. (HTTP 401)</summary>
        public const int TokenEncoding = 1005;

        /// <summary>The token's header is not one JSON object within the limits of depth and members. (HTTP 401)</summary>
        public const int HeaderJson = 1006;

        /// <summary>The header has the same member twice. (HTTP 401)</summary>
        public const int HeaderDuplicate = 1007;

        /// <summary>A header member is missing, of the wrong JSON type, or too long. (HTTP 401)</summary>
        public const int HeaderMember = 1008;

        /// <summary>The header brings its own key or tells where to fetch one (jku, jwk, x5u, x5c). (HTTP 401)</summary>
        public const int HeaderKey = 1009;

        /// <summary>The header marks an extension as critical, and this gateway has none. (HTTP 401)</summary>
        public const int HeaderCritical = 1010;

        /// <summary>The header sets b64, the unencoded-payload option, which a token never uses. (HTTP 401)</summary>
        public const int HeaderB64 = 1011;

        /// <summary>The payload is not one JSON object within the limits of depth and members. (HTTP 401)</summary>
        public const int PayloadJson = 1012;

        /// <summary>The payload has the same member twice, at any depth, or a claim beside its look-alike in other letter case. (HTTP 401)</summary>
        public const int PayloadDuplicate = 1013;

        /// <summary>A claim has the wrong JSON type or form. (HTTP 401)</summary>
        public const int ClaimType = 1014;

        /// <summary>A claim that every token of this issuer must have is missing. (HTTP 401)</summary>
        public const int ClaimMissing = 1015;

        /// <summary>The token ends before it begins (nbf or iat is later than exp). (HTTP 401)</summary>
        public const int TimesContradict = 1016;

        /// <summary>A claim that becomes part of the identity or of a header is longer than the bound. (HTTP 401)</summary>
        public const int ClaimTooLong = 1017;

        /// <summary>The client certificate is not one X.509 certificate of version 3 in DER, with nothing behind it and no extension twice. (HTTP 401)</summary>
        public const int CertificateMalformed = 1018;

        /// <summary>The client presented more certificates, or more bytes of them, than this gateway reads. (HTTP 401)</summary>
        public const int ChainTooLarge = 1019;

        /// <summary>A header that should carry the client certificate does not have the form that its name stands for. (HTTP 401)</summary>
        public const int CertificateHeader = 1020;

        /// <summary>The client certificate came in more than one header, or in one header more than once. (HTTP 401)</summary>
        public const int CertificateTwice = 1021;

        /// <summary>The header names an algorithm that this gateway does not know; `none` is one of those. (HTTP 401)</summary>
        public const int AlgorithmUnknown = 2001;

        /// <summary>The key that the header names is for another algorithm than the header says. (HTTP 401)</summary>
        public const int AlgorithmMismatch = 2002;

        /// <summary>The token names an issuer that is not configured. (HTTP 401)</summary>
        public const int IssuerUnknown = 2003;

        /// <summary>The issuer is Entra ID, but for a tenant that is not configured. (HTTP 401)</summary>
        public const int TenantUnknown = 2004;

        /// <summary>The tenant in `tid` (ConfigMgr: `TenantId`) is not the one in `iss`. (HTTP 401)</summary>
        public const int TenantMismatch = 2005;

        /// <summary>The token's version (`ver`) does not belong to the form of its issuer. (HTTP 401)</summary>
        public const int VersionMismatch = 2006;

        /// <summary>The token says it is for somebody else; its signature was not checked. (HTTP 401)</summary>
        public const int UnprovenAudience = 2007;

        /// <summary>The header's `typ` says this is another kind of token; its signature was not checked. (HTTP 401)</summary>
        public const int UnprovenType = 2008;

        /// <summary>No trusted key of the issuer is the one that the header names. (HTTP 401)</summary>
        public const int KeyUnknown = 2009;

        /// <summary>The header names no key, and the issuer has more than one for this algorithm. (HTTP 401)</summary>
        public const int KeyAmbiguous = 2010;

        /// <summary>The key is published for another issuer or tenant than the one the token names. (HTTP 401)</summary>
        public const int KeyIssuer = 2011;

        /// <summary>The signature is wrong under the key that the header names. (HTTP 401)</summary>
        public const int SignatureWrong = 2012;

        /// <summary>The token is bound to a key (`cnf`), and nothing proves that the client holds it. (HTTP 401)</summary>
        public const int ProofMissing = 2013;

        /// <summary>The token is bound to a key (`cnf`), and the client proved another one. (HTTP 401)</summary>
        public const int ProofMismatch = 2014;

        /// <summary>No configured PKI issued the certificate. (HTTP 401)</summary>
        public const int CertificateUntrusted = 2015;

        /// <summary>A configured PKI has the issuer of the certificate, but the path to its anchor does not hold. (HTTP 401)</summary>
        public const int PathInvalid = 2016;

        /// <summary>A client certificate came in a header, from a sender that may not pass one on. (HTTP 401)</summary>
        public const int SenderNotTrusted = 2017;

        /// <summary>The token has ended. (HTTP 401)</summary>
        public const int Expired = 3001;

        /// <summary>The token does not begin yet. (HTTP 401)</summary>
        public const int NotYetValid = 3002;

        /// <summary>The token was issued later than now. (HTTP 401)</summary>
        public const int IssuedInFuture = 3003;

        /// <summary>The token lives longer than this gateway allows. (HTTP 401)</summary>
        public const int LifetimeTooLong = 3004;

        /// <summary>The certificate, or one above it on its path, has ended. (HTTP 401)</summary>
        public const int CertificateExpired = 3005;

        /// <summary>The certificate, or one above it on its path, does not begin yet. (HTTP 401)</summary>
        public const int CertificateNotYetValid = 3006;

        /// <summary>The endpoint does not take this method of authentication. (HTTP 403)</summary>
        public const int MethodNotEnabled = 4001;

        /// <summary>The endpoint does not serve this scenario. (HTTP 403)</summary>
        public const int ScenarioNotEnabled = 4002;

        /// <summary>A user scenario needs a token of a user; this one proves a device only. (HTTP 403)</summary>
        public const int UserNeeded = 4003;

        /// <summary>The token is of an application alone: neither a user nor a device. (HTTP 403)</summary>
        public const int AppOnly = 4004;

        /// <summary>The token does not say plainly whom it is of: a user, a device, or what kind of client. (HTTP 403)</summary>
        public const int KindUnclear = 4005;

        /// <summary>The token was given to a client application that is not in the tenant's `client_apps`. (HTTP 403)</summary>
        public const int ClientAppNotAllowed = 4006;

        /// <summary>The user is not among the discovered users, and the tenant takes no others. (HTTP 403)</summary>
        public const int UserNotDiscovered = 4007;

        /// <summary>The token names no device, and the tenant asks for joined devices. (HTTP 403)</summary>
        public const int NotJoined = 4008;

        /// <summary>The device is not among the imported devices, and the tenant takes no others. (HTTP 403)</summary>
        public const int DeviceNotImported = 4009;

        /// <summary>Entra ID authentication needs Windows 10 or later on the client. (HTTP 403)</summary>
        public const int WindowsTooOld = 4010;

        /// <summary>The endpoint has to know the client's Windows version, and the gateway did not say it. (HTTP 403)</summary>
        public const int WindowsUnknown = 4011;

        /// <summary>The token lacks a scope that the endpoint requires. (HTTP 403)</summary>
        public const int ScopeMissing = 4012;

        /// <summary>The token lacks a role that the endpoint requires. (HTTP 403)</summary>
        public const int RoleMissing = 4013;

        /// <summary>The token is of one tenant and the certificate of a PKI of another. (HTTP 403)</summary>
        public const int TenantConflict = 4014;

        /// <summary>A bulk registration token is good for registration and nothing else. (HTTP 403)</summary>
        public const int RegistrationOnly = 4015;

        /// <summary>The certificate is not for client authentication, or a CA above it may not issue for that. (HTTP 403)</summary>
        public const int CertificatePurpose = 4016;

        /// <summary>The certificate is none of those that the PKI's `select` and `issuers` take. (HTTP 403)</summary>
        public const int CertificateNotSelected = 4017;

        /// <summary>The certificate has no name that can be its principal: the one that `principal` asks for is missing, too long, or holds control characters. (HTTP 403)</summary>
        public const int CertificateName = 4018;

        /// <summary>The setting gateway_allowed is false for this device, and it comes from the internet. (HTTP 403)</summary>
        public const int GatewayNotAllowed = 4021;

        /// <summary>The setting user_policy_from_internet is false for this device, and a user scenario was asked for from the internet. (HTTP 403)</summary>
        public const int UserPolicyNotAllowed = 4022;

        /// <summary>Authentication is disabled for this tenant. (HTTP 401)</summary>
        public const int TenantDisabled = 5001;

        /// <summary>This client of the site has been withdrawn. (HTTP 401)</summary>
        public const int ClientWithdrawn = 5002;

        /// <summary>This user of the tenant has been withdrawn. (HTTP 401)</summary>
        public const int UserWithdrawn = 5003;

        /// <summary>This device of the tenant has been withdrawn. (HTTP 401)</summary>
        public const int DeviceWithdrawn = 5004;

        /// <summary>The token has been used before, and tokens of this issuer pass once. (HTTP 401)</summary>
        public const int Replayed = 5005;

        /// <summary>The certificate, or its key, is on the deny list. (HTTP 401)</summary>
        public const int CertificateDenied = 5010;

        /// <summary>A CA on the certificate's path is on the deny list. (HTTP 401)</summary>
        public const int CaDenied = 5011;

        /// <summary>The CA has revoked the certificate. (HTTP 401)</summary>
        public const int CertificateRevoked = 5012;

        /// <summary>A CA on the certificate's path has been revoked by the CA above it. (HTTP 401)</summary>
        public const int CaRevoked = 5013;

        /// <summary>The key that signed the token has been withdrawn by its site. (HTTP 401)</summary>
        public const int KeyWithdrawn = 5021;

        /// <summary>The site has withdrawn everything that it issued before a time, and this token is older or does not say how old it is. (HTTP 401)</summary>
        public const int IssuedBefore = 5022;

        /// <summary>The client registered with a bulk token whose clients have been withdrawn. (HTTP 401)</summary>
        public const int BulkClientsWithdrawn = 5023;

        /// <summary>This tenant has been withdrawn, with all its users and devices. (HTTP 401)</summary>
        public const int TenantWithdrawn = 5024;

        /// <summary>The issuer's keys have not been refreshed within their bound, so nothing of this issuer can be decided. (HTTP 503)</summary>
        public const int KeysStale = 6001;

        /// <summary>The gateway asked for an endpoint that is not configured. (HTTP 503)</summary>
        public const int EndpointUnknown = 6002;

        /// <summary>Too many credentials of this source, or of this issuer, had wrong signatures; new ones are not tried for a moment. (HTTP 503)</summary>
        public const int BudgetSpent = 6003;

        /// <summary>The memory of tokens that pass once is full, so whether this one was used before cannot be known. (HTTP 503)</summary>
        public const int ReplayFull = 6004;

        /// <summary>The site has not been heard for longer than feed.max_staleness, so whether this credential has been withdrawn cannot be known. (HTTP 503)</summary>
        public const int FeedStale = 6011;

        /// <summary>No revocation list of the PKI speaks of the certificate, or of a CA on its path, so whether it is revoked cannot be known. (HTTP 503)</summary>
        public const int RevocationUnknown = 6020;

        /// <summary>The revocation list that speaks of the certificate, or of a CA on its path, is over or has not begun. (HTTP 503)</summary>
        public const int CrlStale = 6021;
    }
}

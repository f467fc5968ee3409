// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Claims;

namespace Tollgate
{
    /// <summary>Who was admitted: everything that a verdict and its texts say, copied. Never changes; any thread may read it.</summary>
    public sealed class Identity
    {
        private readonly KeyValuePair<string, string>[] claims;

        /// <summary>Names of those that are lists; null for none. A text may look like one.</summary>
        private readonly HashSet<string> lists;

        internal Identity(Answer answer)
        {
            var verdict = answer.Verdict;
            Method = verdict.Method;
            Kind = verdict.Kind;
            Tenant = verdict.Tenant;
            User = verdict.User;
            Device = verdict.Device;
            IsBound = verdict.IsBound;
            ExpiresUnixSeconds = verdict.ExpiresUnixSeconds;
            Id = answer.Id;
            Authority = answer.Authority;
            Subject = answer.Subject;
            Certificate = verdict.HasCertificate ? answer.Certificate : "";
            claims = new List<KeyValuePair<string, string>>(answer.Claims()).ToArray();
            if (Array.Exists(claims, claim => claim.Value.IndexOf('[') >= 0))
            {
                // What was signed tells one from the other; the claim's value alone does not.
                lists = JsonTexts.Lists(answer.Payload ?? "");
            }
        }

        /// <summary>One name across methods; see <see cref="Answer.Id"/>.</summary>
        public string Id { get; }

        /// <summary>Who vouches: the issuer, the PKI, or the site.</summary>
        public string Authority { get; }

        /// <summary>The subject in the authority's own words.</summary>
        public string Subject { get; }

        /// <summary>The id of the certificate that was judged beside the token; "" where there was none.</summary>
        public string Certificate { get; }

        /// <summary>How it was authenticated.</summary>
        public Method Method { get; }

        /// <summary>Whether it is a user or a device alone.</summary>
        public Kind Kind { get; }

        /// <summary>The Entra tenant.</summary>
        public Guid? Tenant { get; }

        /// <summary>The Entra user: the immutable object id.</summary>
        public Guid? User { get; }

        /// <summary>The Entra device, or the client of a site.</summary>
        public Guid? Device { get; }

        /// <summary>Whether the client proved a key that the credential is bound to.</summary>
        public bool IsBound { get; }

        /// <summary>When the credential ends, in seconds since 1970 (UTC).</summary>
        public long ExpiresUnixSeconds { get; }

        /// <summary>The claims that the endpoint forwards: strings as their text, everything else as its JSON.</summary>
        public IReadOnlyList<KeyValuePair<string, string>> Claims
        {
            get { return claims; }
        }

        /// <summary>
        /// As ASP.NET has users: `Identity.Name` and NameIdentifier are the id; <see cref="ClaimNames"/> lists the others.
        /// Forwarded claims follow under their own names, lists of texts as one claim for each, and `roles` as roles. One
        /// under a name that is ours is left out: what the gate itself found cannot be told otherwise by a token.
        /// </summary>
        /// <param name="authenticationType">What `Identity.AuthenticationType` says; not empty.</param>
        public ClaimsPrincipal ToPrincipal(string authenticationType = "tollgate")
        {
            if (string.IsNullOrEmpty(authenticationType))
            {
                // ClaimsIdentity.IsAuthenticated would be false.
                throw new ArgumentException("The authentication type is empty.", nameof(authenticationType));
            }
            var identity = new ClaimsIdentity(authenticationType, ClaimTypes.Name, ClaimTypes.Role);
            Add(identity, ClaimTypes.NameIdentifier, Id);
            Add(identity, ClaimTypes.Name, Id);
            Add(identity, ClaimNames.Method, Method.ToString().ToLowerInvariant());
            Add(identity, ClaimNames.Kind, Kind.ToString().ToLowerInvariant());
            Add(identity, ClaimNames.Authority, Authority);
            Add(identity, ClaimNames.Subject, Subject);
            Add(identity, ClaimNames.Tenant, Tenant?.ToString());
            Add(identity, ClaimNames.User, User?.ToString());
            Add(identity, ClaimNames.Device, Device?.ToString());
            Add(identity, ClaimNames.Certificate, Certificate);
            Add(identity, ClaimNames.Bound, IsBound ? "true" : "false", ClaimValueTypes.Boolean);
            Add(identity, ClaimNames.Expires, ExpiresUnixSeconds.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer64);
            foreach (var claim in claims)
            {
                if (!ClaimNames.IsOurs(claim.Key))
                {
                    Forward(identity, claim.Key, claim.Value);
                }
            }
            return new ClaimsPrincipal(identity);
        }

        private void Forward(ClaimsIdentity identity, string name, string value)
        {
            var type = name == "roles" ? ClaimTypes.Role : name;
            var texts = lists != null && lists.Contains(name) ? JsonTexts.Read(value) : null;
            if (texts == null)
            {
                Add(identity, type, value);
                return;
            }
            foreach (var text in texts)
            {
                Add(identity, type, text);
            }
        }

        private void Add(ClaimsIdentity identity, string type, string value, string valueType = ClaimValueTypes.String)
        {
            if (!string.IsNullOrEmpty(value))
            {
                identity.AddClaim(new Claim(type, value, valueType, Authority));
            }
        }
    }

    /// <summary>
    /// Types of the claims of <see cref="Identity.ToPrincipal"/>, beside <see cref="ClaimTypes.NameIdentifier"/> and
    /// <see cref="ClaimTypes.Name"/>, which are the id. GUIDs are in lower case. Where there is no such thing there is no such claim.
    /// </summary>
    public static class ClaimNames
    {
        /// <summary>"entra", "oidc", "pki", "site".</summary>
        public const string Method = "tollgate:method";

        /// <summary>"user" or "device".</summary>
        public const string Kind = "tollgate:kind";

        /// <summary>The issuer, the PKI, or the site; also the `Issuer` of every claim.</summary>
        public const string Authority = "iss";

        /// <summary>The subject in the authority's own words.</summary>
        public const string Subject = "sub";

        /// <summary>The Entra tenant, as Microsoft.Identity.Web has it.</summary>
        public const string Tenant = "http://schemas.microsoft.com/identity/claims/tenantid";

        /// <summary>The Entra user, as Microsoft.Identity.Web has it.</summary>
        public const string User = "http://schemas.microsoft.com/identity/claims/objectidentifier";

        /// <summary>The Entra device, or the client of a site.</summary>
        public const string Device = "deviceid";

        /// <summary>The id of the certificate that was judged beside the token.</summary>
        public const string Certificate = "tollgate:certificate";

        /// <summary>"true" where the client proved the key that its credential is bound to, else "false".</summary>
        public const string Bound = "tollgate:bound";

        /// <summary>When the credential ends: seconds since 1970 (UTC).</summary>
        public const string Expires = "exp";

        /// <summary>Whether a claim of a token must not come under this name. ClaimsPrincipal looks for types in any letter case.</summary>
        internal static bool IsOurs(string name)
        {
            return Array.Exists(All, ours => string.Equals(ours, name, StringComparison.OrdinalIgnoreCase))
                || name.StartsWith("tollgate:", StringComparison.OrdinalIgnoreCase);
        }

        /// <summary>Roles are those of the claim `roles` alone; `tid` and `oid` are what Entra calls two of these.</summary>
        private static readonly string[] All =
        {
            ClaimTypes.NameIdentifier, ClaimTypes.Name, ClaimTypes.Role, Authority, Subject, Tenant, User, Device, Expires, "tid",
            "oid",
        };
    }
}

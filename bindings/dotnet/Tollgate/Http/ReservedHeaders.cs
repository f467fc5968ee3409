// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Tollgate.Http
{
    /// <summary>The X-Tollgate headers, which tell backends who it is: a client's own never come through, ours are safe.</summary>
    public static class ReservedHeaders
    {
        /// <summary>
        /// Whether a header of a request must be taken out before anything reads it: x-tollgate and all that begins so, in
        /// any letter case and with any character that is no letter or digit in the place of "-". CGI and its heirs write one
        /// for many. Also of a name as server variables have it, without its "HTTP_".
        /// </summary>
        public static bool IsReserved(string name)
        {
            const string Ours = "tollgate";
            if (name == null || name.Length < 2 + Ours.Length || (name[0] | 0x20) != 'x' || IsLetterOrDigit(name[1]))
            {
                return false;
            }
            return string.Compare(name, 2, Ours, 0, Ours.Length, StringComparison.OrdinalIgnoreCase) == 0;
        }

        /// <summary>
        /// What a backend is told: all of them, always, "" where there is none, and one for each claim that the endpoint
        /// forwards. Printable ASCII; everything else, "%" and spaces at an end are percent-encoded. The nginx module's are the
        /// same but for X-Tollgate-Subject, which it does not send.
        /// </summary>
        public static IReadOnlyList<KeyValuePair<string, string>> Of(Identity identity, Scenario scenario)
        {
            if (identity == null)
            {
                throw new ArgumentNullException(nameof(identity));
            }
            var headers = new List<KeyValuePair<string, string>>();
            Add(headers, "X-Tollgate-Id", identity.Id);
            Add(headers, "X-Tollgate-Method", identity.Method.ToString().ToLowerInvariant());
            Add(headers, "X-Tollgate-Scenario", scenario == Scenario.User ? "user" : "device");
            Add(headers, "X-Tollgate-Authority", identity.Authority);
            Add(headers, "X-Tollgate-Tenant", identity.Tenant?.ToString());
            Add(headers, "X-Tollgate-User", identity.User?.ToString());
            Add(headers, "X-Tollgate-Device", identity.Device?.ToString());
            Add(headers, "X-Tollgate-Subject", identity.Subject);
            Add(headers, "X-Tollgate-Bound", identity.IsBound ? "true" : "false");
            Add(headers, "X-Tollgate-Expires", identity.ExpiresUnixSeconds.ToString(CultureInfo.InvariantCulture));
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var claim in identity.Claims)
            {
                var name = ClaimName(claim.Key);
                // Of two claims with one such name the first counts.
                if (names.Add(name))
                {
                    Add(headers, name, claim.Value);
                }
            }
            return headers;
        }

        /// <summary>A text as a header may have it.</summary>
        public static string Encode(string text)
        {
            if (string.IsNullOrEmpty(text))
            {
                return "";
            }
            var bytes = Encoding.UTF8.GetBytes(text);
            var encoded = new StringBuilder(bytes.Length);
            for (var at = 0; at < bytes.Length; at++)
            {
                var one = bytes[at];
                var isAtAnEnd = at == 0 || at == bytes.Length - 1;
                if (one < 0x20 || one > 0x7e || one == '%' || (one == ' ' && isAtAnEnd))
                {
                    encoded.Append('%').Append(one.ToString("X2", CultureInfo.InvariantCulture));
                }
                else
                {
                    encoded.Append((char)one);
                }
            }
            return encoded.ToString();
        }

        private static void Add(List<KeyValuePair<string, string>> headers, string name, string value)
        {
            headers.Add(new KeyValuePair<string, string>(name, Encode(value)));
        }

        /// <summary>Letters and digits as they are, "-" for the rest.</summary>
        private static string ClaimName(string claim)
        {
            var name = new StringBuilder("X-Tollgate-Claim-");
            foreach (var one in claim)
            {
                name.Append(IsLetterOrDigit(one) ? one : '-');
            }
            return name.ToString();
        }

        /// <summary>Of ASCII.</summary>
        private static bool IsLetterOrDigit(char one)
        {
            return (one >= '0' && one <= '9') || ((one | 0x20) >= 'a' && (one | 0x20) <= 'z');
        }
    }
}

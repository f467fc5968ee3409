// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;

namespace Tollgate.Http
{
    /// <summary>
    /// What the Authorization headers of a request show (RFC 6750 section 2.1: "Bearer" 1*SP b64token; RFC 9110 section
    /// 11.1: the scheme in any letter case). Nothing is judged here: what is odd goes to the gate, which says what is wrong.
    /// </summary>
    public static class BearerToken
    {
        /// <summary>The token; null where nothing is shown, as by another scheme. Never "".</summary>
        /// <param name="values">Each Authorization header of the request: of two none counts, for which of them was a guess.</param>
        public static string Of(IReadOnlyList<string> values)
        {
            if (values == null || values.Count == 0)
            {
                return null;
            }
            return values.Count == 1 ? Of(values[0]) : Two;
        }

        /// <summary>Of the only header. One of our scheme always shows something: what is no token is refused as one.</summary>
        private static string Of(string value)
        {
            if (value == null || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
            if (value.Length == Scheme.Length)
            {
                return value;
            }
            if (value[Scheme.Length] != ' ')
            {
                // "Bearer" and a tab is ours and broken; "Bearers" is another scheme.
                return value[Scheme.Length] > ' ' ? null : value;
            }
            var token = value.Substring(Scheme.Length).Trim(' ');
            return token.Length == 0 ? value : token;
        }

        private const string Scheme = "Bearer";

        /// <summary>What stands for two: never a token.</summary>
        private const string Two = "two credentials";
    }
}

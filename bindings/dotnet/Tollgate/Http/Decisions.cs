// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Security.Claims;

namespace Tollgate.Http
{
    /// <summary>What was decided about one request at the places that were asked, as of several authentication schemes.</summary>
    /// <remarks>One thread at a time uses it, as a request.</remarks>
    public sealed class Decisions
    {
        private readonly Dictionary<string, Decision> all = new Dictionary<string, Decision>(StringComparer.Ordinal);

        /// <summary>Keeps the decision of a place, whose name is what <see cref="Identity.ToPrincipal"/> was given.</summary>
        public void Keep(string place, Decision decision)
        {
            if (place == null)
            {
                throw new ArgumentNullException(nameof(place));
            }
            all[place] = decision ?? throw new ArgumentNullException(nameof(decision));
        }

        /// <summary>
        /// The decision by which a user is who it is: of the first of its identities that came of one. Null where none did,
        /// whatever else was decided meanwhile.
        /// </summary>
        public Decision Of(ClaimsPrincipal user)
        {
            if (user == null)
            {
                return null;
            }
            foreach (var identity in user.Identities)
            {
                Decision decision;
                if (identity.IsAuthenticated
                    && all.TryGetValue(identity.AuthenticationType, out decision)
                    && decision.IsAdmitted
                    && identity.HasClaim(ClaimTypes.NameIdentifier, decision.Identity.Id))
                {
                    return decision;
                }
            }
            return null;
        }
    }
}

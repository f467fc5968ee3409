// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Web;
using Tollgate.Http;

namespace Tollgate.AspNet
{
    /// <summary>The headers of a request of classic ASP.NET.</summary>
    internal static class RequestHeaders
    {
        /// <summary>Each line on its own, as far as the server tells: IIS joins two of a name by a comma.</summary>
        internal static List<KeyValuePair<string, string>> All(HttpRequest request)
        {
            var all = new List<KeyValuePair<string, string>>();
            var headers = request.Headers;
            for (var at = 0; at < headers.Count; at++)
            {
                foreach (var value in headers.GetValues(at) ?? new[] { "" })
                {
                    all.Add(new KeyValuePair<string, string>(headers.GetKey(at), value));
                }
            }
            return all;
        }

        /// <summary>Takes reserved headers out; false where one is still there, or in the server variables made of them.</summary>
        internal static bool Strip(HttpRequest request)
        {
            var reserved = Array.FindAll(request.Headers.AllKeys, ReservedHeaders.IsReserved);
            if (reserved.Length == 0)
            {
                return true;
            }
            try
            {
                foreach (var name in reserved)
                {
                    request.Headers.Remove(name);
                }
            }
            catch (NotSupportedException)
            {
                // IIS's classic pipeline, and a list that is read-only.
                return false;
            }
            return Array.Find(request.Headers.AllKeys, ReservedHeaders.IsReserved) == null
                && Array.Find(request.ServerVariables.AllKeys, IsReservedVariable) == null;
        }

        private static bool IsReservedVariable(string name)
        {
            return name.StartsWith("HTTP_", StringComparison.OrdinalIgnoreCase) && ReservedHeaders.IsReserved(name.Substring(5));
        }
    }
}

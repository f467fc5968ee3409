// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tollgate.Http;

namespace Tollgate.AspNetCore
{
    /// <summary>
    /// A connection as the server itself saw it, before any middleware: UseForwardedHeaders() puts what a header says in the
    /// place of the address, and UseCertificateForwarding() and its like in the place of the certificate. What is not in
    /// here proves nothing.
    /// </summary>
    internal sealed class Arrival
    {
        private Arrival(ConnectionInfo connection, ITlsConnectionFeature tls)
        {
            Sender = Sender.Of(connection.RemoteIpAddress);
            Certificate = tls == null ? null : tls.ClientCertificate;
        }

        /// <summary>Not known for a unix socket, of which the server knows no more than of nothing.</summary>
        internal Sender Sender { get; }

        /// <summary>Of the handshake; null for none.</summary>
        internal X509Certificate2 Certificate { get; }

        /// <summary>Of a request that came by <see cref="Door"/>.</summary>
        internal static Arrival Of(HttpContext request)
        {
            var arrival = request.Features.Get<Arrival>();
            if (arrival == null)
            {
                throw new InvalidOperationException("the request did not come by AddTollgate()'s startup filter: whose connection it is nobody knows");
            }
            return arrival;
        }

        /// <summary>The first of all middleware: takes down who is there, and takes clients' own X-Tollgate headers out.</summary>
        internal sealed class Door : IStartupFilter
        {
            public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
            {
                return application =>
                {
                    application.Use((request, rest) =>
                    {
                        request.Features.Set(new Arrival(request.Connection, request.Features.Get<ITlsConnectionFeature>()));
                        foreach (var name in request.Request.Headers.Keys.Where(ReservedHeaders.IsReserved).ToArray())
                        {
                            request.Request.Headers.Remove(name);
                        }
                        return rest();
                    });
                    next(application);
                };
            }
        }
    }
}

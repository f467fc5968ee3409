// SPDX-License-Identifier: MIT OR Apache-2.0

namespace Tollgate.Http
{
    /// <summary>How requests are judged at one place of a gateway.</summary>
    public sealed class JudgeOptions
    {
        /// <summary>The [[endpoint]] of tollgate.toml; "" or null for the only one there is.</summary>
        public string Endpoint { get; set; }

        /// <summary>What requests are for.</summary>
        public Scenario Scenario { get; set; }

        /// <summary>The header that has the client's Windows version, as "X-Windows"; null where none has. "10.0.19045".</summary>
        public string WindowsHeader { get; set; }

        /// <summary>Where certificates of clients come from; from the connection unless it is said.</summary>
        public CertificateSource Certificates { get; set; }

        /// <summary>
        /// Who passes certificates on, for connections of which the server knows no address. <see cref="Sender.UnixSocket"/>
        /// for a server that listens at a unix socket alone: at another one everybody would be the proxy.
        /// </summary>
        public Sender Sender { get; set; }
    }

    /// <summary>
    /// Where certificates of clients come from: one place, for behind a proxy that has a certificate of its own the
    /// connection's is the proxy's, and without one in front a header's is whatever the client writes.
    /// </summary>
    public enum CertificateSource
    {
        /// <summary>The TLS handshake of this server's own connection. Headers are not looked at.</summary>
        Connection,

        /// <summary>Headers of the proxies in `peers.trusted`. What the connection proved is the proxy's, and no credential.</summary>
        Headers,

        /// <summary>Nowhere.</summary>
        Nowhere,
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using Microsoft.AspNetCore.Authentication;
using Tollgate.Http;

namespace Tollgate.AspNetCore
{
    /// <summary>How requests are judged by one authentication scheme; to be bound from a section of the configuration.</summary>
    public sealed class TollgateOptions : AuthenticationSchemeOptions
    {
        /// <summary>The tollgate.toml, relative to the application's content root. Schemes that name the same file share one gate. Needed.</summary>
        public string ConfigurationFile { get; set; }

        /// <summary>The [[endpoint]] of tollgate.toml; "" or null for the only one there is.</summary>
        public string Endpoint { get; set; }

        /// <summary>What requests are for: "Device" (the default) or "User".</summary>
        public Scenario Scenario { get; set; }

        /// <summary>The header that has the client's Windows version; null where none has.</summary>
        public string WindowsHeader { get; set; }

        /// <summary>
        /// Where certificates of clients come from: "Connection" (the default), of Kestrel's own handshakes; "Headers", of the
        /// proxies in `peers.trusted`; "Nowhere".
        /// </summary>
        public CertificateSource Certificates { get; set; }

        /// <summary>
        /// Who passes certificates on where the server knows no address: "unix" where Kestrel listens at a unix socket alone,
        /// or an address.
        /// </summary>
        public string Sender { get; set; }

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            if (string.IsNullOrEmpty(ConfigurationFile))
            {
                throw new ArgumentException("TollgateOptions.ConfigurationFile names no tollgate.toml.");
            }
            Tollgate.Sender.Parse(Sender);
        }
    }
}

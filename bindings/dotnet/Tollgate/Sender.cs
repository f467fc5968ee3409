// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Net;

namespace Tollgate
{
    /// <summary>
    /// Who sent a request to this server, as the server itself saw it: an address, the other end of a unix socket, or
    /// (`default`) somebody who is not known. By it is decided who may pass a client's certificate on (`peers.trusted`), so
    /// nothing that a header says may be in it.
    /// </summary>
    public readonly struct Sender
    {
        private readonly IPAddress address;

        private Sender(IPAddress address, bool isUnixSocket)
        {
            this.address = address;
            IsUnixSocket = isUnixSocket;
        }

        /// <summary>The proxy at the other end of a unix socket. Never for want of an address: say so where it is known.</summary>
        public static Sender UnixSocket
        {
            get { return new Sender(null, true); }
        }

        /// <summary>An address; null is not known, and not a unix socket.</summary>
        public static Sender Of(IPAddress address)
        {
            return new Sender(address, false);
        }

        /// <summary>Of a setting: "unix", or an IP address; "" or null is not known.</summary>
        /// <exception cref="ArgumentException">It is something else.</exception>
        public static Sender Parse(string setting)
        {
            if (string.IsNullOrEmpty(setting))
            {
                return default(Sender);
            }
            if (setting == "unix")
            {
                return UnixSocket;
            }
            IPAddress address;
            if (!IPAddress.TryParse(setting, out address))
            {
                throw new ArgumentException("A sender is \"unix\" or an IP address, not \"" + setting + "\".", nameof(setting));
            }
            return Of(address);
        }

        /// <summary>Whether it is known.</summary>
        public bool IsKnown
        {
            get { return IsUnixSocket || address != null; }
        }

        /// <summary>Whether it is the other end of a unix socket.</summary>
        public bool IsUnixSocket { get; }

        /// <summary>4 or 16 bytes in network order; null where there is no address. IPv4 in IPv6's clothes, as dual sockets show it, is IPv4.</summary>
        internal byte[] Bytes()
        {
            return address == null ? null : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>
    /// The client's certificates, read once a connection and passed to every check on it. Several threads may use one at
    /// once. Those that cannot be taken are a peer, too: every request that it comes with is refused.
    /// </summary>
    public sealed unsafe class Peer : IDisposable
    {
        internal readonly PeerHandle handle;

        private Peer(int status, IntPtr made)
        {
            Status = new Status(status);
            handle = new PeerHandle(made);
        }

        /// <summary>Not refused: 2 (done). Else the reason for which every check refuses it.</summary>
        public Status Status { get; }

        /// <summary>Whether every check refuses it: <see cref="Status"/> says why.</summary>
        public bool IsRefused
        {
            get { return Status.Number != Native.Done; }
        }

        /// <summary>
        /// The certificate that the client proved in the TLS handshake of this very connection, as the TLS library of the
        /// host has it. Never one out of a header: for those there is <see cref="Gate.PeerFromHeaders"/>.
        /// </summary>
        public static Peer FromCertificate(X509Certificate certificate)
        {
            if (certificate == null)
            {
                throw new ArgumentNullException(nameof(certificate));
            }
            return FromChain(new[] { certificate.GetRawCertData() });
        }

        /// <summary>The same, of DER, the client's own certificate first, and what else it sent behind it.</summary>
        public static Peer FromChain(IReadOnlyList<byte[]> chain)
        {
            if (chain == null)
            {
                throw new ArgumentNullException(nameof(chain));
            }
            var pins = new GCHandle[chain.Count];
            var views = new NativeBytes[chain.Count];
            try
            {
                for (var at = 0; at < views.Length; at++)
                {
                    if (chain[at] == null)
                    {
                        throw new ArgumentException("A certificate of the chain is null.", nameof(chain));
                    }
                    pins[at] = GCHandle.Alloc(chain[at], GCHandleType.Pinned);
                    views[at] = new NativeBytes((byte*)pins[at].AddrOfPinnedObject(), chain[at].Length);
                }
                fixed (NativeBytes* first = views)
                {
                    var certificates = first;
                    return Made((IntPtr* made) => Native.tollgate_peer_new(certificates, (UIntPtr)(uint)views.Length, made));
                }
            }
            finally
            {
                foreach (var pin in pins)
                {
                    if (pin.IsAllocated)
                    {
                        pin.Free();
                    }
                }
            }
        }

        /// <summary>The same, of PEM text, or of the DER of one certificate.</summary>
        public static Peer FromPem(ReadOnlySpan<byte> pem)
        {
            fixed (byte* at = pem)
            {
                var text = (IntPtr)at;
                var length = (UIntPtr)(uint)pem.Length;
                return Made((IntPtr* made) => Native.tollgate_peer_from_pem((byte*)text, length, made));
            }
        }

        /// <summary>
        /// SHA-256 of the client's own certificate, by which tokens are bound to it (`x5t#S256`, RFC 8705); null where it
        /// could not be read.
        /// </summary>
        public byte[] Thumbprint()
        {
            var print = new byte[32];
            var raw = handle.Acquire();
            try
            {
                fixed (byte* at = print)
                {
                    return Native.tollgate_peer_thumbprint(raw, at) == Native.Done ? print : null;
                }
            }
            finally
            {
                handle.Release();
            }
        }

        /// <summary>Frees it when the checks that use it are over. Later ones throw <see cref="ObjectDisposedException"/>.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        internal delegate int Make(IntPtr* made);

        /// <summary>Null where nothing was passed on.</summary>
        internal static Peer Made(Make make)
        {
            Library.Require();
            Peer peer = null;
            var status = 0;
            // An abort of the thread (.NET Framework) waits for the end of a finally block.
            try
            {
            }
            finally
            {
                var made = IntPtr.Zero;
                status = make(&made);
                if (made != IntPtr.Zero)
                {
                    peer = new Peer(status, made);
                }
            }
            if (peer == null && status != Native.Done)
            {
                throw new TollgateException(status, new Status(status).Sentence);
            }
            return peer;
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>
    /// Changes of trust that belong together: collected here, applied by <see cref="Gate.Apply"/> all at once or not at all.
    /// Any thread may use it; they wait for each other. Each method returns it, so that they can follow one another.
    /// </summary>
    public sealed unsafe class Update : IDisposable
    {
        internal readonly UpdateHandle handle;

        /// <summary>Under the lock, which lets its own thread in again: a callback of the gate that it is applied to.</summary>
        private bool isInUse;

        /// <summary>Changes nothing yet.</summary>
        public Update()
        {
            Library.Require();
            handle = new UpdateHandle();
        }

        /// <summary>Another configuration, of a gate that was made by <see cref="Gate.FromText"/>; at most 4 MiB.</summary>
        public Update Configuration(string toml)
        {
            var text = Text.Bytes(toml, nameof(toml));
            return Collect(raw =>
            {
                fixed (byte* at = text)
                {
                    return Native.tollgate_update_configuration(raw, at, (UIntPtr)(uint)text.Length);
                }
            });
        }

        /// <summary>
        /// The keys (JSON, RFC 7517, at most 1 MiB) of an Entra tenant or a site, by its GUID, or of an [[oidc]], by its name,
        /// instead of those that the configuration names, from now on.
        /// </summary>
        public Update Keys(Method of, string name, ReadOnlySpan<byte> jwks)
        {
            var who = Text.Bytes(name, nameof(name));
            fixed (byte* at = jwks)
            {
                var keys = (IntPtr)at;
                var length = (UIntPtr)(uint)jwks.Length;
                return Collect(raw =>
                {
                    fixed (byte* whoAt = who)
                    {
                        return Native.tollgate_update_keys(
                            raw, (uint)of, whoAt, (UIntPtr)(uint)who.Length, (byte*)keys, length);
                    }
                });
            }
        }

        /// <summary>The trust anchors (PEM, or one as DER, at most 1 MiB) of a [[pki]], from now on.</summary>
        public Update Anchors(string pki, ReadOnlySpan<byte> certificates)
        {
            var who = Text.Bytes(pki, nameof(pki));
            fixed (byte* at = certificates)
            {
                var anchors = (IntPtr)at;
                var length = (UIntPtr)(uint)certificates.Length;
                return Collect(raw =>
                {
                    fixed (byte* whoAt = who)
                    {
                        return Native.tollgate_update_anchors(
                            raw, whoAt, (UIntPtr)(uint)who.Length, (byte*)anchors, length);
                    }
                });
            }
        }

        /// <summary>Switches an Entra tenant or an OpenID Connect issuer off or on, whatever its `enabled` says.</summary>
        public Update Tenant(Method of, string name, bool isEnabled)
        {
            var who = Text.Bytes(name, nameof(name));
            return Collect(raw =>
            {
                fixed (byte* whoAt = who)
                {
                    return Native.tollgate_update_tenant(
                        raw, (uint)of, whoAt, (UIntPtr)(uint)who.Length, isEnabled ? 1u : 0u);
                }
            });
        }

        /// <summary>Refuses what was issued to a client, user or device, remembered or not.</summary>
        /// <param name="whom">What the id is of.</param>
        /// <param name="scope">Its site or tenant.</param>
        /// <param name="id">Its own.</param>
        /// <param name="issuedBefore">Seconds since 1970 (UTC): what was issued from then on stays good. 0: nothing does.</param>
        public Update Withdraw(Withdrawn whom, Guid scope, Guid id, long issuedBefore = 0)
        {
            return Named(scope, id, (raw, scopeAt, idAt, length) => Native.tollgate_update_withdraw(
                raw, (uint)whom, scopeAt, length, idAt, length, issuedBefore));
        }

        /// <summary>Takes a withdrawal back.</summary>
        public Update Restore(Withdrawn whom, Guid scope, Guid id)
        {
            return Named(scope, id, (raw, scopeAt, idAt, length) => Native.tollgate_update_restore(
                raw, (uint)whom, scopeAt, length, idAt, length));
        }

        /// <summary>Frees it; what was not applied is dropped.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        internal delegate int Change(IntPtr raw);

        /// <summary>With the library's update held, by one thread at a time.</summary>
        internal Update Collect(Change change)
        {
            lock (handle)
            {
                if (isInUse)
                {
                    throw new InvalidOperationException("This update is being applied, and a callback of that changes it.");
                }
                var raw = handle.Acquire();
                isInUse = true;
                try
                {
                    TollgateException.Unless(change(raw));
                }
                finally
                {
                    isInUse = false;
                    handle.Release();
                }
            }
            return this;
        }

        private delegate int NamedChange(IntPtr raw, byte* scope, byte* id, UIntPtr length);

        private Update Named(Guid scope, Guid id, NamedChange change)
        {
            var scopeText = Text.Bytes(scope.ToString(), nameof(scope));
            var idText = Text.Bytes(id.ToString(), nameof(id));
            return Collect(raw =>
            {
                fixed (byte* scopeAt = scopeText)
                fixed (byte* idAt = idText)
                {
                    return change(raw, scopeAt, idAt, (UIntPtr)(uint)idText.Length);
                }
            });
        }
    }
}

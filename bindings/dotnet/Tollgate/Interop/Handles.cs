// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Tollgate.Interop
{
    /// <summary>What the library made and takes back, exactly once: when it is disposed of, or finalised.</summary>
    internal abstract class Handle : SafeHandle
    {
        private int shut;

        protected Handle() : base(IntPtr.Zero, true)
        {
        }

        public override bool IsInvalid
        {
            get { return handle == IntPtr.Zero; }
        }

        /// <summary>The pointer; whoever reads it holds a reference.</summary>
        internal IntPtr Raw
        {
            get { return handle; }
        }

        /// <summary>Whether it is disposed of; others may still hold it.</summary>
        internal bool IsShut
        {
            get { return Volatile.Read(ref shut) != 0; }
        }

        /// <summary>One more user: it is not freed before Release(). Throws where it is disposed of.</summary>
        /// <remarks>SafeHandle itself throws only where it is freed, and gives out what is disposed of and still held.</remarks>
        internal IntPtr Acquire()
        {
            var isAcquired = false;
            DangerousAddRef(ref isAcquired);
            if (IsShut)
            {
                Release();
                throw new ObjectDisposedException(Name);
            }
            return handle;
        }

        internal void Release()
        {
            DangerousRelease();
        }

        /// <summary>What its users know it as.</summary>
        protected abstract string Name { get; }

        /// <summary>True for the first who does it.</summary>
        protected bool Mark()
        {
            return Interlocked.Exchange(ref shut, 1) == 0;
        }

        protected override void Dispose(bool disposing)
        {
            Mark();
            base.Dispose(disposing);
        }
    }

    internal sealed class PeerHandle : Handle
    {
        internal PeerHandle(IntPtr made)
        {
            SetHandle(made);
        }

        protected override string Name
        {
            get { return nameof(Peer); }
        }

        protected override bool ReleaseHandle()
        {
            Native.tollgate_peer_free(handle);
            return true;
        }
    }

    internal sealed unsafe class UpdateHandle : Handle
    {
        internal UpdateHandle()
        {
            // An abort of the thread (.NET Framework) waits for the end of a finally block.
            var status = 0;
            try
            {
            }
            finally
            {
                IntPtr made;
                status = Native.tollgate_update_new(&made);
                SetHandle(made);
            }
            TollgateException.Unless(status);
        }

        protected override string Name
        {
            get { return nameof(Update); }
        }

        protected override bool ReleaseHandle()
        {
            Native.tollgate_update_free(handle);
            return true;
        }
    }
}

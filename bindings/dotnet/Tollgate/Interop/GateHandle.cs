// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;

namespace Tollgate.Interop
{
    /// <summary>A gate of the library, and the scratches that hold it.</summary>
    /// <remarks>
    /// A count that every check of every thread raises and lowers is one cache line for all of them. So each
    /// scratch holds its gate from check to check, and the gate takes itself back from all of them when it is shut.
    /// </remarks>
    internal sealed class GateHandle : Handle
    {
        private readonly List<WeakReference> holders = new List<WeakReference>();
        private readonly object refreshing = new object();

        /// <summary>Null where none runs.</summary>
        private Refresher refresher;

        internal GateHandle(IntPtr made)
        {
            SetHandle(made);
        }

        /// <summary>A scratch holds it from now on; it has acquired it before.</summary>
        internal void Enrol(WeakReference scratch)
        {
            lock (holders)
            {
                holders.RemoveAll(IsGone);
                holders.Add(scratch);
            }
        }

        internal void Withdraw(WeakReference scratch)
        {
            lock (holders)
            {
                holders.Remove(scratch);
            }
        }

        /// <summary>False where one runs already.</summary>
        internal bool StartRefresh()
        {
            lock (refreshing)
            {
                if (IsShut)
                {
                    throw new ObjectDisposedException(Name);
                }
                if (refresher != null)
                {
                    return false;
                }
                refresher = new Refresher(this);
                return true;
            }
        }

        /// <summary>What has to be waited for; null where none runs.</summary>
        internal Refresher StopRefresh()
        {
            lock (refreshing)
            {
                var ended = refresher;
                refresher = null;
                if (ended != null)
                {
                    ended.End();
                }
                return ended;
            }
        }

        /// <summary>Checks that have begun end as they would have; what begins later is refused. It is freed with the last.</summary>
        /// <returns>A refresher that is ending; null where none ran.</returns>
        internal Refresher Shut()
        {
            if (!Mark())
            {
                return null;
            }
            var ended = StopRefresh();
            WeakReference[] all;
            lock (holders)
            {
                all = holders.ToArray();
            }
            foreach (var one in all)
            {
                var scratch = (Scratch)one.Target;
                if (scratch != null)
                {
                    scratch.Quit(this);
                }
            }
            Dispose();
            return ended;
        }

        protected override string Name
        {
            get { return nameof(Gate); }
        }

        protected override bool ReleaseHandle()
        {
            Native.tollgate_gate_free(handle);
            return true;
        }

        private static bool IsGone(WeakReference scratch)
        {
            return !scratch.IsAlive;
        }
    }
}

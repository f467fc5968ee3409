// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Runtime.InteropServices;
using System.Threading;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>How a gate is made. Everything may be left out.</summary>
    public sealed class GateOptions
    {
        /// <summary>
        /// Where a gate says what concerns itself, never a credential; one line each. Called by any thread that is inside a
        /// call of the gate, by its refresh thread, and by several at once. What it throws is counted
        /// (<see cref="Gate.CallbackFailures"/>) and goes no further. It must not dispose of the gate. The gate holds it
        /// until it is disposed of, and what it captures: a gate that its own log captures is never finalised.
        /// </summary>
        public Action<LogLevel, string> Log { get; set; }

        /// <summary>
        /// The clock instead of the system's. Called as the log is; it must use no gate. Where it throws nothing is judged:
        /// the call that asked it throws an <see cref="InvalidOperationException"/> with it inside.
        /// </summary>
        public Func<Moment> Clock { get; set; }

        /// <summary>
        /// How many processes make a gate of this configuration and share this machine: `cache.max_bytes` is divided by it.
        /// 0 means 1.
        /// </summary>
        public int Processes { get; set; }
    }
}

namespace Tollgate.Interop
{
    /// <summary>What a program lends to a gate. The library holds it by a handle, and drops that when it is done.</summary>
    /// <remarks>
    /// Nothing may be thrown into native code: Mono would unwind through it, CoreCLR ends the process. So each body
    /// catches everything; and it runs in a finally block, where an abort of the thread (.NET Framework) waits.
    /// </remarks>
    internal sealed unsafe class Host
    {
        // Rooted for ever: native code may call them as long as it lives.
        private static readonly LogCallback OnLog = Logged;
        private static readonly ClockCallback OnClock = Timed;
        private static readonly DropCallback OnDrop = Dropped;
        private static readonly IntPtr LogPointer = Marshal.GetFunctionPointerForDelegate(OnLog);
        private static readonly IntPtr ClockPointer = Marshal.GetFunctionPointerForDelegate(OnClock);
        private static readonly IntPtr DropPointer = Marshal.GetFunctionPointerForDelegate(OnDrop);

        /// <summary>How many callbacks of any gate this thread is inside of.</summary>
        [ThreadStatic]
        private static int depth;

        /// <summary>What a clock threw on this thread, until the call that asked it is over.</summary>
        [ThreadStatic]
        private static Exception pending;

        private readonly Action<LogLevel, string> log;
        private readonly Func<Moment> clock;
        private long failures;
        private long lastMonotonic;

        internal Host(GateOptions options)
        {
            log = options.Log;
            clock = options.Clock;
        }

        internal bool HasClock
        {
            get { return clock != null; }
        }

        internal long Failures
        {
            get { return Interlocked.Read(ref failures); }
        }

        /// <summary>What the library is told. From here on the drop callback frees the handle, or Lend() does.</summary>
        internal NativeOptions Lend(int processes)
        {
            var options = default(NativeOptions);
            options.size = (uint)sizeof(NativeOptions);
            options.processes = (uint)processes;
            options.log = log != null ? LogPointer : IntPtr.Zero;
            options.clock = clock != null ? ClockPointer : IntPtr.Zero;
            options.drop = DropPointer;
            options.user = GCHandle.ToIntPtr(GCHandle.Alloc(this));
            return options;
        }

        /// <summary>Options of a size that the library does not know are not dropped by it.</summary>
        internal static void TakeBack(NativeOptions options)
        {
            GCHandle.FromIntPtr(options.user).Free();
        }

        /// <summary>A call of a gate must not be made where freeing or joining would wait for itself.</summary>
        internal static void RequireOutside(string what)
        {
            if (depth > 0)
            {
                throw new InvalidOperationException(what + " must not be called by a callback of a gate.");
            }
        }

        /// <summary>After a call: what the clock threw meanwhile is thrown here, in managed code.</summary>
        internal static void Rethrow()
        {
            var thrown = pending;
            if (thrown == null)
            {
                return;
            }
            pending = null;
            throw new InvalidOperationException("The clock of the gate threw, so nothing was judged.", thrown);
        }

        /// <summary>After a call that has nobody to throw to; the failure is counted.</summary>
        internal static void Drop()
        {
            pending = null;
        }

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate void LogCallback(IntPtr user, uint level, byte* message, UIntPtr length);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate void ClockCallback(IntPtr user, long* unixSeconds, ulong* monotonicMilliseconds);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate void DropCallback(IntPtr user);

        private static void Logged(IntPtr user, uint level, byte* message, UIntPtr length)
        {
            try
            {
            }
            finally
            {
                Host host = null;
                depth++;
                try
                {
                    host = (Host)GCHandle.FromIntPtr(user).Target;
                    host.log((LogLevel)level, Text.Of(new NativeBytes(message, checked((int)length))));
                }
                catch (Exception)
                {
                    Count(host);
                }
                depth--;
            }
        }

        private static void Timed(IntPtr user, long* unixSeconds, ulong* monotonicMilliseconds)
        {
            try
            {
            }
            finally
            {
                Host host = null;
                depth++;
                try
                {
                    host = (Host)GCHandle.FromIntPtr(user).Target;
                    var now = host.clock();
                    *unixSeconds = now.UnixSeconds;
                    *monotonicMilliseconds = now.MonotonicMilliseconds;
                    Interlocked.Exchange(ref host.lastMonotonic, (long)now.MonotonicMilliseconds);
                }
                catch (Exception thrown)
                {
                    // At the end of time nothing is valid; the other clock must not go back, and not far ahead.
                    *unixSeconds = long.MaxValue;
                    *monotonicMilliseconds = host == null ? 0 : (ulong)Interlocked.Read(ref host.lastMonotonic);
                    pending = thrown;
                    Count(host);
                }
                depth--;
            }
        }

        private static void Dropped(IntPtr user)
        {
            try
            {
            }
            finally
            {
                try
                {
                    GCHandle.FromIntPtr(user).Free();
                }
                catch (Exception)
                {
                    // Freed twice: there is nobody to tell.
                }
            }
        }

        private static void Count(Host host)
        {
            if (host != null)
            {
                Interlocked.Increment(ref host.failures);
            }
        }
    }
}

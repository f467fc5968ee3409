// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Threading;

namespace Tollgate.Interop
{
    /// <summary>A thread that keeps the trust of a gate fresh, of .NET and not the library's own.</summary>
    /// <remarks>
    /// The library's thread takes no signals, and Mono stops threads by signals: once it had called a log back, the next
    /// collection of garbage would wait for it for ever. And where an application domain is unloaded (classic ASP.NET), a
    /// thread of .NET's ends with it; another one would call what is no longer there.
    /// </remarks>
    internal sealed unsafe class Refresher
    {
        private readonly GateHandle gate;
        private readonly Thread thread;
        private readonly object turn = new object();
        private bool isOver;

        internal Refresher(GateHandle gate)
        {
            this.gate = gate;
            thread = new Thread(Run) { IsBackground = true, Name = "tollgate refresh" };
            thread.Start();
        }

        internal void End()
        {
            lock (turn)
            {
                isOver = true;
                Monitor.Pulse(turn);
            }
        }

        /// <summary>Until it is over; it calls nothing back then.</summary>
        internal void Join()
        {
            thread.Join();
        }

        /// <summary>By its own clock, so that a clock of the host's that stands still holds nothing up.</summary>
        private void Run()
        {
            while (!Waited())
            {
                try
                {
                    gate.Acquire();
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
                try
                {
                    // What is wrong it tells to the log.
                    Native.tollgate_gate_refresh(gate.Raw, null, UIntPtr.Zero);
                    Host.Drop();
                }
                finally
                {
                    gate.Release();
                }
            }
        }

        private bool Waited()
        {
            lock (turn)
            {
                if (!isOver)
                {
                    Monitor.Wait(turn, Interval);
                }
                return isOver;
            }
        }

        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Runtime.InteropServices;
using System.Threading;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>
    /// The working memory of a thread: what was presented last, and the texts of its verdict. Texts are asked of the
    /// <see cref="Answer"/> that <see cref="Gate.Check(Scratch, ReadOnlySpan{byte}, Peer, in Ask)"/> gave, and are good
    /// until the scratch is used again.
    /// </summary>
    /// <remarks>
    /// One thread at a time uses it; a second one gets an <see cref="InvalidOperationException"/>. It may wander from
    /// thread to thread, be rented from a pool, and serve any gate. Disposing of it while it is in use is safe: it goes
    /// when that use ends. What is not disposed of goes when it is finalised. It holds the gate that it served last; one that
    /// serves two by turns pays for each change (a lock on each of the two).
    /// </remarks>
    public sealed unsafe class Scratch : IDisposable
    {
        [ThreadStatic]
        private static Scratch ofThread;

        /// <summary>For checks without texts, which leave answers of the other one alone.</summary>
        [ThreadStatic]
        private static Scratch seat;

        private readonly WeakReference self;

        /// <summary>
        /// The batch whose scratch it is, null else. Answers hold this: through it they hold the batch, too, whose finaliser
        /// would free what their texts are read out of.
        /// </summary>
        internal Batch Owner { get; }
        private bool isSeat;
        private int isBusy;
        private int isDisposed;
        private GateHandle gate;
        private IntPtr native;
        private PeerHandle peer;
        private byte* presented;
        private int room;

        /// <summary>Counted up by each use: answers of earlier ones have no texts any more.</summary>
        internal ulong Turn { get; private set; }

        internal bool IsDisposed
        {
            get { return Volatile.Read(ref isDisposed) != 0; }
        }

        /// <summary>Makes one that holds nothing yet.</summary>
        /// <exception cref="LibraryException">The native library is missing, or is of another interface.</exception>
        public Scratch()
        {
            Library.Require();
            self = new WeakReference(this);
        }

        internal Scratch(Batch owner)
            : this()
        {
            Owner = owner;
        }

        /// <summary>Frees it where nobody did.</summary>
        ~Scratch()
        {
            Clear();
        }

        /// <summary>The calling thread's own; made when it is first asked for, and finalised when the thread is over.</summary>
        public static Scratch OfThread
        {
            get
            {
                var own = ofThread;
                return own != null && !own.IsDisposed ? own : ofThread = new Scratch();
            }
        }

        /// <summary>The thread's own; another where that is in use, as inside a callback, which is finalised.</summary>
        internal static Scratch Idle()
        {
            var own = OfThread;
            return Volatile.Read(ref own.isBusy) != InUse ? own : new Scratch();
        }

        /// <summary>Wipes what was presented and frees everything, at once or when its present use ends.</summary>
        public void Dispose()
        {
            Interlocked.Exchange(ref isDisposed, 1);
            Settle();
        }

        /// <summary>One of the thread's own, begun; another where that is in use, as inside a callback.</summary>
        internal static Scratch Take()
        {
            var own = seat ?? (seat = new Scratch { isSeat = true });
            if (Interlocked.CompareExchange(ref own.isBusy, InUse, Free) == Free)
            {
                return own;
            }
            return new Scratch { isBusy = InUse };
        }

        /// <summary>Gives back what Take() gave.</summary>
        internal void Give()
        {
            End();
            if (!isSeat)
            {
                Dispose();
            }
        }

        internal void Begin()
        {
            var spin = new SpinWait();
            while (true)
            {
                var before = Interlocked.CompareExchange(ref isBusy, InUse, Free);
                if (IsDisposed)
                {
                    if (before == Free)
                    {
                        End();
                    }
                    throw new ObjectDisposedException(nameof(Scratch));
                }
                if (before == Free)
                {
                    return;
                }
                if (before == InUse)
                {
                    throw new InvalidOperationException(
                        "This scratch is in use: one thread at a time uses it, and no callback the one that called it.");
                }
                // The gate that it served last takes itself back: no fault of this caller's, and soon over.
                spin.SpinOnce();
            }
        }

        /// <summary>
        /// The exchange is a full fence: whoever shut the gate or disposed of this meanwhile has seen it in use and left
        /// it alone, and is seen here; or he sees it free.
        /// </summary>
        internal void End()
        {
            Interlocked.Exchange(ref isBusy, Free);
            // Somebody else may be using it by now.
            var held = Volatile.Read(ref gate);
            if (IsDisposed || (held != null && held.IsShut))
            {
                Settle();
            }
        }

        /// <summary>Between Begin() and End(): holds a gate, and gives its pointer.</summary>
        internal IntPtr Hold(GateHandle wanted)
        {
            Turn++;
            if (!ReferenceEquals(gate, wanted))
            {
                Forget();
                var raw = wanted.Acquire();
                gate = wanted;
                wanted.Enrol(self);
                if (!wanted.IsShut)
                {
                    return raw;
                }
                // Shut between the two: whoever did it may not have seen this scratch.
                Leave();
            }
            if (wanted.IsShut)
            {
                throw new ObjectDisposedException(nameof(Gate));
            }
            return wanted.Raw;
        }

        /// <summary>Between Begin() and End(): answers so far have no texts any more.</summary>
        internal ulong NextTurn()
        {
            return ++Turn;
        }

        /// <summary>Between Begin() and End(): the library's scratch.</summary>
        internal IntPtr Own()
        {
            if (native == IntPtr.Zero)
            {
                IntPtr made;
                TollgateException.Unless(Native.tollgate_scratch_new(&made));
                native = made;
            }
            return native;
        }

        /// <summary>
        /// Between Begin() and End(): keeps what texts will be read out of. A span may be gone when they are asked for.
        /// </summary>
        internal byte* Keep(ReadOnlySpan<byte> token, PeerHandle shown)
        {
            if (shown != null)
            {
                shown.Acquire();
            }
            if (peer != null)
            {
                peer.Release();
            }
            peer = shown;
            // Longer ones are refused by their length alone, unread.
            if (token.Length > LongestKept)
            {
                return null;
            }
            if (token.Length > room)
            {
                Wipe();
                var larger = Math.Max(token.Length, FirstRoom);
                presented = (byte*)Marshal.AllocHGlobal(larger);
                room = larger;
                Clean();
            }
            token.CopyTo(new Span<byte>(presented, room));
            return presented;
        }

        /// <summary>The gate is shut: lets go of it, unless it is in use; then End() does.</summary>
        internal void Quit(GateHandle which)
        {
            if (ReferenceEquals(Volatile.Read(ref gate), which))
            {
                Settle();
            }
        }

        /// <summary>Where nobody uses it: does what was put off until then.</summary>
        private void Settle()
        {
            if (Interlocked.CompareExchange(ref isBusy, Settling, Free) != Free)
            {
                return;
            }
            if (isDisposed != 0)
            {
                // And stays so for ever.
                Clear();
                GC.SuppressFinalize(this);
                return;
            }
            if (gate != null && gate.IsShut)
            {
                Forget();
            }
            End();
        }

        private void Clear()
        {
            Forget();
            Wipe();
        }

        /// <summary>The library's scratch holds its last gate, too.</summary>
        private void Forget()
        {
            Turn++;
            if (native != IntPtr.Zero)
            {
                Native.tollgate_scratch_free(native);
                native = IntPtr.Zero;
            }
            if (peer != null)
            {
                peer.Release();
                peer = null;
            }
            Leave();
        }

        private void Leave()
        {
            if (gate == null)
            {
                return;
            }
            var left = gate;
            gate = null;
            left.Withdraw(self);
            left.Release();
        }

        /// <summary>Nothing of a token stays in memory that was given back.</summary>
        private void Wipe()
        {
            if (presented == null)
            {
                return;
            }
            Clean();
            Marshal.FreeHGlobal((IntPtr)presented);
            presented = null;
            room = 0;
        }

        private void Clean()
        {
            new Span<byte>(presented, room).Clear();
        }

        private const int Free = 0;
        private const int InUse = 1;
        private const int Settling = 2;

        private const int FirstRoom = 4096;

        /// <summary>`limits.token_bytes` is at most this.</summary>
        private const int LongestKept = 65536;
    }
}

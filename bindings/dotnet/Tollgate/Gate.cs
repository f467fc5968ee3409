// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>
    /// A configuration, the trust that it names, and the credentials that are remembered. One a process; any thread may use
    /// it at any time, several at once, for everything.
    /// </summary>
    /// <remarks>
    /// Checks never throw for what a client presented: that is a <see cref="Verdict"/>. They throw
    /// <see cref="ObjectDisposedException"/> where gate, scratch or peer are disposed of. Disposing while others check is
    /// safe: checks that have begun end as they would have, and what the gate remembers is freed with the last of them.
    /// </remarks>
    public sealed unsafe partial class Gate : IDisposable
    {
        internal readonly GateHandle handle;

        private readonly Host host;

        private Gate(GateHandle handle, Host host)
        {
            this.handle = handle;
            this.host = host;
        }

        /// <summary>Frees it where nobody did.</summary>
        ~Gate()
        {
            // Null where the constructor did not come so far.
            if (handle != null)
            {
                handle.Shut();
            }
        }

        /// <summary>Of a configuration file and everything that it names. Starts no thread: see <see cref="StartRefresh"/>.</summary>
        /// <exception cref="ConfigurationException">What is wrong, where, and what to write.</exception>
        /// <exception cref="LibraryException">The native library is missing, or is of another interface.</exception>
        public static Gate FromFile(string path, GateOptions options = null)
        {
            var bytes = Text.Bytes(path, nameof(path));
            return Open(options, (how, made, message) =>
            {
                fixed (byte* at = bytes)
                {
                    return Native.tollgate_gate_from_file(
                        how, at, (UIntPtr)(uint)bytes.Length, made, message, (UIntPtr)Text.MessageRoom);
                }
            });
        }

        /// <summary>Of a configuration in memory; paths in it are relative to the folder, or to the current directory.</summary>
        /// <exception cref="ConfigurationException">What is wrong, where, and what to write.</exception>
        /// <exception cref="LibraryException">The native library is missing, or is of another interface.</exception>
        public static Gate FromText(string toml, string folder = null, GateOptions options = null)
        {
            var text = Text.Bytes(toml, nameof(toml));
            var place = folder == null ? null : Text.Bytes(folder, nameof(folder));
            return Open(options, (how, made, message) =>
            {
                fixed (byte* textAt = text)
                fixed (byte* placeAt = place)
                {
                    var placeLength = place == null ? 0 : place.Length;
                    return Native.tollgate_gate_from_text(
                        how, textAt, (UIntPtr)(uint)text.Length, placeAt, (UIntPtr)(uint)placeLength, made, message,
                        (UIntPtr)Text.MessageRoom);
                }
            });
        }

        /// <summary>
        /// Judges one request; numbers alone, which is the fastest. A credential that was seen before takes no lock and
        /// allocates nothing, here and in the library.
        /// </summary>
        /// <param name="token">What stands behind "Bearer ", as it came; any bytes are safe. Empty means none.</param>
        /// <param name="peer">The client's certificates; null for none.</param>
        /// <param name="ask">What the gateway wants to know.</param>
        public Verdict Check(ReadOnlySpan<byte> token, Peer peer, in Ask ask)
        {
            Verdict verdict;
            Verdict.Blank(&verdict);
            var seat = Scratch.Take();
            try
            {
                var gate = seat.Hold(handle);
                var shown = peer == null ? IntPtr.Zero : peer.handle.Acquire();
                try
                {
                    fixed (byte* at = token)
                    {
                        Judge(gate, IntPtr.Zero, at, token.Length, shown, ask, &verdict);
                    }
                }
                finally
                {
                    if (peer != null)
                    {
                        peer.handle.Release();
                    }
                }
            }
            finally
            {
                seat.Give();
            }
            AfterClock();
            return verdict;
        }

        /// <summary>
        /// Judges one request, and the answer has the texts of the verdict: who it is, which claims, why not. The token is
        /// copied into the scratch for that; nothing is allocated once the scratch is warm.
        /// </summary>
        public Answer Check(Scratch scratch, ReadOnlySpan<byte> token, Peer peer, in Ask ask)
        {
            if (scratch == null)
            {
                throw new ArgumentNullException(nameof(scratch));
            }
            Verdict verdict;
            Verdict.Blank(&verdict);
            ulong turn;
            scratch.Begin();
            try
            {
                var gate = scratch.Hold(handle);
                turn = scratch.Turn;
                var own = scratch.Own();
                var kept = scratch.Keep(token, peer == null ? null : peer.handle);
                var shown = peer == null ? IntPtr.Zero : peer.handle.Raw;
                fixed (byte* at = token)
                {
                    Judge(gate, own, kept != null ? kept : at, token.Length, shown, ask, &verdict);
                }
            }
            finally
            {
                scratch.End();
            }
            AfterClock();
            return new Answer(verdict, scratch, turn);
        }

        /// <summary>
        /// Judges as <see cref="Check(ReadOnlySpan{byte}, Peer, in Ask)"/> does, by the same code, remembers nothing, and
        /// writes down every step: several lines, for the operator only, for they hold claims and names. Costs a signature
        /// each time.
        /// </summary>
        public Explanation Explain(ReadOnlySpan<byte> token, Peer peer, in Ask ask)
        {
            Explanation explained;
            var seat = Scratch.Take();
            try
            {
                var gate = seat.Hold(handle);
                var own = seat.Own();
                var kept = seat.Keep(token, peer == null ? null : peer.handle);
                NativeRequest request;
                Ask.Fill(ask, &request);
                request.peer = peer == null ? IntPtr.Zero : peer.handle.Raw;
                fixed (byte* at = token)
                fixed (byte* endpoint = ask.endpoint == null ? null : ask.endpoint.utf8)
                {
                    request.token = new NativeBytes(kept != null ? kept : at, token.Length);
                    request.endpoint = new NativeBytes(endpoint, endpoint == null ? 0 : ask.endpoint.utf8.Length);
                    NativeBytes lines;
                    var status = Native.tollgate_explain(gate, own, &request, &lines);
                    explained = new Explanation(status, Text.Of(lines));
                }
            }
            finally
            {
                seat.Give();
            }
            AfterClock();
            return explained;
        }

        /// <summary>Shuts it: see the remarks of this class. Ends its refresh thread, if it has one.</summary>
        /// <exception cref="InvalidOperationException">A callback of a gate calls this.</exception>
        public void Dispose()
        {
            Host.RequireOutside("Gate.Dispose()");
            handle.Shut()?.Join();
            GC.SuppressFinalize(this);
        }

        private delegate int Make(NativeOptions* options, IntPtr* made, byte* message);

        private static Gate Open(GateOptions how, Make make)
        {
            Library.Require();
            how = how ?? new GateOptions();
            if (how.Processes < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(how), how.Processes, "GateOptions.Processes is less than 0.");
            }
            var host = new Host(how);
            var message = stackalloc byte[Text.MessageRoom];
            GateHandle handle = null;
            var status = 0;
            // An abort of the thread (.NET Framework) waits for the end of a finally block.
            try
            {
            }
            finally
            {
                message[0] = 0;
                var made = IntPtr.Zero;
                var options = host.Lend(how.Processes);
                status = make(&options, &made, message);
                if (made != IntPtr.Zero)
                {
                    handle = new GateHandle(made);
                }
                if (status == Native.ErrorSize)
                {
                    Host.TakeBack(options);
                }
            }
            try
            {
                Host.Rethrow();
                TollgateException.Unless(status, Text.Of(message));
            }
            catch
            {
                // A gate whose clock threw was made all the same.
                handle?.Dispose();
                throw;
            }
            return new Gate(handle, host);
        }

        /// <summary>What it returns stands in the verdict.</summary>
        private static void Judge(
            IntPtr gate, IntPtr scratch, byte* token, int length, IntPtr peer, in Ask ask, Verdict* verdict)
        {
            NativeRequest request;
            Ask.Fill(ask, &request);
            request.token = new NativeBytes(token, length);
            request.peer = peer;
            if (ask.endpoint == null)
            {
                Native.tollgate_check(gate, scratch, &request, verdict);
                return;
            }
            var name = ask.endpoint.utf8;
            fixed (byte* at = name)
            {
                request.endpoint = new NativeBytes(at, name.Length);
                Native.tollgate_check(gate, scratch, &request, verdict);
            }
        }

        internal void AfterClock()
        {
            if (host.HasClock)
            {
                Host.Rethrow();
            }
        }
    }

    /// <summary>What <see cref="Gate.Explain"/> found.</summary>
    public readonly struct Explanation
    {
        internal Explanation(int status, string lines)
        {
            Status = new Status(status);
            Lines = lines;
        }

        /// <summary>As of the check.</summary>
        public Status Status { get; }

        /// <summary>What was looked at, found and expected, and the remedy: for the operator only.</summary>
        public string Lines { get; }
    }
}

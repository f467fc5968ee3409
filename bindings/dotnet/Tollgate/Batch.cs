// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>
    /// Many requests, judged together by <see cref="Check"/>, and their verdicts in the same order. What is added is copied;
    /// nothing is allocated once it has been as large before. One thread at a time uses it; a second one gets an
    /// <see cref="InvalidOperationException"/>.
    /// </summary>
    public sealed unsafe class Batch : IDisposable
    {
        /// <summary>Its requests and what is native of it go by this; it is in use while somebody is in a call.</summary>
        private readonly Scratch scratch;
        private readonly List<PeerHandle> peers = new List<PeerHandle>();
        private NativeRequest[] requests = new NativeRequest[64];
        private Verdict[] verdicts = new Verdict[64];
        private Place[] places = new Place[64];
        private byte* bytes;
        private int room;
        private int used;
        private Endpoint lastEndpoint;
        private int lastEndpointAt;
        private bool isJudged;

        /// <summary>Makes one that has no requests yet.</summary>
        /// <exception cref="LibraryException">The native library is missing, or is of another interface.</exception>
        public Batch()
        {
            scratch = new Scratch(this);
        }

        /// <summary>Frees it where nobody did.</summary>
        ~Batch()
        {
            // Null where the constructor did not come so far, for want of the library.
            if (scratch != null)
            {
                Free();
            }
        }

        /// <summary>How many requests there are; at most 1,048,576.</summary>
        public int Count { get; private set; }

        /// <summary>The verdict on one request, from 0 on. It admits nobody before <see cref="Check"/>.</summary>
        public Verdict this[int index]
        {
            get
            {
                Within(index);
                return verdicts[index];
            }
        }

        /// <summary>Adds what one request presents and asks; see <see cref="Gate.Check(ReadOnlySpan{byte}, Peer, in Ask)"/>.</summary>
        public void Add(ReadOnlySpan<byte> token, Peer peer, in Ask ask)
        {
            scratch.Begin();
            try
            {
                if (Count == Native.BatchMost)
                {
                    throw new InvalidOperationException("The batch is full: it has " + Count + " requests.");
                }
                Grow();
                Void();
                var place = default(Place);
                place.token = token.Length;
                // Longer ones are refused by their length alone, unread.
                place.tokenAt = Put(token.Length <= LongestKept ? token : token.Slice(0, 1));
                place.endpointAt = Name(ask.endpoint);
                place.endpoint = ask.endpoint == null ? 0 : ask.endpoint.utf8.Length;
                fixed (NativeRequest* request = &requests[Count])
                {
                    Ask.Fill(ask, request);
                    if (peer != null)
                    {
                        peers.Add(null);
                        request->peer = peer.handle.Acquire();
                        peers[peers.Count - 1] = peer.handle;
                    }
                }
                places[Count] = place;
                verdicts[Count] = default(Verdict);
                Count++;
            }
            finally
            {
                scratch.End();
            }
        }

        /// <summary>
        /// Judges all of them: first, on this thread, what was seen before; what is new is shared out to a pool of the
        /// library's threads. Those that name no time have one in common.
        /// </summary>
        public void Check(Gate gate)
        {
            if (gate == null)
            {
                throw new ArgumentNullException(nameof(gate));
            }
            scratch.Begin();
            try
            {
                Void();
                for (var at = 0; at < Count; at++)
                {
                    var place = places[at];
                    requests[at].token = new NativeBytes(bytes + place.tokenAt, place.token);
                    requests[at].endpoint = new NativeBytes(bytes + place.endpointAt, place.endpoint);
                }
                int status;
                fixed (NativeRequest* first = requests)
                fixed (Verdict* firstVerdict = verdicts)
                {
                    for (var at = 0; at < Count; at++)
                    {
                        Verdict.Blank(firstVerdict + at);
                    }
                    status = Native.tollgate_check_batch(
                        scratch.Hold(gate.handle), scratch.Own(), first, (UIntPtr)(uint)sizeof(NativeRequest), firstVerdict,
                        (UIntPtr)(uint)sizeof(Verdict), (UIntPtr)(uint)Count);
                }
                gate.AfterClock();
                TollgateException.Unless(status);
                isJudged = true;
            }
            finally
            {
                if (!isJudged)
                {
                    // Whatever was written before it failed: nobody is admitted.
                    Array.Clear(verdicts, 0, Count);
                }
                scratch.End();
            }
        }

        /// <summary>The verdict with its texts; good until the next call of any of the batch.</summary>
        public Answer Answer(int index)
        {
            Within(index);
            scratch.Begin();
            try
            {
                if (!isJudged || Native.tollgate_batch_choose(scratch.Own(), (UIntPtr)(uint)index) != Native.Done)
                {
                    throw new InvalidOperationException(
                        "The batch was not checked since it was changed, or its gate is disposed of.");
                }
                return new Answer(verdicts[index], scratch, scratch.NextTurn());
            }
            finally
            {
                scratch.End();
            }
        }

        /// <summary>Has no requests afterwards, and the room for as many.</summary>
        public void Clear()
        {
            scratch.Begin();
            try
            {
                Empty();
            }
            finally
            {
                scratch.End();
            }
        }

        /// <summary>Wipes what was presented and frees everything.</summary>
        /// <exception cref="InvalidOperationException">Another thread is in a call of it.</exception>
        public void Dispose()
        {
            if (scratch.IsDisposed)
            {
                return;
            }
            scratch.Begin();
            try
            {
                Free();
            }
            finally
            {
                scratch.End();
            }
            scratch.Dispose();
            GC.SuppressFinalize(this);
        }

        private void Within(int index)
        {
            if ((uint)index >= (uint)Count)
            {
                throw new ArgumentOutOfRangeException(nameof(index), index, "The batch has " + Count + " requests.");
            }
        }

        private void Grow()
        {
            if (Count == requests.Length)
            {
                Array.Resize(ref requests, 2 * Count);
                Array.Resize(ref verdicts, 2 * Count);
                Array.Resize(ref places, 2 * Count);
            }
        }

        /// <summary>Most requests of a batch are of one endpoint.</summary>
        private int Name(Endpoint endpoint)
        {
            if (!ReferenceEquals(endpoint, lastEndpoint))
            {
                lastEndpointAt = endpoint == null ? 0 : Put(endpoint.utf8);
                lastEndpoint = endpoint;
            }
            return lastEndpointAt;
        }

        private int Put(ReadOnlySpan<byte> text)
        {
            if (text.Length > room - used)
            {
                var larger = Math.Max(checked(used + text.Length), Math.Max(FirstRoom, room > int.MaxValue / 2 ? int.MaxValue : 2 * room));
                var moved = (byte*)Marshal.AllocHGlobal(larger);
                new Span<byte>(bytes, used).CopyTo(new Span<byte>(moved, used));
                Wipe();
                bytes = moved;
                room = larger;
            }
            text.CopyTo(new Span<byte>(bytes + used, text.Length));
            var at = used;
            used += text.Length;
            return at;
        }

        /// <summary>Nothing that was said has texts any more: what they are read out of may move or go.</summary>
        private void Void()
        {
            isJudged = false;
            scratch.NextTurn();
        }

        private void Empty()
        {
            Void();
            foreach (var peer in peers)
            {
                if (peer != null)
                {
                    peer.Release();
                }
            }
            peers.Clear();
            lastEndpoint = null;
            used = 0;
            Count = 0;
        }

        private void Free()
        {
            Empty();
            Wipe();
            bytes = null;
            room = 0;
        }

        /// <summary>Nothing of a token stays in memory that was given back.</summary>
        private void Wipe()
        {
            if (bytes != null)
            {
                new Span<byte>(bytes, room).Clear();
                Marshal.FreeHGlobal((IntPtr)bytes);
            }
        }

        /// <summary>Where a request's token and its endpoint's name stand in the bytes.</summary>
        private struct Place
        {
            internal int tokenAt;
            internal int token;
            internal int endpointAt;
            internal int endpoint;
        }

        private const int FirstRoom = 65536;

        /// <summary>`limits.token_bytes` is at most this.</summary>
        private const int LongestKept = 65536;
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Text;
using Tollgate.Interop;

namespace Tollgate
{
    public sealed unsafe partial class Gate
    {
        /// <summary>Applies an update: all of it, from the next check on, in every thread; or nothing. It is empty then.</summary>
        /// <exception cref="ConfigurationException">What is wrong; nothing of it was applied.</exception>
        public void Apply(Update update)
        {
            if (update == null)
            {
                throw new ArgumentNullException(nameof(update));
            }
            update.Collect(changes =>
            {
                Told((gate, message) => Native.tollgate_gate_apply(gate, changes, message, (UIntPtr)Text.MessageRoom));
                return Native.Done;
            });
        }

        /// <summary>
        /// Starts a background thread that looks at the files of the configuration once a second and loads them again when one
        /// has changed. What cannot be loaded is told to the log, and the trust stays as it was.
        /// </summary>
        /// <exception cref="InvalidOperationException">It runs already.</exception>
        public void StartRefresh()
        {
            if (!handle.StartRefresh())
            {
                throw new InvalidOperationException("The refresh thread of this gate runs already.");
            }
        }

        /// <summary>Ends it and waits for it: it calls nothing back when this returns.</summary>
        /// <exception cref="InvalidOperationException">None runs, or a callback of a gate calls this.</exception>
        public void StopRefresh()
        {
            Host.RequireOutside("Gate.StopRefresh()");
            var ended = handle.StopRefresh();
            if (ended == null)
            {
                throw new InvalidOperationException("No refresh thread of this gate runs.");
            }
            ended.Join();
        }

        /// <summary>For hosts with a loop of their own: when <see cref="Refresh"/> is due.</summary>
        public TimeSpan RefreshDue()
        {
            ulong due = 0;
            Told((gate, message) =>
            {
                due = Native.tollgate_gate_refresh_due(gate);
                return Native.Done;
            });
            return due > (ulong)TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.MaxValue : TimeSpan.FromMilliseconds(due);
        }

        /// <summary>Whether <see cref="Refresh"/> is due and would do more than look; opens no file.</summary>
        public bool NeedsRefresh()
        {
            var needs = false;
            Told((gate, message) =>
            {
                needs = Native.tollgate_gate_needs_refresh(gate) == Native.Done;
                return Native.Done;
            });
            return needs;
        }

        /// <summary>Looks once at every file of the configuration, and loads all again if one has changed.</summary>
        /// <returns>False where another thread is at it.</returns>
        /// <exception cref="ConfigurationException">What changed is wrong; the trust stays as it was.</exception>
        public bool Refresh()
        {
            var isBusy = false;
            Told((gate, message) =>
            {
                var status = Native.tollgate_gate_refresh(gate, message, (UIntPtr)Text.MessageRoom);
                isBusy = status == Native.ErrorState;
                return isBusy ? Native.Done : status;
            });
            return !isBusy;
        }

        /// <summary>A configured endpoint, by its name; "" or null for the only one there is.</summary>
        /// <exception cref="ArgumentException">There is none; the message lists those that are.</exception>
        public Endpoint Endpoint(string name)
        {
            var bytes = Text.Bytes(name ?? "", nameof(name));
            string missing = null;
            Told((gate, message) =>
            {
                fixed (byte* at = bytes)
                {
                    var status = Native.tollgate_gate_has_endpoint(
                        gate, at, (UIntPtr)(uint)bytes.Length, message, (UIntPtr)Text.MessageRoom);
                    if (status == Native.ErrorAbsent)
                    {
                        missing = Text.Of(message);
                        return Native.Done;
                    }
                    return status;
                }
            });
            if (missing != null)
            {
                throw new ArgumentException(missing, nameof(name));
            }
            return new Endpoint(name ?? "");
        }

        /// <summary>
        /// The client's certificate where a proxy that ended TLS passed it on in a header (`peers.trusted`, in
        /// docs/configuration.md): a credential of its PKI, which proves no token's key. For each request.
        /// </summary>
        /// <param name="proxy">Who sent the headers, as the server itself saw it.</param>
        /// <param name="headers">All of the request, each line on its own, or one that comes twice is not noticed.</param>
        /// <returns>Null where no certificate was passed on; else a peer, which refuses where something is wrong.</returns>
        /// <exception cref="ArgumentException">The sender is not known: an address that nobody wrote is nobody's whom one would listen to.</exception>
        public Peer PeerFromHeaders(Sender proxy, IReadOnlyList<KeyValuePair<string, string>> headers)
        {
            if (headers == null)
            {
                throw new ArgumentNullException(nameof(headers));
            }
            if (!proxy.IsKnown)
            {
                throw new ArgumentException(
                    "Who sent the headers is not known: Sender.UnixSocket, or Sender.Of(the address that the server saw).", nameof(proxy));
            }
            Peer peer = null;
            var address = proxy.Bytes();
            // One block for all, so that one pin holds them.
            var all = new byte[Size(headers)];
            var views = new NativeHeader[headers.Count];
            fixed (byte* addressAt = address)
            fixed (byte* at = all)
            fixed (NativeHeader* first = views)
            {
                var used = 0;
                for (var n = 0; n < views.Length; n++)
                {
                    views[n].name = Put(headers[n].Key, all, at, ref used);
                    views[n].value = Put(headers[n].Value, all, at, ref used);
                }
                var from = (IntPtr)addressAt;
                var fromLength = proxy.IsUnixSocket ? Native.AddressUnix : address.Length;
                var list = (IntPtr)first;
                var count = views.Length;
                Told((gate, message) =>
                {
                    peer = Peer.Made(made => Native.tollgate_peer_from_headers(
                        gate, (byte*)from, (UIntPtr)(uint)fromLength, (NativeHeader*)list, (UIntPtr)(uint)count, made));
                    return Native.Done;
                });
            }
            return peer;
        }

        /// <summary>What all threads counted since the gate was made.</summary>
        public Counters Counters()
        {
            var counters = default(NativeCounters);
            counters.size = (uint)sizeof(NativeCounters);
            var at = (IntPtr)(&counters);
            Told((gate, message) => Native.tollgate_gate_counters(gate, (NativeCounters*)at));
            return new Counters(counters);
        }

        /// <summary>How often a reason refused.</summary>
        /// <param name="reason">Its number: see <see cref="Reasons"/>.</param>
        public long Refusals(int reason)
        {
            ulong count = 0;
            Told((gate, message) =>
            {
                ulong counted;
                var status = Native.tollgate_gate_refusals(gate, reason, &counted);
                count = counted;
                return status;
            });
            return (long)count;
        }

        /// <summary>
        /// All counts as Prometheus text (exposition format 0.0.4), to be sent as `text/plain; version=0.0.4`. For the
        /// operator: it names what is configured, and no client.
        /// </summary>
        public string Metrics()
        {
            int status;
            var metrics = "";
            var seat = Scratch.Take();
            try
            {
                var gate = seat.Hold(handle);
                NativeBytes text;
                status = Native.tollgate_gate_metrics(gate, seat.Own(), &text);
                if (status == Native.Done)
                {
                    metrics = Text.Of(text);
                }
            }
            finally
            {
                seat.Give();
            }
            // What a clock threw comes out here, whatever the library made of it; the next call must not find it.
            AfterClock();
            TollgateException.Unless(status);
            return metrics;
        }

        /// <summary>The most that it remembers, in bytes.</summary>
        public long CacheBytes()
        {
            ulong bytes = 0;
            Told((gate, message) =>
            {
                bytes = Native.tollgate_gate_cache_bytes(gate);
                return Native.Done;
            });
            return (long)bytes;
        }

        /// <summary>The present by its clock: a host may read it once for many requests and pass it on in <see cref="Ask.At"/>.</summary>
        public Moment Now()
        {
            long unixSeconds = 0;
            ulong monotonic = 0;
            Told((gate, message) =>
            {
                long unix;
                ulong mono;
                var status = Native.tollgate_gate_now(gate, &unix, &mono);
                unixSeconds = unix;
                monotonic = mono;
                return status;
            });
            return new Moment(unixSeconds, monotonic);
        }

        /// <summary>The release of the native library that is running, as "0.1.0".</summary>
        public static string LibraryVersion
        {
            get
            {
                return Library.Version();
            }
        }

        /// <summary>How often a log or a clock threw.</summary>
        public long CallbackFailures
        {
            get { return host.Failures; }
        }

        private delegate int Tell(IntPtr gate, byte* message);

        /// <summary>A call that says in one line what is wrong, with the gate held meanwhile.</summary>
        private void Told(Tell call)
        {
            var message = stackalloc byte[Text.MessageRoom];
            message[0] = 0;
            int status;
            var gate = handle.Acquire();
            try
            {
                status = call(gate, message);
            }
            finally
            {
                handle.Release();
            }
            AfterClock();
            TollgateException.Unless(status, Text.Of(message));
        }

        private static int Size(IReadOnlyList<KeyValuePair<string, string>> headers)
        {
            var size = 0;
            foreach (var header in headers)
            {
                size = checked(size + Encoding.UTF8.GetByteCount(header.Key ?? "") + Encoding.UTF8.GetByteCount(header.Value ?? ""));
            }
            return size;
        }

        private static NativeBytes Put(string text, byte[] all, byte* first, ref int used)
        {
            var length = Encoding.UTF8.GetBytes(text ?? "", 0, (text ?? "").Length, all, used);
            var view = new NativeBytes(length == 0 ? null : first + used, length);
            used += length;
            return view;
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Net;
using System.Runtime.CompilerServices;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>
    /// What the gateway wants to know. The default asks for a device at the only endpoint, now, and says nothing of the
    /// client. Make one for each kind of request, and pass it by reference.
    /// </summary>
    public struct Ask
    {
        internal Endpoint endpoint;
        internal Scenario scenario;
        internal WindowsVersion windows;
        internal Source source;
        internal Moment at;

        /// <summary>Asks at an endpoint of tollgate.toml.</summary>
        /// <param name="endpoint">See <see cref="Gate.Endpoint"/>; null for the only one there is.</param>
        /// <param name="scenario">What the request is for.</param>
        public Ask(Endpoint endpoint, Scenario scenario = Scenario.Device)
        {
            this = default(Ask);
            this.endpoint = endpoint;
            this.scenario = scenario;
        }

        /// <summary>Where the request arrived; null for the only endpoint there is.</summary>
        public Endpoint Endpoint
        {
            get { return endpoint; }
            set { endpoint = value; }
        }

        /// <summary>What the request is for.</summary>
        public Scenario Scenario
        {
            get { return scenario; }
            set { scenario = value; }
        }

        /// <summary>The client's Windows version, if it is known.</summary>
        public WindowsVersion Windows
        {
            get { return windows; }
            set { windows = value; }
        }

        /// <summary>From whom the request comes, if it is known: what wrong signatures of one source may cost is bounded.</summary>
        public Source Source
        {
            get { return source; }
            set { source = value; }
        }

        /// <summary>When it is judged; the default means now, by the gate's clock.</summary>
        public Moment At
        {
            get { return at; }
            set { at = value; }
        }

        /// <summary>As the library has it; token, peer and the endpoint's bytes are the caller's, who pins them.</summary>
        internal static unsafe void Fill(in Ask ask, NativeRequest* request)
        {
            *request = default(NativeRequest);
            request->size = (uint)sizeof(NativeRequest);
            request->scenario = (uint)ask.scenario;
            request->unix_s = ask.at.unixSeconds;
            request->mono_ms = ask.at.monotonicMilliseconds;
            ask.windows.Fill(request);
            ask.source.Fill(request);
        }
    }

    /// <summary>The name of an endpoint, encoded once. Any thread may use it, with any gate.</summary>
    public sealed class Endpoint
    {
        internal readonly byte[] utf8;

        /// <summary>Of a name, unseen; <see cref="Gate.Endpoint"/> makes sure that it is configured.</summary>
        public Endpoint(string name)
        {
            utf8 = Text.Bytes(name, nameof(name));
            Name = name;
        }

        /// <summary>As tollgate.toml has it.</summary>
        public string Name { get; }

        /// <summary>Its name.</summary>
        public override string ToString()
        {
            return Name;
        }
    }

    /// <summary>A present, by the clock of a gate: see <see cref="Gate.Now"/>.</summary>
    public readonly struct Moment
    {
        internal readonly long unixSeconds;
        internal readonly ulong monotonicMilliseconds;

        /// <summary>Each of the two that is 0 means now.</summary>
        /// <param name="unixSeconds">Since 1970 (UTC): by it credentials are valid.</param>
        /// <param name="monotonicMilliseconds">Of the gate's clock that never goes back: by it keys are fresh.</param>
        public Moment(long unixSeconds, ulong monotonicMilliseconds)
        {
            this.unixSeconds = unixSeconds;
            this.monotonicMilliseconds = monotonicMilliseconds;
        }

        /// <summary>Seconds since 1970 (UTC).</summary>
        public long UnixSeconds
        {
            get { return unixSeconds; }
        }

        /// <summary>Milliseconds of a clock that never goes back.</summary>
        public ulong MonotonicMilliseconds
        {
            get { return monotonicMilliseconds; }
        }
    }

    /// <summary>A client's Windows version; the default is not known.</summary>
    public readonly struct WindowsVersion
    {
        private readonly uint major;
        private readonly uint minor;
        private readonly uint build;

        private unsafe WindowsVersion(NativeRequest* read)
        {
            major = read->windows_major;
            minor = read->windows_minor;
            build = read->windows_build;
        }

        /// <summary>Reads what clients send: "10.0.19045". Of another text nothing is known.</summary>
        /// <returns>Whether it could be read; null cannot.</returns>
        public static bool TryParse(string version, out WindowsVersion read)
        {
            Library.Require();
            read = default(WindowsVersion);
            return version != null && Read(System.Text.Encoding.UTF8.GetBytes(version), ref read);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static unsafe bool Read(byte[] version, ref WindowsVersion read)
        {
            var request = default(NativeRequest);
            request.size = (uint)sizeof(NativeRequest);
            fixed (byte* at = version)
            {
                if (Native.tollgate_request_set_windows(&request, at, (UIntPtr)(uint)version.Length) != Native.Done)
                {
                    return false;
                }
            }
            read = new WindowsVersion(&request);
            return true;
        }

        internal unsafe void Fill(NativeRequest* request)
        {
            request->windows_major = major;
            request->windows_minor = minor;
            request->windows_build = build;
        }
    }

    /// <summary>Up to 16 bytes that tell sources apart; the default is not known.</summary>
    public readonly struct Source
    {
        private readonly ulong first;
        private readonly ulong second;
        private readonly uint length;

        private unsafe Source(NativeRequest* read)
        {
            first = *(ulong*)read->source;
            second = *(ulong*)(read->source + 8);
            length = read->source_len;
        }

        /// <summary>Of IPv4 all of it, of IPv6 the network of 64 bits, since one host may have all addresses in it.</summary>
        public static Source Of(IPAddress address)
        {
            if (address == null)
            {
                throw new ArgumentNullException(nameof(address));
            }
            Library.Require();
            return Read(address.GetAddressBytes());
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static unsafe Source Read(byte[] bytes)
        {
            var request = default(NativeRequest);
            request.size = (uint)sizeof(NativeRequest);
            fixed (byte* at = bytes)
            {
                TollgateException.Unless(
                    Native.tollgate_request_set_address(&request, at, (UIntPtr)(uint)bytes.Length));
            }
            return new Source(&request);
        }

        internal unsafe void Fill(NativeRequest* request)
        {
            request->source_len = length;
            *(ulong*)request->source = first;
            *(ulong*)(request->source + 8) = second;
        }
    }
}

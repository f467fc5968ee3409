// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Net;
using System.Text;

namespace Tollgate.Http
{
    /// <summary>How requests are judged at one place of a gateway.</summary>
    public sealed class JudgeOptions
    {
        /// <summary>The [[endpoint]] of tollgate.toml; "" or null for the only one there is.</summary>
        public string Endpoint { get; set; }

        /// <summary>What requests are for.</summary>
        public Scenario Scenario { get; set; }

        /// <summary>The header that has the client's Windows version, as "X-Windows"; null where none has. "10.0.19045".</summary>
        public string WindowsHeader { get; set; }
    }

    /// <summary>Judges requests by what HTTP servers know of them. One a place; any thread, several at once.</summary>
    public sealed class RequestJudge
    {
        private readonly Gate gate;
        private readonly string windowsHeader;
        private readonly Ask ask;

        /// <summary>Of a gate that outlives it.</summary>
        /// <exception cref="ArgumentException">There is no such endpoint.</exception>
        public RequestJudge(Gate gate, JudgeOptions options)
        {
            if (gate == null)
            {
                throw new ArgumentNullException(nameof(gate));
            }
            if (options == null)
            {
                throw new ArgumentNullException(nameof(options));
            }
            this.gate = gate;
            windowsHeader = string.IsNullOrEmpty(options.WindowsHeader) ? null : options.WindowsHeader;
            ask = new Ask(gate.Endpoint(options.Endpoint), options.Scenario);
        }

        /// <summary>Judges one request. It never throws: where something of ours is broken the decision is 503, and says what.</summary>
        /// <param name="headers">All of the request, each line on its own.</param>
        /// <param name="sender">
        /// Who sent it: whose wrong signatures are counted, and who may pass a client's certificate on (`peers.trusted`). Null
        /// for a unix socket, and for nothing else.
        /// </param>
        /// <param name="peer">What the client proved in the TLS handshake of this connection; null for nothing.</param>
        public Decision Judge(IReadOnlyList<KeyValuePair<string, string>> headers, IPAddress sender, Peer peer)
        {
            try
            {
                if (headers == null)
                {
                    throw new ArgumentNullException(nameof(headers));
                }
                var asked = ask;
                asked.windows = Windows(headers);
                asked.source = sender == null ? default(Source) : Source.Of(sender);
                using (var forwarded = MayPassOn(headers) ? gate.PeerFromHeaders(sender, headers) : null)
                {
                    // A proxy may have a certificate of its own; the client's is the one that it passes on.
                    return Judge(BearerToken.Of(Values(headers, "Authorization")), forwarded ?? peer, asked);
                }
            }
            catch (Exception error)
            {
                return Decision.Fault(error, ask.scenario);
            }
        }

        private Decision Judge(string token, Peer peer, in Ask asked)
        {
            // What is not ASCII becomes bytes that are in no token.
            var room = token == null ? 0 : Encoding.UTF8.GetMaxByteCount(token.Length);
            var bytes = ArrayPool<byte>.Shared.Rent(room);
            var used = 0;
            try
            {
                used = token == null ? 0 : Encoding.UTF8.GetBytes(token, 0, token.Length, bytes, 0);
                var answer = gate.Check(Scratch.Idle(), new ReadOnlySpan<byte>(bytes, 0, used), peer, asked);
                if (answer.IsAdmitted)
                {
                    return new Decision(answer.Verdict, answer.Identify(), "", asked.scenario, token != null);
                }
                var refusal = answer.Refusal;
                if (refusal.Length == 0)
                {
                    // A fault of ours has no text of its own.
                    refusal = answer.Verdict.Status.ToString();
                }
                return new Decision(answer.Verdict, null, refusal, asked.scenario, token != null);
            }
            finally
            {
                Array.Clear(bytes, 0, used);
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }

        /// <summary>What cannot be read counts as not known, and so does what is said twice.</summary>
        private WindowsVersion Windows(IReadOnlyList<KeyValuePair<string, string>> headers)
        {
            var version = default(WindowsVersion);
            if (windowsHeader != null)
            {
                var values = Values(headers, windowsHeader);
                if (values.Count == 1)
                {
                    WindowsVersion.TryParse(values[0], out version);
                }
            }
            return version;
        }

        /// <summary>
        /// Whether it is worth the library's while to look for a certificate: all headers that carry one have this in their
        /// names. Which they are, who may send them and what is wrong with them is the library's to say.
        /// </summary>
        private static bool MayPassOn(IReadOnlyList<KeyValuePair<string, string>> headers)
        {
            foreach (var header in headers)
            {
                if (header.Key != null && header.Key.IndexOf("cert", StringComparison.OrdinalIgnoreCase) >= 0)
                {
                    return true;
                }
            }
            return false;
        }

        private static List<string> Values(IReadOnlyList<KeyValuePair<string, string>> headers, string name)
        {
            var values = new List<string>();
            foreach (var header in headers)
            {
                if (string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase))
                {
                    values.Add(header.Value ?? "");
                }
            }
            return values;
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Net;
using System.Text;

namespace Tollgate.Http
{
    /// <summary>Judges requests by what HTTP servers know of them. One a place; any thread, several at once.</summary>
    public sealed class RequestJudge
    {
        private readonly Gate gate;
        private readonly string windowsHeader;
        private readonly CertificateSource certificates;
        private readonly Sender unaddressed;
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
            certificates = options.Certificates;
            unaddressed = options.Sender;
            ask = new Ask(gate.Endpoint(options.Endpoint), options.Scenario);
        }

        /// <summary>The same for a server whose requests come from nobody but those at the other end of their connections.</summary>
        public Decision Judge(IReadOnlyList<KeyValuePair<string, string>> headers, IPAddress sender, Peer peer)
        {
            return Judge(headers, Sender.Of(sender), sender, peer);
        }

        /// <summary>Judges one request. It never throws: where something of ours is broken the decision is 503, and says what.</summary>
        /// <param name="headers">All of the request, each line on its own.</param>
        /// <param name="sender">
        /// Who is at the other end of the connection, and may pass a client's certificate on (`peers.trusted`). Never what a
        /// header says, as X-Forwarded-For: a client could write there that it is a proxy.
        /// </param>
        /// <param name="client">
        /// Whose wrong signatures are counted (`limits.source_checks`): behind a proxy what that says of the client; null where
        /// nobody is known, and they are counted for nobody.
        /// </param>
        /// <param name="peer">What was proved in the TLS handshake of this connection; null for nothing.</param>
        public Decision Judge(
            IReadOnlyList<KeyValuePair<string, string>> headers, Sender sender, IPAddress client, Peer peer)
        {
            try
            {
                if (headers == null)
                {
                    throw new ArgumentNullException(nameof(headers));
                }
                var asked = ask;
                asked.windows = Windows(headers);
                asked.source = client == null ? default(Source) : Source.Of(client);
                var token = BearerToken.Of(Values(headers, "Authorization"));
                switch (certificates)
                {
                    case CertificateSource.Connection:
                        return Judge(token, peer, asked);
                    case CertificateSource.Headers:
                        // Whatever the connection proved is the proxy's own.
                        using (var forwarded = PassedOn(headers, sender))
                        {
                            return Judge(token, forwarded, asked);
                        }
                    default:
                        return Judge(token, null, asked);
                }
            }
            catch (Exception error)
            {
                return Decision.Fault(error, ask.scenario);
            }
        }

        private Peer PassedOn(IReadOnlyList<KeyValuePair<string, string>> headers, Sender sender)
        {
            if (!MayPassOn(headers))
            {
                return null;
            }
            // What the server knows counts: what is said is for those of whom it knows nothing.
            var from = sender.IsKnown ? sender : unaddressed;
            if (!from.IsKnown)
            {
                throw new InvalidOperationException(
                    "who passes certificates on is not known: say that it is a unix socket, or whose address it is (JudgeOptions.Sender)");
            }
            return gate.PeerFromHeaders(from, headers);
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

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Concurrent;
using System.IO;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Tollgate.Http;

namespace Tollgate.AspNetCore
{
    /// <summary>The gates of an application, one for each tollgate.toml, kept fresh while the application runs.</summary>
    public sealed class TollgateGates : IDisposable
    {
        private readonly ConcurrentDictionary<string, Lazy<Gate>> gates = new ConcurrentDictionary<string, Lazy<Gate>>();
        private readonly ConcurrentDictionary<string, RequestJudge> judges = new ConcurrentDictionary<string, RequestJudge>();
        private readonly ConditionalWeakTable<X509Certificate2, Peer> peers = new ConditionalWeakTable<X509Certificate2, Peer>();
        private readonly ILogger log;

        /// <summary>Made by the container.</summary>
        public TollgateGates(ILogger<TollgateGates> log)
        {
            this.log = log;
        }

        /// <summary>The gate of a file; made when it is first asked for.</summary>
        /// <exception cref="ConfigurationException">What is wrong, where, and what to write.</exception>
        public Gate Of(string configurationFile)
        {
            return gates.GetOrAdd(Path.GetFullPath(configurationFile), path => new Lazy<Gate>(() => Open(path))).Value;
        }

        /// <summary>Shuts all of them, at the end of the application.</summary>
        public void Dispose()
        {
            foreach (var gate in gates.Values)
            {
                if (gate.IsValueCreated)
                {
                    gate.Value.Dispose();
                }
            }
        }

        internal RequestJudge Judge(string scheme, TollgateOptions options)
        {
            RequestJudge judge;
            if (judges.TryGetValue(scheme, out judge))
            {
                return judge;
            }
            return judges.GetOrAdd(scheme, new RequestJudge(Of(options.ConfigurationFile), new JudgeOptions
            {
                Endpoint = options.Endpoint,
                Scenario = options.Scenario,
                WindowsHeader = options.WindowsHeader,
            }));
        }

        /// <summary>Read once a connection, whose certificate is one object; freed with it.</summary>
        internal Peer PeerOf(X509Certificate2 certificate)
        {
            return certificate == null ? null : peers.GetValue(certificate, Peer.FromCertificate);
        }

        private Gate Open(string path)
        {
            var gate = Gate.FromFile(path, new GateOptions { Log = Tell });
            gate.StartRefresh();
            return gate;
        }

        private void Tell(Tollgate.LogLevel level, string line)
        {
            log.Log(
                level == Tollgate.LogLevel.Error ? Microsoft.Extensions.Logging.LogLevel.Error
                    : level == Tollgate.LogLevel.Warning ? Microsoft.Extensions.Logging.LogLevel.Warning
                    : Microsoft.Extensions.Logging.LogLevel.Information,
                "{Line}", line);
        }
    }
}

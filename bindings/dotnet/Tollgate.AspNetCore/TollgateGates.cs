// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tollgate.Http;

namespace Tollgate.AspNetCore
{
    /// <summary>The gates of an application, one for each tollgate.toml, kept fresh while the application runs.</summary>
    public sealed class TollgateGates : IDisposable
    {
        /// <summary>Those that could be opened, under its own lock: one that could not is tried again when it is next asked for.</summary>
        private readonly Dictionary<string, Gate> gates = new Dictionary<string, Gate>();
        private readonly ConcurrentDictionary<string, RequestJudge> judges = new ConcurrentDictionary<string, RequestJudge>();
        private readonly ConditionalWeakTable<X509Certificate2, Peer> peers = new ConditionalWeakTable<X509Certificate2, Peer>();
        private readonly ILogger log;
        private readonly string root;
        private bool isDisposed;

        /// <summary>Made by the container.</summary>
        public TollgateGates(ILogger<TollgateGates> log, IHostEnvironment environment)
        {
            this.log = log;
            root = environment.ContentRootPath;
        }

        /// <summary>The gate of a file, whose path is relative to the application's content root; made when it is first asked for.</summary>
        /// <exception cref="ConfigurationException">What is wrong, where, and what to write.</exception>
        public Gate Of(string configurationFile)
        {
            var path = Path.GetFullPath(Path.Combine(root, configurationFile));
            lock (gates)
            {
                if (isDisposed)
                {
                    throw new ObjectDisposedException(nameof(TollgateGates));
                }
                Gate gate;
                if (!gates.TryGetValue(path, out gate))
                {
                    gate = Gate.FromFile(path, new GateOptions { Log = Tell });
                    gates.Add(path, gate);
                    gate.StartRefresh();
                }
                return gate;
            }
        }

        /// <summary>Shuts all of them, at the end of the application.</summary>
        public void Dispose()
        {
            lock (gates)
            {
                isDisposed = true;
                foreach (var gate in gates.Values)
                {
                    gate.Dispose();
                }
                gates.Clear();
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
                Certificates = options.Certificates,
                Sender = Sender.Parse(options.Sender),
            }));
        }

        /// <summary>Read once a connection, whose certificate is one object; freed with it.</summary>
        internal Peer PeerOf(X509Certificate2 certificate)
        {
            return certificate == null ? null : peers.GetValue(certificate, Peer.FromCertificate);
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

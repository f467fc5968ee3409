// SPDX-License-Identifier: MIT OR Apache-2.0

using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Tollgate.AspNetCore
{
    /// <summary>Opens the gate of a scheme when the application starts: a configuration that is wrong ends it there, in one line.</summary>
    internal sealed class TollgateStart : IHostedService
    {
        private readonly string scheme;
        private readonly IOptionsMonitor<TollgateOptions> options;
        private readonly TollgateGates gates;

        internal TollgateStart(string scheme, IOptionsMonitor<TollgateOptions> options, TollgateGates gates)
        {
            this.scheme = scheme;
            this.options = options;
            this.gates = gates;
        }

        public Task StartAsync(CancellationToken cancellation)
        {
            gates.Judge(scheme, options.Get(scheme));
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellation)
        {
            return Task.CompletedTask;
        }
    }
}

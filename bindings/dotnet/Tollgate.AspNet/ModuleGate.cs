// SPDX-License-Identifier: MIT OR Apache-2.0

// Without it compilers leave the calls of a TraceSource out.
#define TRACE

using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Web.Hosting;
using Tollgate.Http;

namespace Tollgate.AspNet
{
    /// <summary>The one gate of an application, which all instances of the module use.</summary>
    internal sealed class ModuleGate : IRegisteredObject
    {
        private static readonly object Opening = new object();
        private static volatile ModuleGate current;

        /// <summary>When it is tried again after it failed: each request would read the files else.</summary>
        private static DateTime tryAt = DateTime.MinValue;

        private readonly Gate gate;
        private readonly ConcurrentDictionary<string, RequestJudge> judges = new ConcurrentDictionary<string, RequestJudge>();

        private ModuleGate(Gate gate)
        {
            this.gate = gate;
        }

        /// <summary>For one place of the application; null where there is no gate, and the log says why.</summary>
        internal static RequestJudge Judge(ModuleSettings settings)
        {
            try
            {
                var opened = current ?? Open(settings.Configuration);
                if (opened == null)
                {
                    return null;
                }
                RequestJudge judge;
                if (!opened.judges.TryGetValue(settings.Key, out judge))
                {
                    judge = opened.judges.GetOrAdd(settings.Key, new RequestJudge(opened.gate, settings.Options));
                }
                return judge;
            }
            catch (Exception error)
            {
                Log(LogLevel.Error, "no gate: " + error.Message);
                return null;
            }
        }

        /// <summary>To the trace listeners of web.config (source "Tollgate"). Never a token.</summary>
        internal static void Log(LogLevel level, string line)
        {
            switch (level)
            {
                case LogLevel.Error:
                    Trace.TraceEvent(TraceEventType.Error, 0, line);
                    break;
                case LogLevel.Warning:
                    Trace.TraceEvent(TraceEventType.Warning, 0, line);
                    break;
                default:
                    Trace.TraceEvent(TraceEventType.Information, 0, line);
                    break;
            }
        }

        /// <summary>
        /// The application ends, and first of all answers what it has: each recycling of it would be told to clients as
        /// 503 if the gate went now. It goes with the last of what uses it, by its finaliser; the refresh thread must not
        /// outlive the application and ends here.
        /// </summary>
        void IRegisteredObject.Stop(bool immediate)
        {
            try
            {
                if (immediate)
                {
                    gate.Dispose();
                }
                else
                {
                    gate.StopRefresh();
                }
            }
            finally
            {
                HostingEnvironment.UnregisterObject(this);
            }
        }

        /// <summary>Null where it failed a moment ago.</summary>
        private static ModuleGate Open(string configuration)
        {
            lock (Opening)
            {
                if (current != null)
                {
                    return current;
                }
                if (DateTime.UtcNow < tryAt)
                {
                    return null;
                }
                tryAt = DateTime.UtcNow.AddSeconds(1);
                if (string.IsNullOrEmpty(configuration))
                {
                    throw new InvalidOperationException(
                        "web.config: write <add key=\"tollgate:config\" value=\"~/App_Data/tollgate.toml\"/> in appSettings");
                }
                var path = configuration.StartsWith("~", StringComparison.Ordinal)
                    ? HostingEnvironment.MapPath(configuration)
                    : configuration;
                var gate = Gate.FromFile(path, new GateOptions { Log = Log });
                gate.StartRefresh();
                var opened = new ModuleGate(gate);
                HostingEnvironment.RegisterObject(opened);
                current = opened;
                return opened;
            }
        }

        private static readonly TraceSource Trace = new TraceSource("Tollgate");
    }
}

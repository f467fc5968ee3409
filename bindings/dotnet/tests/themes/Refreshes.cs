// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.IO;
using System.Threading;
using Tollgate;

/// <summary>Files that change are loaded, by a loop or by a thread; counters say what happened.</summary>
internal static class Refreshes
{
    internal static void Run()
    {
        var path = Path.Combine(Themes.Folder, "refreshed.toml");
        var toml = Themes.LoadText("tollgate.toml");
        var without = toml.Replace("methods = [\"entra\", ", "methods = [");
        var token = Themes.Load("user.jwt");
        File.WriteAllText(path, toml);
        var lines = new Handles.Lines();
        using (var gate = Gate.FromFile(path, new GateOptions { Log = lines.Add }))
        {
            Themes.Expect(gate.Check(token, null, Themes.User).IsAdmitted);
            File.WriteAllText(path, without);
            Until(() =>
            {
                Themes.Expect(gate.RefreshDue() <= TimeSpan.FromMinutes(2));
                return gate.Refresh() && gate.Check(token, null, Themes.User).Status.Number == Reasons.MethodNotEnabled;
            });
            gate.NeedsRefresh();
            Themes.Expect(gate.Counters().Refreshes >= 1);

            gate.StartRefresh();
            Themes.Throws<InvalidOperationException>(gate.StartRefresh);
            File.WriteAllText(path, toml);
            Until(() => gate.Check(token, null, Themes.User).IsAdmitted);
            File.WriteAllText(path, "nonsense");
            Until(() => gate.Counters().RefreshFailures > 0);
            // The thread has called the log back by now: Mono has to be able to stop it.
            Until(() => lines.Count > 0);
            Themes.Collect();
            Themes.Expect(gate.Check(token, null, Themes.User).IsAdmitted);
            gate.StopRefresh();
            Themes.Throws<InvalidOperationException>(gate.StopRefresh);
            Until(() => lines.Count > 0);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(5));
            Until(() =>
            {
                try
                {
                    gate.Refresh();
                    return false;
                }
                catch (ConfigurationException error)
                {
                    return error.Message.Contains("refreshed.toml:1: ");
                }
            });
            Counted(gate, token);
        }
    }

    private static void Counted(Gate gate, byte[] token)
    {
        var before = gate.Counters();
        gate.Check(token, null, Themes.User);
        gate.Check(Themes.Load("expired.jwt"), null, Themes.User);
        var after = gate.Counters();
        Themes.Is(after.Admitted - before.Admitted, 1L);
        Themes.Is(after.Refused - before.Refused, 1L);
        Themes.Is(after.Hits - before.Hits, 1L);
        Themes.Expect(gate.Refusals(Reasons.Expired) >= 1);
        Themes.Is(gate.Refusals(Reasons.Replayed), 0L);
        Themes.Expect(gate.Metrics().Contains("tollgate_") && gate.Metrics().EndsWith("\n"));
        Themes.Expect(gate.CacheBytes() > 0 && after.Bytes > 0 && after.Entries > 0);
        var now = gate.Now();
        Themes.Expect(now.UnixSeconds > 1600000000 && now.MonotonicMilliseconds > 0);
        var later = Themes.User;
        later.At = new Moment(now.UnixSeconds + 400000, now.MonotonicMilliseconds);
        Themes.Is(gate.Check(token, null, later).Status.Number, Reasons.Expired);
    }

    /// <summary>Waits for what a loop or a thread will do, generously.</summary>
    internal static void Until(Func<bool> isSo)
    {
        for (var tries = 0; !isSo(); tries++)
        {
            if (tries > 3000)
            {
                throw new TimeoutException("it never is so");
            }
            Thread.Sleep(20);
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Logs and clocks that throw: `Callbacks.exe FOLDER`. A process of its own, for where an exception gets into native
// code CoreCLR ends the process, and Mono goes on with a library that was left in the middle.

using System;
using System.IO;
using System.Threading;
using Tollgate;

internal static class Callbacks
{
    private static string folder;
    private static byte[] token;
    private static int lines;
    private static bool isBroken;

    private static int Main(string[] arguments)
    {
        folder = arguments[0];
        token = File.ReadAllBytes(Path.Combine(folder, "user.jwt"));
        LogThrows();
        ClockThrows();
        MisuseInside();
        Console.WriteLine("contained");
        return 0;
    }

    private static void LogThrows()
    {
        var path = Path.Combine(folder, "thrown.toml");
        var toml = File.ReadAllText(Path.Combine(folder, "tollgate.toml"));
        File.WriteAllText(path, toml);
        using (var gate = Gate.FromFile(path, new GateOptions { Log = ThrowingLog }))
        {
            gate.StartRefresh();
            // The refresh thread of the library logs that, and its log throws.
            File.WriteAllText(path, "nonsense");
            Until(() => gate.CallbackFailures > 0);
            Expect(gate.Check(token, null, User).IsAdmitted, "admitted after a log threw");
            File.WriteAllText(path, toml + "\n# mended\n");
            Until(() => gate.Counters().Refreshes > 0);
            gate.StopRefresh();
            // The same on a thread of ours, inside a call.
            File.WriteAllText(path, "nonsense");
            var before = gate.CallbackFailures;
            Until(() =>
            {
                try
                {
                    gate.Refresh();
                    return false;
                }
                catch (ConfigurationException)
                {
                    return true;
                }
            });
            Expect(gate.CallbackFailures > before, "a failure was counted");
            Expect(gate.Check(token, null, User).IsAdmitted, "admitted after a refresh whose log threw");
        }
        Expect(Thrown<ConfigurationException>(() => Gate.FromFile(path, new GateOptions { Log = ThrowingLog })), "no gate");
        Expect(lines > 2, "the log was called");
    }

    private static void ClockThrows()
    {
        using (var gate = Gate.FromFile(Path.Combine(folder, "tollgate.toml"), new GateOptions { Clock = BrokenClock }))
        using (var scratch = new Scratch())
        using (var batch = new Batch())
        {
            Expect(gate.Check(token, null, User).IsAdmitted, "admitted");
            batch.Add(token, null, User);
            isBroken = true;
            for (var n = 0; n < 100; n++)
            {
                Expect(Thrown<InvalidOperationException>(() => gate.Check(token, null, User)), "check");
                Expect(Thrown<InvalidOperationException>(() => gate.Check(scratch, token, null, User)), "check with texts");
                Expect(Thrown<InvalidOperationException>(() => gate.Explain(token, null, User)), "explain");
                Expect(Thrown<InvalidOperationException>(() => batch.Check(gate)), "batch");
                Expect(!batch[0].IsAdmitted, "nobody in the batch");
                Expect(Thrown<InvalidOperationException>(() => gate.Now()), "now");
                Expect(Thrown<InvalidOperationException>(() => gate.Metrics()), "metrics");
            }
            Expect(gate.CallbackFailures >= 500, "failures were counted");
            isBroken = false;
            Expect(gate.Check(token, null, User).IsAdmitted, "admitted when the clock goes again");
            batch.Check(gate);
            Expect(batch[0].IsAdmitted, "the batch, too");
        }
        isBroken = true;
        Thrown<InvalidOperationException>(
            () => Gate.FromFile(Path.Combine(folder, "tollgate.toml"), new GateOptions { Clock = BrokenClock }).Dispose());
        isBroken = false;
    }

    /// <summary>What a callback must not do is told to it, and what it may do works.</summary>
    private static void MisuseInside()
    {
        var path = Path.Combine(folder, "inside.toml");
        File.Copy(Path.Combine(folder, "tollgate.toml"), path, true);
        Gate gate = null;
        var outcomes = 0;
        var isTold = false;
        gate = Gate.FromFile(path, new GateOptions
        {
            Log = (level, line) =>
            {
                isTold = Thrown<InvalidOperationException>(() => gate.Dispose())
                    && Thrown<InvalidOperationException>(() => gate.StopRefresh());
                outcomes += gate.Check(token, null, User).IsAdmitted ? 1 : 0;
                outcomes += gate.Check(Scratch.OfThread, token, null, User).Id.Length > 0 ? 1 : 0;
            },
        });
        File.WriteAllText(path, "nonsense");
        Until(() =>
        {
            Thrown<ConfigurationException>(() => gate.Refresh());
            return outcomes > 0;
        });
        Expect(isTold, "a callback must not dispose of its gate");
        Expect(outcomes >= 2, "a callback may check: " + outcomes);
        gate.Dispose();
    }

    private static Ask User
    {
        get { return new Ask(null, Scenario.User); }
    }

    private static void ThrowingLog(LogLevel level, string line)
    {
        Interlocked.Increment(ref lines);
        throw new InvalidOperationException("a log that throws");
    }

    private static Moment BrokenClock()
    {
        if (isBroken)
        {
            throw new NotSupportedException("a clock that throws");
        }
        var now = (DateTime.UtcNow - new DateTime(1970, 1, 1)).Ticks / TimeSpan.TicksPerMillisecond;
        return new Moment(now / 1000, (ulong)now);
    }

    private static bool Thrown<T>(Action call) where T : Exception
    {
        try
        {
            call();
            return false;
        }
        catch (T thrown)
        {
            return thrown.Message.Length > 0;
        }
    }

    private static void Expect(bool holds, string what)
    {
        if (!holds)
        {
            Console.Error.WriteLine("does not hold: " + what);
            Environment.Exit(1);
        }
    }

    private static void Until(Func<bool> isSo)
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

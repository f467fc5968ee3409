// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a hit costs from .NET: `Bench.exe FOLDER [ROUNDS]`, on a folder that `tollgate demo FOLDER` made, with the
// library's folder in LD_LIBRARY_PATH. Contestants take turns in rounds of a few thousand calls; medians, and each over
// the emptiest call into the library, in the same run.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Tollgate;

internal static unsafe class Bench
{
    [DllImport("tollgate", CallingConvention = CallingConvention.Cdecl)]
    private static extern uint tollgate_abi_version();

    [DllImport("tollgate", CallingConvention = CallingConvention.Cdecl)]
    private static extern int tollgate_check(IntPtr gate, IntPtr scratch, ulong* request, ulong* verdict);

    [DllImport("tollgate", CallingConvention = CallingConvention.Cdecl)]
    private static extern int tollgate_gate_from_file(
        IntPtr options, byte* path, UIntPtr path_len, IntPtr* gate, byte* message, UIntPtr message_cap);

    private const int Calls = 4000;
    private const int BatchSize = 10000;

    private sealed class Contestant
    {
        internal string name;
        internal Action round;
        internal int calls;
        internal readonly List<double> nanoseconds = new List<double>();
    }

    private static int Main(string[] arguments)
    {
        var folder = arguments[0];
        var rounds = arguments.Length > 1 ? int.Parse(arguments[1]) : 400;
        var configuration = Path.Combine(folder, "tollgate.toml");
        var token = File.ReadAllBytes(Path.Combine(folder, "user.jwt"));
        using (var gate = Gate.FromFile(configuration))
        using (var scratch = new Scratch())
        using (var filling = new Batch())
        using (var full = new Batch())
        {
            var ask = new Ask(null, Scenario.User);
            for (var n = 0; n < BatchSize; n++)
            {
                full.Add(token, null, ask);
            }
            var bare = Bare(configuration, token);
            var all = new[]
            {
                new Contestant { name = "empty P/Invoke", calls = Calls, round = Empty },
                new Contestant { name = "tollgate_check, bare P/Invoke", calls = Calls, round = bare },
                new Contestant { name = "Gate.Check, numbers", calls = Calls, round = () => Numbers(gate, token, ask) },
                new Contestant { name = "Gate.Check, with a scratch", calls = Calls, round = () => WithScratch(gate, scratch, token, ask) },
                new Contestant { name = "and its id", calls = Calls, round = () => WithId(gate, scratch, token, ask) },
                new Contestant { name = "Batch, filled and checked", calls = BatchSize, round = () => Fill(gate, filling, token, ask) },
                new Contestant { name = "Batch, checked", calls = BatchSize, round = () => full.Check(gate) },
            };
            for (var round = -1; round < rounds; round++)
            {
                foreach (var one in all)
                {
                    var start = Stopwatch.GetTimestamp();
                    one.round();
                    var ticks = Stopwatch.GetTimestamp() - start;
                    // The first warms up.
                    if (round >= 0)
                    {
                        one.nanoseconds.Add(ticks * 1e9 / Stopwatch.Frequency / one.calls);
                    }
                }
            }
            Report(all, token.Length);
        }
        return 0;
    }

    private static void Report(Contestant[] all, int length)
    {
        Console.WriteLine(RuntimeInformation.FrameworkDescription + ", a token of " + length + " bytes, " + all[0].nanoseconds.Count
            + " rounds in turns, ns a call");
        Console.WriteLine("{0,-32} {1,10} {2,10} {3,14}", "", "median", "over empty", "a second");
        var empty = Median(all[0].nanoseconds);
        foreach (var one in all)
        {
            var median = Median(one.nanoseconds);
            Console.WriteLine("{0,-32} {1,10:F1} {2,10:F1} {3,14:N0}", one.name, median, median - empty, 1e9 / median);
        }
    }

    private static double Median(List<double> values)
    {
        return values.OrderBy(value => value).ElementAt(values.Count / 2);
    }

    private static void Empty()
    {
        for (var n = 0; n < Calls; n++)
        {
            tollgate_abi_version();
        }
    }

    /// <summary>What C has: everything made and pinned beforehand, no question asked.</summary>
    private static Action Bare(string configuration, byte[] token)
    {
        var path = System.Text.Encoding.UTF8.GetBytes(configuration);
        var gate = OpenBare(path);
        var request = (ulong*)Marshal.AllocHGlobal(96);
        var verdict = (ulong*)Marshal.AllocHGlobal(104);
        new Span<byte>(request, 96).Clear();
        new Span<byte>(verdict, 104).Clear();
        request[0] = 96 | 2UL << 32;
        request[1] = (ulong)GCHandle.Alloc(token, GCHandleType.Pinned).AddrOfPinnedObject();
        request[2] = (ulong)token.Length;
        verdict[0] = 104;
        return () =>
        {
            for (var n = 0; n < Calls; n++)
            {
                Must(tollgate_check(gate, IntPtr.Zero, request, verdict) == 1);
            }
        };
    }

    private static IntPtr OpenBare(byte[] path)
    {
        var made = IntPtr.Zero;
        fixed (byte* at = path)
        {
            tollgate_gate_from_file(IntPtr.Zero, at, (UIntPtr)(uint)path.Length, &made, null, UIntPtr.Zero);
        }
        return made;
    }

    private static void Numbers(Gate gate, byte[] token, Ask ask)
    {
        for (var n = 0; n < Calls; n++)
        {
            Must(gate.Check(token, null, ask).IsAdmitted);
        }
    }

    private static void WithScratch(Gate gate, Scratch scratch, byte[] token, Ask ask)
    {
        for (var n = 0; n < Calls; n++)
        {
            Must(gate.Check(scratch, token, null, ask).IsAdmitted);
        }
    }

    private static void WithId(Gate gate, Scratch scratch, byte[] token, Ask ask)
    {
        for (var n = 0; n < Calls; n++)
        {
            Must(gate.Check(scratch, token, null, ask).Id.Length > 0);
        }
    }

    private static void Fill(Gate gate, Batch batch, byte[] token, Ask ask)
    {
        batch.Clear();
        for (var n = 0; n < BatchSize; n++)
        {
            batch.Add(token, null, ask);
        }
        batch.Check(gate);
        Must(batch[BatchSize - 1].IsAdmitted);
    }

    private static void Must(bool isAdmitted)
    {
        if (!isAdmitted)
        {
            throw new InvalidOperationException("not admitted: is the demo a day old?");
        }
    }
}

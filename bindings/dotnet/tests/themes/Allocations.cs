// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Runtime.CompilerServices;
using Tollgate;

/// <summary>A million hits, and the garbage collector has nothing to do.</summary>
internal static class Allocations
{
    private const int Hits = 1000000;

    internal static void Run()
    {
        var token = Themes.Load("user.jwt");
        using (var gate = Themes.Open())
        using (var peer = Peer.FromPem(Themes.Load("pc7.pem")))
        using (var scratch = new Scratch())
        using (var batch = new Batch())
        {
            var ask = new Ask(gate.Endpoint("internet"), Scenario.User);
            Quiet(() => Numbers(gate, token, null, ask, Hits));
            Quiet(() => Numbers(gate, token, peer, ask, Hits / 4));
            Quiet(() => WithTexts(gate, scratch, token, peer, ask, Hits));
            Quiet(() => InBatches(gate, batch, token, peer, ask, Hits / 1000));
            Themes.Is(gate.Counters().Misses, 2L);
        }
    }

    private static void Quiet(Action hits)
    {
        hits();
        GC.Collect();
        var before = GC.CollectionCount(0);
        var bytes = Allocated();
        hits();
        Themes.Is(GC.CollectionCount(0), before);
        // Of the closures of this very call, perhaps; not a byte a hit.
        Themes.Expect(Allocated() - bytes < 1000);
    }

    /// <summary>Mono does not tell.</summary>
    private static long Allocated()
    {
#if NETCOREAPP
        return GC.GetAllocatedBytesForCurrentThread();
#else
        return 0;
#endif
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Numbers(Gate gate, byte[] token, Peer peer, Ask ask, int count)
    {
        var admitted = 0;
        for (var n = 0; n < count; n++)
        {
            admitted += gate.Check(token, peer, ask).IsAdmitted ? 1 : 0;
        }
        Themes.Is(admitted, count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WithTexts(Gate gate, Scratch scratch, byte[] token, Peer peer, Ask ask, int count)
    {
        var admitted = 0;
        for (var n = 0; n < count; n++)
        {
            admitted += gate.Check(scratch, token, n % 2 == 0 ? peer : null, ask).IsAdmitted ? 1 : 0;
        }
        Themes.Is(admitted, count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void InBatches(Gate gate, Batch batch, byte[] token, Peer peer, Ask ask, int count)
    {
        for (var n = 0; n < count; n++)
        {
            batch.Clear();
            for (var one = 0; one < 1000; one++)
            {
                batch.Add(token, one % 2 == 0 ? peer : null, ask);
            }
            batch.Check(gate);
            if (!batch[999].IsAdmitted)
            {
                throw new InvalidOperationException();
            }
        }
    }
}

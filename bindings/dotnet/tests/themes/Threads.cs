// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Threading;
using Tollgate;

/// <summary>Many threads, one gate, while its trust changes; and gates, scratches and peers that go while they are used.</summary>
internal static class Threads
{
    private const int Count = 8;

    internal static void Run()
    {
        Hammer();
        DisposedMeanwhile();
        Wandering();
        TwoAtOneScratch();
        TwoAtOneBatch();
    }

    /// <summary>Each verdict is one of the two that the trust allows at some moment, and its texts are its own.</summary>
    private static void Hammer()
    {
        var tenant = Themes.LoadText("tenant.id");
        var user = Themes.Load("user.jwt");
        var somebody = Themes.Load("workforce.jwt");
        var id = "entra:" + tenant + ":" + Themes.LoadText("user.id");
        var isOver = false;
        long admitted = 0, refused = 0;
        using (var gate = Themes.Open())
        {
            gate.StartRefresh();
            var threads = Start(Count, number =>
            {
                var ask = Themes.User;
                using (var own = new Scratch())
                using (var batch = new Batch())
                {
                    while (!Volatile.Read(ref isOver))
                    {
                        var scratch = number % 2 == 0 ? own : Scratch.OfThread;
                        var answer = gate.Check(scratch, user, null, ask);
                        var wanted = answer.IsAdmitted ? id : "";
                        if (answer.Id != wanted || (!answer.IsAdmitted && answer.Verdict.Status.Number != Reasons.TenantDisabled))
                        {
                            throw new InvalidOperationException(answer.Id + ", " + answer.Verdict.Status);
                        }
                        Interlocked.Add(ref admitted, answer.IsAdmitted ? 1 : 0);
                        Interlocked.Add(ref refused, answer.IsAdmitted ? 0 : 1);
                        if (gate.Check(scratch, somebody, null, ask).Id != "oidc:workforce:somebody")
                        {
                            throw new InvalidOperationException("somebody is nobody");
                        }
                        batch.Clear();
                        batch.Add(user, null, ask);
                        batch.Add(somebody, null, ask);
                        batch.Check(gate);
                        if (!batch[1].IsAdmitted)
                        {
                            throw new InvalidOperationException("not in a batch");
                        }
                    }
                }
            });
            using (var update = new Update())
            {
                for (var n = 0; n < 60 || Volatile.Read(ref admitted) == 0 || Volatile.Read(ref refused) == 0; n++)
                {
                    gate.Apply(update.Tenant(Method.Entra, tenant, n % 2 != 0));
                    Themes.Is(gate.Check(user, null, Themes.User).IsAdmitted, n % 2 != 0);
                }
            }
            isOver = true;
            Join(threads);
        }
        Themes.Expect(admitted > 0 && refused > 0);
    }

    /// <summary>Who disposes while others check takes nothing away from under them.</summary>
    private static void DisposedMeanwhile()
    {
        var user = Themes.Load("user.jwt");
        var pem = Themes.Load("pc7.pem");
        long gone = 0;
        for (var round = 0; round < 20; round++)
        {
            var gate = Themes.Open(new GateOptions { Log = (level, line) => { } });
            var scratch = new Scratch();
            var peer = Peer.FromPem(pem);
            var turns = 0;
            var threads = Start(4, number =>
            {
                while (true)
                {
                    try
                    {
                        var mine = number == 0 ? scratch : Scratch.OfThread;
                        var answer = gate.Check(mine, user, number % 2 == 0 ? peer : null, Themes.User);
                        if (!answer.IsAdmitted)
                        {
                            throw new InvalidOperationException(answer.Verdict.Status.ToString());
                        }
                        gate.Check(user, peer, Themes.User);
                        Interlocked.Increment(ref turns);
                    }
                    catch (ObjectDisposedException)
                    {
                        Interlocked.Increment(ref gone);
                        return;
                    }
                }
            });
            SpinWait.SpinUntil(() => Volatile.Read(ref turns) > 50 * (round % 3));
            if (round % 2 == 0)
            {
                scratch.Dispose();
                peer.Dispose();
            }
            gate.Dispose();
            Join(threads);
            peer.Dispose();
            scratch.Dispose();
        }
        Themes.Is(gone, 80L);
    }

    /// <summary>Handed from thread to thread under a lock, as a rented one is, while gates come and go.</summary>
    private static void Wandering()
    {
        var user = Themes.Load("user.jwt");
        var shared = new object();
        using (var scratch = new Scratch())
        {
            var gates = new Gate[2];
            for (var round = 0; round < 10; round++)
            {
                gates[0] = Themes.Open();
                gates[1] = Themes.Open();
                var turns = 0;
                var threads = Start(4, number =>
                {
                    try
                    {
                        while (true)
                        {
                            lock (shared)
                            {
                                if (gates[(number + turns) % 2].Check(scratch, user, null, Themes.User).Id.Length == 0)
                                {
                                    throw new InvalidOperationException("nobody");
                                }
                                turns++;
                            }
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                    catch (InvalidOperationException error) when (error.Message.Contains("its gate is disposed of"))
                    {
                    }
                });
                SpinWait.SpinUntil(() => Volatile.Read(ref turns) > 100);
                gates[0].Dispose();
                gates[1].Dispose();
                Join(threads);
            }
        }
    }

    /// <summary>Told, and never a crash.</summary>
    private static void TwoAtOneBatch()
    {
        var user = Themes.Load("user.jwt");
        long told = 0;
        using (var gate = Themes.Open())
        {
            var batch = new Batch();
            var isOver = false;
            var threads = Start(3, number =>
            {
                while (!Volatile.Read(ref isOver))
                {
                    try
                    {
                        batch.Add(user, null, Themes.User);
                        batch.Check(gate);
                        if (batch.Count > 500)
                        {
                            batch.Clear();
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }
                    catch (InvalidOperationException)
                    {
                        Interlocked.Increment(ref told);
                    }
                }
            });
            SpinWait.SpinUntil(() => Volatile.Read(ref told) > 0 || fault != null);
            while (true)
            {
                try
                {
                    batch.Dispose();
                    break;
                }
                catch (InvalidOperationException)
                {
                    Thread.Yield();
                }
            }
            isOver = true;
            Join(threads);
        }
        Themes.Expect(told > 0);
    }

    /// <summary>Told, and never a crash.</summary>
    private static void TwoAtOneScratch()
    {
        var user = Themes.Load("user.jwt");
        long told = 0;
        using (var gate = Themes.Open())
        using (var scratch = new Scratch())
        {
            var threads = Start(4, number =>
            {
                for (var n = 0; n < 1000000 && Volatile.Read(ref told) == 0; n++)
                {
                    try
                    {
                        gate.Check(scratch, user, null, Themes.User);
                    }
                    catch (InvalidOperationException)
                    {
                        Interlocked.Increment(ref told);
                    }
                }
            });
            Join(threads);
        }
        Themes.Expect(told > 0);
    }

    private static Exception fault;

    private static Thread[] Start(int count, Action<int> work)
    {
        fault = null;
        var threads = new Thread[count];
        for (var n = 0; n < count; n++)
        {
            var number = n;
            threads[n] = new Thread(() =>
            {
                try
                {
                    work(number);
                }
                catch (Exception thrown)
                {
                    fault = thrown;
                }
            });
            threads[n].Start();
        }
        return threads;
    }

    private static void Join(Thread[] threads)
    {
        foreach (var thread in threads)
        {
            thread.Join();
        }
        if (fault != null)
        {
            throw new InvalidOperationException("a thread: " + fault);
        }
    }
}

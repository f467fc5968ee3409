// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Threading;
using Tollgate;

/// <summary>What is made is given back: by disposing, or when it is finalised; and is not used afterwards.</summary>
internal static class Handles
{
    internal static void Run()
    {
        Disposed();
        DroppedOnce();
        Finalised();
        HeldByNobody();
    }

    private static void Disposed()
    {
        var token = Themes.Load("user.jwt");
        var ask = Themes.User;
        var gate = Themes.Open();
        var scratch = new Scratch();
        Themes.Expect(gate.Check(scratch, token, null, ask).IsAdmitted);
        gate.Dispose();
        gate.Dispose();
        Themes.Throws<ObjectDisposedException>(() => gate.Check(token, null, Themes.User));
        Themes.Throws<ObjectDisposedException>(() => gate.Check(scratch, token, null, Themes.User));
        Themes.Throws<ObjectDisposedException>(() => gate.Explain(token, null, Themes.User));
        Themes.Throws<ObjectDisposedException>(() => gate.Metrics());
        Themes.Throws<ObjectDisposedException>(() => gate.Counters());
        Themes.Throws<ObjectDisposedException>(() => gate.StartRefresh());
        using (var update = new Update())
        {
            Themes.Throws<ObjectDisposedException>(() => gate.Apply(update));
        }
        using (gate = Themes.Open())
        {
            // The same scratch goes on with another gate.
            Themes.Expect(gate.Check(scratch, token, null, ask).IsAdmitted);
            scratch.Dispose();
            scratch.Dispose();
            Themes.Throws<ObjectDisposedException>(() => gate.Check(scratch, token, null, Themes.User));
            Scratch.OfThread.Dispose();
            Themes.Expect(gate.Check(token, null, ask).IsAdmitted);

            var peer = Peer.FromPem(Themes.Load("pc7.pem"));
            Themes.Expect(gate.Check(default(ReadOnlySpan<byte>), peer, default(Ask)).IsAdmitted);
            var own = new Scratch();
            Themes.Expect(gate.Check(own, default(ReadOnlySpan<byte>), peer, default(Ask)).IsAdmitted);
            peer.Dispose();
            // The scratch kept what its texts are read out of, and gives nothing to new checks.
            Themes.Throws<ObjectDisposedException>(() => gate.Check(default(ReadOnlySpan<byte>), peer, default(Ask)));
            Themes.Throws<ObjectDisposedException>(() => gate.Check(own, default(ReadOnlySpan<byte>), peer, default(Ask)));
            Themes.Throws<ObjectDisposedException>(() => peer.Thumbprint());
            own.Dispose();
        }
        var changes = new Update();
        changes.Dispose();
        Themes.Throws<ObjectDisposedException>(() => changes.Configuration(""));
        var batch = new Batch();
        batch.Dispose();
        batch.Dispose();
        Themes.Throws<ObjectDisposedException>(() => batch.Add(token, null, Themes.User));
    }

    /// <summary>
    /// The library drops what a gate was lent when the gate is gone: also where other threads held it from an earlier check.
    /// </summary>
    private static void DroppedOnce()
    {
        WeakReference log = null;
        using (var checkedOnce = new ManualResetEventSlim())
        using (var mayEnd = new ManualResetEventSlim())
        {
            Thread other = null;
            OnAnotherThread(() => other = UseAndDispose(out log, checkedOnce, mayEnd));
            Themes.Collect();
            Themes.Expect(!log.IsAlive);
            mayEnd.Set();
            other.Join();
        }
    }

    private static Thread UseAndDispose(out WeakReference log, ManualResetEventSlim checkedOnce, ManualResetEventSlim mayEnd)
    {
        var lines = new Lines();
        log = new WeakReference(lines);
        var lent = new[] { Themes.Open(new GateOptions { Log = lines.Add }) };
        var other = new Thread(() =>
        {
            CheckWith(lent);
            Themes.Scrub(50);
            checkedOnce.Set();
            mayEnd.Wait();
        });
        other.Start();
        checkedOnce.Wait();
        CheckWith(lent);
        lent[0].Dispose();
        lent[0] = null;
        return other;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CheckWith(Gate[] lent)
    {
        Themes.Expect(lent[0].Check(Scratch.OfThread, Themes.Load("user.jwt"), null, Themes.User).IsAdmitted);
    }

    private static void Finalised()
    {
        WeakReference log = null;
        OnAnotherThread(() => log = Forget());
        Themes.Collect();
        Themes.Expect(!log.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forget()
    {
        var lines = new Lines();
        var gate = Themes.Open(new GateOptions { Log = lines.Add });
        gate.StartRefresh();
        Themes.Expect(gate.Check(Scratch.OfThread, Themes.Load("user.jwt"), null, Themes.User).IsAdmitted);
        return new WeakReference(lines);
    }

    /// <summary>20,000 of each, never disposed of: what the process has in memory stays where it was.</summary>
    private static void HeldByNobody()
    {
        var pem = Themes.Load("pc7.pem");
        var token = Themes.Load("user.jwt");
        using (var gate = Themes.Open())
        {
            OnAnotherThread(() => Litter(gate, pem, token, 200));
            Themes.Collect();
            var before = Resident();
            for (var round = 0; round < 100; round++)
            {
                OnAnotherThread(() => Litter(gate, pem, token, 200));
                Themes.Collect();
            }
            // A peer is some 2 KiB, a used scratch more than 4 KiB, a batch 64 KiB: 20,000 of each would be 1.4 GiB.
            Themes.Expect(Resident() - before < 256 * 1024 * 1024);
        }
    }

    private static void Litter(Gate gate, byte[] pem, byte[] token, int count)
    {
        for (var n = 0; n < count; n++)
        {
            var peer = Peer.FromPem(pem);
            gate.Check(new Scratch(), token, peer, Themes.User);
            new Update().Configuration("x");
            new Batch().Add(token, peer, Themes.User);
        }
    }

    private static void OnAnotherThread(ThreadStart work)
    {
        // What is left on its stack goes with it.
        var thread = new Thread(work);
        thread.Start();
        thread.Join();
        Themes.Scrub(50);
    }

    private static long Resident()
    {
        return long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * 4096;
    }

    internal sealed class Lines
    {
        private int count;

        internal int Count
        {
            get { return Volatile.Read(ref count); }
        }

        internal void Add(LogLevel level, string line)
        {
            Interlocked.Increment(ref count);
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Runtime.CompilerServices;
using Tollgate;

/// <summary>Many at once, in their order.</summary>
internal static class Batches
{
    internal static void Run()
    {
        var user = Themes.Load("user.jwt");
        var expired = Themes.Load("expired.jwt");
        using (var gate = Themes.Open())
        using (var batch = new Batch())
        using (var peer = Peer.FromPem(Themes.Load("pc7.pem")))
        {
            Themes.Throws<InvalidOperationException>(() => Answer(Added(batch, user), 0));
            Themes.Expect(!batch[0].IsAdmitted);
            batch.Clear();
            batch.Check(gate);
            Themes.Is(batch.Count, 0);
            Themes.Throws<ArgumentOutOfRangeException>(() => { var verdict = batch[0]; });
            Themes.Throws<ArgumentNullException>(() => batch.Check(null));

            for (var round = 0; round < 3; round++)
            {
                batch.Clear();
                for (var n = 0; n < 1000; n++)
                {
                    var ask = n % 3 == 0 ? new Ask(gate.Endpoint("internet"), Scenario.User) : Themes.User;
                    batch.Add(n % 2 == 0 ? user : expired, null, ask);
                }
                batch.Add(default(ReadOnlySpan<byte>), peer, default(Ask));
                batch.Check(gate);
                for (var n = 0; n < 1000; n++)
                {
                    Themes.Is(batch[n].IsAdmitted, n % 2 == 0);
                }
                Themes.Is(batch.Answer(1000).Id, "pki:corp:dns:pc7.contoso.com");
                Themes.Is(batch.Answer(0).Identify().User.ToString(), Themes.LoadText("user.id"));
                Themes.Expect(batch.Answer(999).Refusal.Contains("expired (3001)"));
            }
            // One more voids what was said: the bytes may have moved.
            var said = batch.Answer(0);
            batch.Add(user, null, Themes.User);
            Themes.Expect(IsStale(said));
            Themes.Throws<InvalidOperationException>(() => Answer(batch, 0));
            batch.Check(gate);
            Themes.Expect(batch[1001].IsAdmitted);
            Stale(batch);

            var passing = Themes.Open();
            batch.Check(passing);
            passing.Dispose();
            Themes.Throws<InvalidOperationException>(() => Answer(batch, 0));
            Themes.Throws<ObjectDisposedException>(() => batch.Check(passing));
            Themes.Expect(!batch[0].IsAdmitted);
        }
        Answers();
    }

    /// <summary>Whatever an answer is read out of stays, or the answer says that it is gone.</summary>
    private static void Answers()
    {
        var user = Themes.Load("user.jwt");
        using (var gate = Themes.Open())
        {
            using (var batch = new Batch())
            using (var peer = Peer.FromPem(Themes.Load("pc7.pem")))
            {
                // So many bytes that the block of the first is given back.
                batch.Add(user, null, Themes.User);
                batch.Check(gate);
                var moved = batch.Answer(0);
                for (var n = 0; n < 100; n++)
                {
                    batch.Add(user, null, Themes.User);
                }
                Themes.Expect(IsStale(moved));
                // The certificate goes with the batch's hold of it.
                batch.Clear();
                batch.Add(user, peer, Themes.User);
                batch.Check(gate);
                var beside = batch.Answer(0);
                Themes.Is(beside.Certificate, "pki:corp:dns:pc7.contoso.com");
                batch.Clear();
                Themes.Expect(IsStale(beside));
                // Another's bytes in the same place are never taken for the first one's.
                batch.Add(Themes.Load("workforce.jwt"), null, Themes.User);
                Themes.Expect(IsStale(beside));
                batch.Check(gate);
                Themes.Expect(IsStale(beside));
            }
            // Of a batch that nobody holds any more.
            var left = Left(gate, user);
            Collect();
            Themes.Is(left.Identify().User.ToString(), Themes.LoadText("user.id"));
            Collect();
            Themes.Is(left.Subject, left.Identify().Subject);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Answer Left(Gate gate, byte[] user)
    {
        var batch = new Batch();
        batch.Add(user, null, Themes.User);
        batch.Check(gate);
        return batch.Answer(0);
    }

    private static void Collect()
    {
        for (var n = 0; n < 3; n++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private static void Stale(Batch batch)
    {
        var first = batch.Answer(0);
        Themes.Expect(!IsStale(first));
        var second = batch.Answer(1);
        Themes.Expect(IsStale(first) && !IsStale(second));
        batch.Clear();
        Themes.Expect(IsStale(second));
        batch.Add(Themes.Load("user.jwt"), null, Themes.User);
    }

    private static bool IsStale(Answer answer)
    {
        try
        {
            return answer.Id == null;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private static Batch Added(Batch batch, byte[] token)
    {
        batch.Add(token, null, Themes.User);
        return batch;
    }

    private static void Answer(Batch batch, int index)
    {
        batch.Answer(index);
    }
}

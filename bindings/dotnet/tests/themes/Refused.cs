// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Text;
using Tollgate;

/// <summary>Nothing that a client presents throws; what a host does wrong does, in one clear line.</summary>
internal static class Refused
{
    internal static void Run()
    {
        using (var gate = Themes.Open())
        {
            var ask = default(Ask);
            Themes.Is(gate.Check(default(ReadOnlySpan<byte>), null, ask).Status.Number, Reasons.NoCredential);
            Themes.Is(gate.Check(Encoding.ASCII.GetBytes("a.b.c"), null, ask).Status.Number, Reasons.TokenEncoding);
            Themes.Is(gate.Check(Themes.Load("expired.jwt"), null, Themes.User).Status.Number, Reasons.Expired);
            Themes.Is(gate.Check(Themes.Load("foreign.jwt"), null, ask).Status.Number, Reasons.TenantUnknown);
            Themes.Is(gate.Check(Themes.Load("device.jwt"), null, Themes.User).Status.Number, Reasons.UserNeeded);
            Themes.Is(gate.Check(Themes.Load("device.jwt"), null, Themes.User).HttpStatus, 403);
            Themes.Is(gate.Check(Themes.Load("laptop9.jwt"), null, ask).Status.Number, Reasons.ProofMissing);
            AnyBytes(gate);
            Huge(gate);

            var nowhere = new Ask(new Endpoint("nowhere"));
            var verdict = gate.Check(Themes.Load("user.jwt"), null, nowhere);
            Themes.Is(verdict.Status.Number, Reasons.EndpointUnknown);
            Themes.Is(verdict.HttpStatus, 503);
            var said = Themes.Throws<ArgumentException>(() => gate.Endpoint("nowhere")).Message;
            Themes.Expect(said.Contains("internet"));
            Themes.Is(gate.Endpoint("internet").Name, "internet");
            // A number that is no scenario is the host's fault, and admits nobody.
            verdict = gate.Check(Themes.Load("user.jwt"), null, new Ask(null, (Scenario)77));
            Themes.Expect(verdict.Status.Number < 0 && !verdict.IsAdmitted && verdict.HttpStatus == 503);
            Themes.Throws<TollgateException>(() => gate.Refusals(7));
            Themes.Throws<ArgumentNullException>(() => gate.Check(null, default(ReadOnlySpan<byte>), null, default(Ask)));
            Themes.Throws<ArgumentNullException>(() => gate.Apply(null));
            Themes.Throws<ArgumentNullException>(() => gate.PeerFromHeaders(Sender.UnixSocket, null));
        }
        Configurations();
    }

    private static void AnyBytes(Gate gate)
    {
        var token = Themes.Load("user.jwt");
        for (var at = 0; at < 256; at++)
        {
            var broken = (byte[])token.Clone();
            var place = at * 31 % token.Length;
            if (broken[place] != (byte)at)
            {
                broken[place] = (byte)at;
                Themes.Expect(!gate.Check(broken, null, Themes.User).IsAdmitted);
            }
            Themes.Expect(!gate.Check(token.AsSpan(0, at * token.Length / 256), null, Themes.User).IsAdmitted);
        }
    }

    /// <summary>Refused by their length, with texts and without, and by a batch.</summary>
    private static void Huge(Gate gate)
    {
        var huge = new byte[20 * 1024 * 1024];
        var ask = Themes.User;
        Themes.Is(gate.Check(huge, null, ask).Status.Number, Reasons.TokenTooLarge);
        using (var scratch = new Scratch())
        using (var batch = new Batch())
        {
            var answer = gate.Check(scratch, huge, null, ask);
            Themes.Is(answer.Verdict.Status.Number, Reasons.TokenTooLarge);
            Themes.Expect(answer.Refusal.Contains("token_too_large"));
            Themes.Is(gate.Explain(huge, null, ask).Status.Number, Reasons.TokenTooLarge);
            batch.Add(huge, null, ask);
            batch.Add(huge.AsSpan(0, 65537), null, ask);
            batch.Check(gate);
            Themes.Is(batch[0].Status.Number, Reasons.TokenTooLarge);
            Themes.Is(batch[1].Status.Number, Reasons.TokenTooLarge);
            Themes.Expect(batch.Answer(0).Refusal.Contains("token_too_large"));
        }
    }

    private static void Configurations()
    {
        var said = Themes.Throws<ConfigurationException>(() => Gate.FromFile(Themes.Folder + "/nowhere.toml")).Message;
        Themes.Expect(said.Contains("nowhere.toml"));
        said = Themes.Throws<ConfigurationException>(() => Gate.FromText("[[entra]]\naudience = 1\n")).Message;
        Themes.Expect(said.Contains("write [[endpoint]]"));
        Themes.Throws<ConfigurationException>(() => Gate.FromText(""));
        Themes.Throws<ArgumentNullException>(() => Gate.FromFile(null));
        Themes.Throws<ArgumentNullException>(() => Gate.FromText(null));
        Themes.Throws<ArgumentException>(() => Gate.FromFile("\ud800"));
        Themes.Throws<ArgumentOutOfRangeException>(() => Themes.Open(new GateOptions { Processes = -1 }));
        Themes.Throws<TollgateException>(() => Gate.FromFile(new string('x', 70000)));
        using (var gate = Gate.FromText(Themes.LoadText("tollgate.toml"), Themes.Folder))
        {
            Themes.Expect(gate.Check(Themes.Load("user.jwt"), null, Themes.User).IsAdmitted);
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Text;
using Tollgate;

/// <summary>Who it is, which claims, why not.</summary>
internal static class Texts
{
    internal static void Run()
    {
        var tenant = Themes.LoadText("tenant.id");
        var user = Themes.LoadText("user.id");
        using (var gate = Themes.Open())
        using (var scratch = new Scratch())
        {
            var token = Themes.Load("user.jwt");
            var answer = gate.Check(scratch, token, null, Themes.User);
            // Who presented it may overwrite his buffer.
            Array.Clear(token, 0, token.Length);
            Themes.Is(answer.Id, "entra:" + tenant + ":" + user);
            Themes.Expect(answer.Authority.Contains(tenant) && answer.Subject.Length > 0);
            Themes.Is(answer.Verdict.Tenant.ToString(), tenant);
            Themes.Is(answer.Verdict.User.ToString(), user);
            Themes.Is(answer.Verdict.Device.ToString(), Themes.LoadText("user-device.id"));
            Themes.Expect(answer.Payload.StartsWith("{") && answer.Payload.Contains(user));
            Themes.Is(answer.Verdict.Kind, Kind.User);
            Themes.Is(answer.Refusal, "");
            Themes.Is(answer.Certificate, "");

            var refused = gate.Check(scratch, Themes.Load("expired.jwt"), null, Themes.User);
            Themes.Expect(refused.Refusal.Contains("expired (3001)"));
            Themes.Is(refused.Id, "");
            Themes.Expect(refused.Payload == null && refused.Claim("email") == null && refused.Identify() == null);
            Themes.Is(refused.Claims().Count, 0);
            Themes.Is(refused.Verdict.Detail, Detail.Seconds);
            Themes.Expect(refused.Verdict.Found > refused.Verdict.Limit);

            var member = gate.Check(scratch, Encoding.ASCII.GetBytes("e30.e30.AA"), null, Themes.User);
            Themes.Is(member.Verdict.Detail, Detail.Member);
            Themes.Is(member.Member, "alg");

            var somebody = gate.Check(scratch, Themes.Load("workforce.jwt"), null, Themes.User);
            Themes.Is(somebody.Claim("email"), "somebody@example.org");
            Themes.Is(somebody.Claim("groups"), "[\"a\",\"b\"]");
            Themes.Expect(somebody.Claim("sub") == null && somebody.Claim("") == null);
            Themes.Is(somebody.Claims().Count, 2);
            var identity = somebody.Identify();
            Themes.Is(identity.Id, "oidc:workforce:somebody");
            Themes.Is(identity.Claims[0].Value, "somebody@example.org");
            Stale(gate, scratch);
            var lines = gate.Explain(Themes.Load("expired.jwt"), null, Themes.User);
            Themes.Is(lines.Status.Number, Reasons.Expired);
            Themes.Expect(lines.Lines.Contains("expired (3001)") && lines.Lines.Contains("rule: "));
        }
    }

    /// <summary>An answer of before says nothing of the next client, whatever is done with its scratch.</summary>
    private static void Stale(Gate gate, Scratch scratch)
    {
        var token = Themes.Load("user.jwt");
        var first = gate.Check(scratch, token, null, Themes.User);
        gate.Check(scratch, Themes.Load("workforce.jwt"), null, Themes.User);
        var isStale = false;
        try
        {
            var text = first.Id;
        }
        catch (InvalidOperationException)
        {
            isStale = true;
        }
        Themes.Expect(isStale);
        // One without texts has no scratch of its caller's.
        var kept = gate.Check(Scratch.OfThread, token, null, Themes.User);
        gate.Check(Themes.Load("workforce.jwt"), null, Themes.User);
        gate.Explain(Themes.Load("workforce.jwt"), null, Themes.User);
        Themes.Expect(kept.Id.StartsWith("entra:"));
        // The numbers are a copy.
        Themes.Expect(first.IsAdmitted && first.Verdict.User.HasValue);

        var passing = Themes.Open();
        var last = passing.Check(scratch, token, null, Themes.User);
        passing.Dispose();
        isStale = false;
        try
        {
            last.Identify();
        }
        catch (InvalidOperationException)
        {
            isStale = true;
        }
        Themes.Expect(isStale);
    }
}

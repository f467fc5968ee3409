// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using Tollgate;

/// <summary>Changes of trust hold on the next check, all at once or not at all.</summary>
internal static class Updates
{
    internal static void Run()
    {
        var tenant = Themes.LoadText("tenant.id");
        var token = Themes.Load("user.jwt");
        using (var gate = Themes.Open())
        using (var update = new Update())
        using (var other = Peer.FromPem(Themes.Load("other-pc7.pem")))
        {
            Judged(gate, token, 1);
            gate.Apply(update.Tenant(Method.Entra, tenant, false));
            Judged(gate, token, Reasons.TenantDisabled);
            // Empty again: applying it once more changes nothing.
            gate.Apply(update.Tenant(Method.Entra, tenant, true));
            gate.Apply(update);
            Judged(gate, token, 1);

            var user = Guid.Parse(Themes.LoadText("user.id"));
            gate.Apply(update.Withdraw(Withdrawn.User, Guid.Parse(tenant), user));
            Judged(gate, token, Reasons.UserWithdrawn);
            gate.Apply(update.Restore(Withdrawn.User, Guid.Parse(tenant), user));
            Judged(gate, token, 1);
            gate.Apply(update.Withdraw(Withdrawn.User, Guid.Parse(tenant), user, 1000));
            Judged(gate, token, 1);

            Judged(gate, Themes.Load("rolled.jwt"), Reasons.KeyUnknown);
            gate.Apply(update.Keys(Method.Entra, tenant, Themes.Load("keys-both.json")));
            Judged(gate, Themes.Load("rolled.jwt"), 1);
            Judged(gate, token, 1);

            Themes.Is(gate.Check(default(ReadOnlySpan<byte>), other, default(Ask)).Status.Number, Reasons.CertificateUntrusted);
            gate.Apply(update.Anchors("corp", Themes.Load("other-root.pem")));
            Themes.Expect(gate.Check(default(ReadOnlySpan<byte>), other, default(Ask)).IsAdmitted);

            // One part is wrong: nothing of it holds.
            update.Tenant(Method.Entra, tenant, false).Keys(Method.Oidc, "nobody", Themes.Load("keys.json"));
            var said = Themes.Throws<ConfigurationException>(() => gate.Apply(update)).Message;
            Themes.Expect(said.Contains("nobody"));
            Judged(gate, token, 1);
            Themes.Is(gate.Counters().Updates, 8L);
        }
        using (var gate = Gate.FromText(Themes.LoadText("tollgate.toml"), Themes.Folder))
        using (var update = new Update())
        {
            gate.Apply(update.Configuration(Themes.LoadText("two-endpoints.toml")));
            Themes.Is(gate.Check(token, null, Themes.User).Status.Number, Reasons.EndpointUnknown);
            var ask = new Ask(gate.Endpoint("intranet"), Scenario.User);
            Themes.Expect(gate.Check(token, null, ask).IsAdmitted);
        }
        Reentered();
    }

    /// <summary>A callback of the gate that an update is applied to gets no second hold of it.</summary>
    private static void Reentered()
    {
        var path = System.IO.Path.Combine(Themes.Folder, "tollgate.toml");
        var update = new Update();
        var tenant = Themes.LoadText("tenant.id");
        var isApplying = false;
        var thrown = 0;
        var log = new Action<LogLevel, string>((level, line) =>
        {
            if (isApplying)
            {
                Themes.Throws<InvalidOperationException>(() => update.Tenant(Method.Entra, tenant, false));
                thrown++;
            }
        });
        using (update)
        using (var gate = Gate.FromFile(path, new GateOptions { Log = log }))
        {
            // What is wrong with it is told to the log, in the middle of the call.
            update.Keys(Method.Oidc, "nobody", Themes.Load("keys.json"));
            isApplying = true;
            Themes.Throws<ConfigurationException>(() => gate.Apply(update));
            isApplying = false;
            Themes.Expect(thrown > 0);
            Themes.Is(gate.CallbackFailures, 0L);
            update.Tenant(Method.Entra, tenant, true);
            gate.Apply(update);
        }
    }

    private static void Judged(Gate gate, byte[] token, int status)
    {
        Themes.Is(gate.Check(token, null, Themes.User).Status.Number, status);
    }
}

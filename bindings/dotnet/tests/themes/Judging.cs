// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using Tollgate;
using Tollgate.Http;

/// <summary>Requests as servers have them, by each method, and each class of refusal.</summary>
internal static class Judging
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.7");
    private static readonly IPAddress Proxy = IPAddress.Loopback;

    internal static void Run()
    {
        using (var gate = Themes.Open())
        using (var pc7 = Peer.FromPem(Themes.Load("pc7.pem")))
        using (var laptop9 = Peer.FromPem(Themes.Load("laptop9.pem")))
        {
            var devices = new RequestJudge(gate, new JudgeOptions { Endpoint = "internet" });
            var behind = new RequestJudge(gate, new JudgeOptions { Certificates = CertificateSource.Headers });
            var users = new RequestJudge(gate, new JudgeOptions { Scenario = Scenario.User });
            var forwarded = "Client-Cert: :" + Convert.ToBase64String(Themes.Load("pc7.der")) + ":";

            Admitted(users.Judge(Of(Bearer("user.jwt")), Client, null), "entra:" + Themes.LoadText("tenant.id"));
            Admitted(users.Judge(Of(Bearer("workforce.jwt")), null, null), "oidc:workforce:somebody");
            Admitted(devices.Judge(Of(), Client, pc7), "pki:corp:dns:pc7.contoso.com");
            Admitted(behind.Judge(Of(forwarded), Proxy, null), "pki:corp:dns:pc7.contoso.com");
            Admitted(behind.Judge(Of(forwarded), Proxy, laptop9), "pki:corp:dns:pc7.contoso.com");
            Admitted(devices.Judge(Of(Bearer("laptop9.jwt")), Client, laptop9), "site:" + Themes.LoadText("site.id"));

            Refused(devices.Judge(Of(), Client, null), 401, Reasons.NoCredential, "Bearer realm=\"tollgate\"");
            const string Invalid = "Bearer realm=\"tollgate\", error=\"invalid_token\"";
            Refused(devices.Judge(Of("Authorization: Bearer a.b.c"), Client, null), 401, Reasons.TokenEncoding, Invalid);
            Refused(devices.Judge(Of("Authorization: Bearer"), Client, null), 401, Reasons.TokenShape, Invalid);
            Refused(users.Judge(Of(Bearer("foreign.jwt")), Client, null), 401, Reasons.TenantUnknown, Invalid);
            Refused(users.Judge(Of(Bearer("expired.jwt")), Client, null), 401, Reasons.Expired, Invalid);
            Refused(users.Judge(Of(Bearer("device.jwt")), Client, null), 403, Reasons.UserNeeded, null);
            Refused(devices.Judge(Of(Bearer("laptop9.jwt")), Client, null), 401, Reasons.ProofMissing, Invalid);
            // A certificate out of a header proves no key.
            var own = "Client-Cert: :" + Convert.ToBase64String(Convert.FromBase64String(Pem("laptop9.pem"))) + ":";
            Refused(behind.Judge(Of(own, Bearer("laptop9.jwt")), Proxy, null), 401, Reasons.ProofMissing, Invalid);
            Refused(behind.Judge(Of(forwarded), Client, null), 401, Reasons.SenderNotTrusted, "Bearer realm=\"tollgate\"");
            Refused(behind.Judge(Of(forwarded, forwarded), Proxy, pc7), 401, Reasons.CertificateTwice, "Bearer realm=\"tollgate\"");
            // Two clients in one request are none, whichever comes first.
            Refused(users.Judge(Of(Bearer("user.jwt"), Bearer("user.jwt")), Client, null), 401, Reasons.TokenShape, Invalid);
            Refused(users.Judge(Of("Authorization: Basic x", Bearer("user.jwt")), Client, null), 401, Reasons.TokenShape, Invalid);
            // Not by cutting characters down to bytes: U+0165 is no "e".
            var lookalike = Bearer("user.jwt").Replace("Bearer e", "Bearer \u0165");
            Refused(users.Judge(Of(lookalike), Client, null), 401, Reasons.TokenEncoding, Invalid);
            Refused(users.Judge(Of("Authorization: Bearer \ud800"), Client, null), 401, Reasons.TokenShape, Invalid);
            Refused(users.Judge(Of("Authorization: Bearer " + new string('a', 2000000)), Client, null), 401, Reasons.TokenTooLarge, Invalid);

            using (var update = new Update())
            {
                gate.Apply(update.Tenant(Method.Entra, Themes.LoadText("tenant.id"), false));
                Refused(users.Judge(Of(Bearer("user.jwt")), Client, null), 401, Reasons.TenantDisabled, Invalid);
            }
            Themes.Throws<ArgumentException>(() => new RequestJudge(gate, new JudgeOptions { Endpoint = "nowhere" }));
            Themes.Throws<ArgumentNullException>(() => new RequestJudge(null, new JudgeOptions()));
            Themes.Throws<ArgumentNullException>(() => new RequestJudge(gate, null));
            Themes.Is(devices.Judge(null, Client, null).HttpStatus, 503);
        }
        Windows();
        Senders();
        OurFaults();
    }

    /// <summary>Who sent it decides whom to listen to; whom it is for, whose wrong signatures are counted.</summary>
    private static void Senders()
    {
        var forwarded = Of("Client-Cert: :" + Convert.ToBase64String(Themes.Load("pc7.der")) + ":");
        const string Nothing = "Bearer realm=\"tollgate\"";
        using (var gate = Themes.Open())
        using (var pc7 = Peer.FromPem(Themes.Load("pc7.pem")))
        {
            var behind = new RequestJudge(gate, new JudgeOptions { Certificates = CertificateSource.Headers });
            Admitted(behind.Judge(forwarded, Sender.Of(Proxy), Client, null), "pki:corp:dns:pc7.contoso.com");
            Admitted(behind.Judge(forwarded, Sender.UnixSocket, Client, null), "pki:corp:dns:pc7.contoso.com");
            // X-Forwarded-For: 127.0.0.1 makes nobody a proxy.
            Refused(behind.Judge(forwarded, Sender.Of(Client), Proxy, null), 401, Reasons.SenderNotTrusted, Nothing);
            // The proxy's own certificate is not the client's, least of all where the client has none.
            Refused(behind.Judge(Of(), Sender.Of(Proxy), Client, pc7), 401, Reasons.NoCredential, Nothing);

            // Without an address it is nobody's whom one would listen to; who has no certificate is not asked.
            var decision = behind.Judge(forwarded, default(Sender), Client, null);
            Themes.Is(decision.HttpStatus, 503);
            Themes.Expect(decision.Refusal.Contains("JudgeOptions.Sender") && !decision.IsAdmitted);
            Refused(behind.Judge(Of(), default(Sender), Client, null), 401, Reasons.NoCredential, Nothing);
            var socket = new JudgeOptions { Certificates = CertificateSource.Headers, Sender = Sender.UnixSocket };
            Admitted(new RequestJudge(gate, socket).Judge(forwarded, null, null), "pki:corp:dns:pc7.contoso.com");
            Refused(new RequestJudge(gate, socket).Judge(forwarded, Client, null), 401, Reasons.SenderNotTrusted, Nothing);

            // Where there is no proxy, a header is whatever the client writes.
            var direct = new RequestJudge(gate, new JudgeOptions());
            Refused(direct.Judge(forwarded, Proxy, null), 401, Reasons.NoCredential, Nothing);
            Admitted(direct.Judge(forwarded, Client, pc7), "pki:corp:dns:pc7.contoso.com");
            var nowhere = new RequestJudge(gate, new JudgeOptions { Certificates = CertificateSource.Nowhere });
            Refused(nowhere.Judge(forwarded, Proxy, pc7), 401, Reasons.NoCredential, Nothing);
        }
    }

    private static void Windows()
    {
        var toml = Themes.LoadText("tollgate.toml").Replace("scenarios = ", "windows = \"required\"\nscenarios = ");
        using (var gate = Gate.FromText(toml, Themes.Folder))
        {
            var judge = new RequestJudge(gate, new JudgeOptions { Scenario = Scenario.User, WindowsHeader = "X-Windows" });
            Themes.Expect(judge.Judge(Of(Bearer("user.jwt"), "x-windows: 10.0.19045"), Client, null).IsAdmitted);
            foreach (var unknown in new[] { "X-Windows: ten", "X-Other: 10.0.19045", "X-Windows: " })
            {
                Refused(judge.Judge(Of(Bearer("user.jwt"), unknown), Client, null), 403, Reasons.WindowsUnknown, null);
            }
            Refused(judge.Judge(Of(Bearer("user.jwt"), "X-Windows: 6.1"), Client, null), 403, Reasons.WindowsTooOld, null);
            var twice = Of(Bearer("user.jwt"), "X-Windows: 10.0", "X-Windows: 10.0");
            Refused(judge.Judge(twice, Client, null), 403, Reasons.WindowsUnknown, null);
        }
    }

    /// <summary>Never told to a client as its fault, and never admitted.</summary>
    private static void OurFaults()
    {
        var gate = Themes.Open();
        var judge = new RequestJudge(gate, new JudgeOptions { Scenario = Scenario.User });
        gate.Dispose();
        var decision = judge.Judge(Of(Bearer("user.jwt")), Client, null);
        Themes.Expect(!decision.IsAdmitted && decision.Identity == null);
        Themes.Is(decision.HttpStatus, 503);
        Themes.Is(decision.RetryAfter, "1");
        Themes.Expect(decision.Challenge == null && decision.Refusal.StartsWith("no verdict: "));
        Themes.Is(decision.RefusalLevel, LogLevel.Error);
        Themes.Is(decision.IdentityHeaders().Count, 0);

        // A budget that is spent is class 6000.
        var toml = "[limits]\nsource_checks = 1\nsource_checks_per_s = 1\n";
        using (gate = Gate.FromText(Themes.LoadText("tollgate.toml") + toml, Themes.Folder))
        {
            judge = new RequestJudge(gate, new JudgeOptions { Scenario = Scenario.User });
            for (var n = 0; n < 40; n++)
            {
                var token = Bearer("user.jwt");
                decision = judge.Judge(Of(token.Substring(0, token.Length - 8) + "AAAA" + (char)('A' + n % 26) + "AAA"), Client, null);
                if (decision.HttpStatus == 503)
                {
                    break;
                }
            }
            Themes.Is(decision.Verdict.Status.Number, Reasons.BudgetSpent);
            Themes.Is(decision.RefusalLevel, LogLevel.Warning);
        }
    }

    private static void Admitted(Decision decision, string id)
    {
        Themes.Expect(decision.IsAdmitted);
        Themes.Expect(decision.Identity.Id.StartsWith(id));
        Themes.Is(decision.HttpStatus, 200);
        Themes.Expect(decision.Challenge == null && decision.RetryAfter == null && decision.Refusal == "");
        Themes.Expect(decision.IdentityHeaders().Count >= 10);
    }

    private static void Refused(Decision decision, int httpStatus, int reason, string challenge)
    {
        Themes.Is(decision.Verdict.Status.Number, reason);
        Themes.Is(decision.HttpStatus, httpStatus);
        Themes.Is(decision.Challenge, challenge);
        Themes.Expect(!decision.IsAdmitted && decision.Identity == null);
        Themes.Expect(decision.Refusal.Contains("(" + reason + ")"));
        Themes.Is(decision.RefusalLevel, LogLevel.Notice);
        Themes.Is(decision.IsNothingPresented, reason == Reasons.NoCredential);
    }

    private static string Bearer(string file)
    {
        return "Authorization: Bearer " + Themes.LoadText(file);
    }

    private static string Pem(string file)
    {
        var lines = Themes.LoadText(file).Split('\n');
        return string.Concat(Array.FindAll(lines, line => !line.StartsWith("-----")));
    }

    private static KeyValuePair<string, string>[] Of(params string[] lines)
    {
        return Array.ConvertAll(lines, line =>
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            return new KeyValuePair<string, string>(line.Substring(0, colon), line.Substring(colon + 2));
        });
    }
}

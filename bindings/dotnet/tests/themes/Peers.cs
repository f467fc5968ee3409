// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tollgate;

/// <summary>Certificates of a connection, and of a header.</summary>
internal static class Peers
{
    internal static void Run()
    {
        var der = Themes.Load("pc7.der");
        var none = default(ReadOnlySpan<byte>);
        using (var gate = Themes.Open())
        using (var scratch = new Scratch())
        {
            foreach (var peer in new[]
            {
                Peer.FromPem(Themes.Load("pc7.pem")), Peer.FromPem(der), Peer.FromChain(new[] { der }),
#if !NETCOREAPP3_1
                // .NET Core 3.1 wants a release of OpenSSL that is gone.
                Peer.FromCertificate(new X509Certificate2(der)),
#endif
            })
            {
                Themes.Expect(!peer.IsRefused);
                Themes.Is(peer.Thumbprint().Length, 32);
#if !NETCOREAPP3_1
                Themes.Is(Hex(peer.Thumbprint()), Hex(SHA256.Create().ComputeHash(der)));
#endif
                var answer = gate.Check(scratch, none, peer, default(Ask));
                Themes.Is(answer.Id, "pki:corp:dns:pc7.contoso.com");
                Themes.Is(answer.Verdict.Method, Method.Pki);
                peer.Dispose();
            }
            using (var bound = Peer.FromPem(Themes.Load("laptop9.pem")))
            {
                var answer = gate.Check(scratch, Themes.Load("laptop9.jwt"), bound, default(Ask));
                Themes.Is(answer.Id, "site:" + Themes.LoadText("site.id") + ":" + Themes.LoadText("client.id"));
                Themes.Expect(answer.Verdict.IsBound);
            }
            using (var beside = Peer.FromPem(Themes.Load("pc7.pem")))
            {
                var answer = gate.Check(scratch, Themes.Load("user.jwt"), beside, Themes.User);
                Themes.Expect(answer.Verdict.HasCertificate);
                Themes.Is(answer.Identify().Certificate, "pki:corp:dns:pc7.contoso.com");
            }
            Broken(gate);
            FromHeaders(gate, der);
        }
    }

    /// <summary>What cannot be read is a peer that refuses; what a host does wrong throws.</summary>
    private static void Broken(Gate gate)
    {
        var token = Themes.Load("user.jwt");
        foreach (var broken in new[]
        {
            Peer.FromPem(Encoding.ASCII.GetBytes("nonsense")), Peer.FromChain(new[] { new byte[] { 1, 2, 3 } }),
            Peer.FromChain(Hundred()), Peer.FromChain(new[] { new byte[70000] }),
        })
        {
            Themes.Expect(broken.IsRefused && broken.Status.Number >= 1000);
            Themes.Expect(broken.Thumbprint() == null);
            Themes.Is(gate.Check(token, broken, Themes.User).Status.Number, broken.Status.Number);
            broken.Dispose();
        }
        Themes.Throws<ArgumentNullException>(() => Peer.FromChain(null));
        Themes.Throws<ArgumentException>(() => Peer.FromChain(new byte[][] { null }));
        Themes.Throws<ArgumentNullException>(() => Peer.FromCertificate(null));
    }

    private static byte[][] Hundred()
    {
        var chain = new byte[100][];
        for (var at = 0; at < chain.Length; at++)
        {
            chain[at] = new byte[] { 0x30, 0 };
        }
        return chain;
    }

    private static void FromHeaders(Gate gate, byte[] der)
    {
        var value = ":" + Convert.ToBase64String(der) + ":";
        var header = new[] { new KeyValuePair<string, string>("client-cert", value) };
        var none = default(ReadOnlySpan<byte>);
        foreach (var proxy in new[] { "127.0.0.1", "::ffff:127.0.0.1", "unix" })
        {
            using (var peer = gate.PeerFromHeaders(Sender.Parse(proxy), header))
            {
                Themes.Expect(gate.Check(none, peer, default(Ask)).IsAdmitted);
            }
        }
        // An address that nobody wrote is nobody's, not that of a unix socket.
        foreach (var unknown in new[] { default(Sender), Sender.Of(null), Sender.Parse(""), Sender.Parse(null) })
        {
            Themes.Expect(!unknown.IsKnown && !unknown.IsUnixSocket);
            Themes.Throws<ArgumentException>(() => gate.PeerFromHeaders(unknown, header));
        }
        Themes.Throws<ArgumentException>(() => Sender.Parse("Unix"));
        using (var peer = gate.PeerFromHeaders(Sender.Parse("127.0.0.2"), header))
        {
            Themes.Is(peer.Status.Number, Reasons.SenderNotTrusted);
            Themes.Is(gate.Check(none, peer, default(Ask)).Status.Number, Reasons.SenderNotTrusted);
        }
        using (var peer = gate.PeerFromHeaders(Sender.UnixSocket, new[] { header[0], header[0] }))
        {
            Themes.Is(peer.Status.Number, Reasons.CertificateTwice);
        }
        using (var peer = gate.PeerFromHeaders(Sender.UnixSocket, new[] { new KeyValuePair<string, string>("Client-Cert", "\ud800\u0141") }))
        {
            Themes.Is(peer.Status.Number, Reasons.CertificateHeader);
        }
        Themes.Expect(gate.PeerFromHeaders(Sender.UnixSocket, new KeyValuePair<string, string>[0]) == null);
        Themes.Expect(gate.PeerFromHeaders(Sender.UnixSocket, new[] { new KeyValuePair<string, string>(null, null) }) == null);
        using (var peer = gate.PeerFromHeaders(Sender.UnixSocket, new KeyValuePair<string, string>[5000]))
        {
            Themes.Is(peer.Status.Number, Reasons.ChainTooLarge);
        }
    }

#if !NETCOREAPP3_1
    private static string Hex(byte[] bytes)
    {
        return BitConverter.ToString(bytes);
    }
#endif
}

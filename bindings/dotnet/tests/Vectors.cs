// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Replays the cases that the driver wrote (tests/vectors/fields.rs), by check, explain and batch. Each that differs is
// printed; the last line says how many there were.

using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Text;
using Tollgate;

internal static class Vectors
{
    private static byte[] bytes;
    private static int next;
    private static int replayed;
    private static int differences;

    /// <summary>The case at whose second nothing stands: 0 means now in an ask, so the clock has to say it.</summary>
    private static bool isForced;

    private sealed class Case
    {
        internal string name, reason, type, principal;
        internal byte[] token;
        internal Peer peer;
        internal Ask ask;
        internal long now, status, expires;
    }

    private static int Main(string[] arguments)
    {
        bytes = File.ReadAllBytes(Path.Combine(arguments[0], "cases"));
        while (next < bytes.Length)
        {
            Replay(Text(), (int)Number());
        }
        Console.WriteLine("replayed " + replayed + " cases, " + differences + " differences");
        return differences > 0 ? 1 : 0;
    }

    private static void Replay(string folder, int count)
    {
        var options = new GateOptions { Clock = Time };
        using (var gate = Gate.FromFile(Path.Combine(folder, "tollgate.toml"), options))
        using (var scratch = new Scratch())
        using (var batch = new Batch())
        {
            var cases = new List<Case>();
            for (var n = 0; n < count; n++)
            {
                var one = Read(gate);
                cases.Add(one);
                isForced = one.now == 0;
                Compare(one, "check", gate.Check(one.token, one.peer, one.ask));
                var answer = gate.Check(scratch, one.token, one.peer, one.ask);
                Compare(one, "check with texts", answer.Verdict);
                CompareTexts(one, "check", answer);
                var explained = gate.Explain(one.token, one.peer, one.ask);
                Differs(one, "explain", explained.Status.Number, one.status);
                Differs(one, "explain: has lines", explained.Lines.Length > 8, true);
                isForced = false;
                replayed++;
            }
            foreach (var one in cases)
            {
                var ask = one.ask;
                // Second 0 cannot be said in an ask, and a batch has one clock: the second before is as good.
                ask.At = new Moment(one.now == 0 ? -1 : one.now, 0);
                batch.Add(one.token, one.peer, ask);
            }
            batch.Check(gate);
            for (var n = 0; n < count; n++)
            {
                Compare(cases[n], "batch", batch[n]);
                CompareTexts(cases[n], "batch", batch.Answer(n));
            }
            foreach (var one in cases)
            {
                if (one.peer != null)
                {
                    one.peer.Dispose();
                }
            }
        }
    }

    private static Case Read(Gate gate)
    {
        var one = new Case { name = Text() };
        one.ask = new Ask(new Endpoint(Text()), (Scenario)Number());
        var windows = Text();
        WindowsVersion version;
        if (windows != null)
        {
            Differs(one, "reads the Windows version", WindowsVersion.TryParse(windows, out version), true);
            one.ask.Windows = version;
        }
        one.now = Number();
        one.ask.At = new Moment(one.now, 0);
        one.token = Field();
        var pem = Field();
        if (pem != null)
        {
            one.peer = Peer.FromPem(pem);
        }
        var address = Field();
        var headers = new KeyValuePair<string, string>[Number()];
        for (var n = 0; n < headers.Length; n++)
        {
            headers[n] = new KeyValuePair<string, string>(Text(), Text());
        }
        if (headers.Length > 0)
        {
            var proxy = address == null || address.Length == 0 ? Sender.UnixSocket : Sender.Of(new IPAddress(address));
            one.peer = gate.PeerFromHeaders(proxy, headers);
        }
        one.status = Number();
        one.reason = Text();
        one.type = Text();
        one.principal = Text();
        one.expires = Number();
        return one;
    }

    private static void Compare(Case one, string way, Verdict verdict)
    {
        Differs(one, way, verdict.Status.Number, one.status);
        Differs(one, way + ": admitted", verdict.IsAdmitted, one.status == 1);
        Differs(one, way + ": end", verdict.ExpiresUnixSeconds, one.expires);
        Differs(one, way + ": reason", verdict.Status.Name, one.reason);
        Differs(one, way + ": class", verdict.Status.Class, one.type);
        Differs(one, way + ": HTTP status", verdict.HttpStatus, verdict.Status.HttpStatus);
    }

    private static void CompareTexts(Case one, string way, Answer answer)
    {
        Differs(one, way + ": principal", answer.Id, one.principal ?? "");
        Differs(one, way + ": has a refusal", answer.Refusal.Length > 0, one.status != 1);
        var identity = answer.Identify();
        Differs(one, way + ": identity", identity == null ? "" : identity.Id, one.principal ?? "");
    }

    private static void Differs<T>(Case one, string what, T found, T wanted)
    {
        if (!Equals(found, wanted))
        {
            differences++;
            Console.WriteLine(one.name + ": " + what + " is " + found + ", expected " + wanted);
        }
    }

    private static Moment Time()
    {
        var now = (DateTime.UtcNow - new DateTime(1970, 1, 1)).Ticks / TimeSpan.TicksPerMillisecond;
        return new Moment(isForced ? 0 : now / 1000, (ulong)now);
    }

    private static byte[] Field()
    {
        var length = BitConverter.ToInt64(bytes, next);
        next += 8;
        if (length < 0)
        {
            return null;
        }
        var field = new byte[length];
        Array.Copy(bytes, next, field, 0, length);
        next += (int)length;
        return field;
    }

    private static string Text()
    {
        var field = Field();
        return field == null ? null : Encoding.UTF8.GetString(field);
    }

    private static long Number()
    {
        return long.Parse(Text());
    }
}

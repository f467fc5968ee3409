// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Linq;
using System.Text;
using Tollgate;
using Tollgate.Http;

/// <summary>What every server has to do with headers, whatever server it is.</summary>
internal static class Headers
{
    internal static void Run()
    {
        Bearers();
        ReservedNames();
        Encoded();
    }

    private static void Bearers()
    {
        foreach (var scheme in new[] { "Bearer ", "bearer ", "BEARER ", "beAreR    " })
        {
            Themes.Is(BearerToken.Of(new[] { scheme + "a.b.c" }), "a.b.c");
            Themes.Is(BearerToken.Of(new[] { scheme + "a.b.c  " }), "a.b.c");
        }
        foreach (var other in new[] { "", "Basic dTpw", "Bearers x", "Bear", "B", "a.b.c", "Bearer:x", "Bearer\u00e4", " Bearer x", null })
        {
            Themes.Expect(BearerToken.Of(new[] { other }) == null);
        }
        // Ours and broken: never taken for nothing.
        foreach (var broken in new[] { "Bearer", "Bearer ", "Bearer   ", "Bearer\ta.b.c", "Bearer\n" })
        {
            Themes.Is(BearerToken.Of(new[] { broken }), broken);
        }
        Themes.Is(BearerToken.Of(new[] { "Bearer a b" }), "a b");
        Themes.Is(BearerToken.Of(new[] { "Bearer a,Bearer b" }), "a,Bearer b");
        Themes.Expect(BearerToken.Of(null) == null && BearerToken.Of(new string[0]) == null);
        // Of two none counts, not even twice the same, nor one of another scheme.
        Themes.Is(BearerToken.Of(new[] { "Bearer a.b.c", "Bearer a.b.c" }), "two credentials");
        Themes.Is(BearerToken.Of(new[] { "Basic x", "Bearer a.b.c" }), "two credentials");
    }

    private static void ReservedNames()
    {
        foreach (var ours in new[]
        {
            "X-Tollgate-Id", "x-tollgate", "X_TOLLGATE_ID", "x.tollgate-user", "X-TOLLGATEX", "x tollgate-id", "X\u00e4Tollgate-Id",
            "x-tollgate-anything", "X-Tollgate_Claim.name",
        })
        {
            Themes.Expect(ReservedHeaders.IsReserved(ours));
        }
        foreach (var other in new[] { null, "", "x", "X-Toll", "XTollgate-Id", "X1Tollgate-Id", "Tollgate-Id", "X-X-Tollgate-Id", "X-Tollgat" })
        {
            Themes.Expect(!ReservedHeaders.IsReserved(other));
        }
    }

    private static void Encoded()
    {
        foreach (var pair in new[]
        {
            new[] { "a\r\nX-Evil: 1", "a%0D%0AX-Evil: 1" }, new[] { "a\0b", "a%00b" }, new[] { "100%", "100%25" },
            new[] { "Müller", "M%C3%BCller" }, new[] { " ends ", "%20ends%20" }, new[] { " ", "%20" }, new[] { "", "" },
            new[] { "a\u007f\u009b31m", "a%7F%C2%9B31m" }, new[] { "tab\there \"q\" \\", "tab%09here \"q\" \\" },
            new[] { null, "" }, new[] { "\ud83d\ude00", "%F0%9F%98%80" },
        })
        {
            Themes.Is(ReservedHeaders.Encode(pair[0]), pair[1]);
        }
        using (var gate = Gate.FromText(
            Themes.LoadText("tollgate.toml").Replace("\"email\", \"groups\"]", "\"groups\", \"email\", \"e-mail\"]"), Themes.Folder))
        using (var scratch = new Scratch())
        {
            var identity = gate.Check(scratch, Themes.Load("workforce.jwt"), null, Themes.User).Identify();
            var headers = ReservedHeaders.Of(identity, Scenario.User).ToDictionary(header => header.Key, header => header.Value);
            Themes.Is(headers["X-Tollgate-Id"], "oidc:workforce:somebody");
            Themes.Is(headers["X-Tollgate-Method"], "oidc");
            Themes.Is(headers["X-Tollgate-Scenario"], "user");
            Themes.Is(headers["X-Tollgate-Tenant"], "");
            Themes.Is(headers["X-Tollgate-Bound"], "false");
            Themes.Is(headers["X-Tollgate-Claim-groups"], "[\"a\",\"b\"]");
            Themes.Is(headers["X-Tollgate-Claim-email"], "somebody@example.org");
            Themes.Is(headers.Count, 12);
            Themes.Expect(headers.Keys.All(ReservedHeaders.IsReserved));
            Themes.Throws<ArgumentNullException>(() => ReservedHeaders.Of(null, Scenario.User));
        }
    }
}

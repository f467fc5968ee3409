// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Security.Claims;
using Tollgate;
using Tollgate.Http;

/// <summary>A verdict as ASP.NET has users.</summary>
internal static class Principals
{
    internal static void Run()
    {
        var toml = Themes.LoadText("tollgate.toml")
            .Replace("\"email\", \"groups\"]", "\"email\", \"groups\", \"sub\", \"exp\", \"iss\", \"roles\", \"scp\", "
                + "\"preferred_username\", \"OID\"]");
        using (var gate = Gate.FromText(toml, Themes.Folder))
        using (var scratch = new Scratch())
        {
            var user = gate.Check(scratch, Themes.Load("user.jwt"), null, Themes.User).Identify();
            var principal = user.ToPrincipal();
            Themes.Expect(principal.Identity.IsAuthenticated);
            Themes.Is(principal.Identity.AuthenticationType, "tollgate");
            Themes.Is(principal.Identity.Name, user.Id);
            Themes.Is(principal.FindFirst(ClaimTypes.NameIdentifier).Value, user.Id);
            Themes.Is(principal.FindFirst(ClaimNames.Tenant).Value, Themes.LoadText("tenant.id"));
            Themes.Is(principal.FindFirst(ClaimNames.User).Value, Themes.LoadText("user.id"));
            Themes.Is(principal.FindFirst(ClaimNames.Device).Value, Themes.LoadText("user-device.id"));
            Themes.Is(principal.FindFirst(ClaimNames.Method).Value, "entra");
            Themes.Is(principal.FindFirst(ClaimNames.Kind).Value, "user");
            Themes.Is(principal.FindFirst(ClaimNames.Bound).Value, "false");
            Themes.Is(principal.FindFirst(ClaimNames.Expires).Value, user.ExpiresUnixSeconds.ToString());
            Themes.Is(principal.FindFirst(ClaimNames.Authority).Issuer, user.Authority);
            Themes.Is(principal.FindFirst("scp").Value, "access_as_user");

            var somebody = gate.Check(scratch, Themes.Load("workforce.jwt"), null, Themes.User).Identify();
            principal = somebody.ToPrincipal("Bearer");
            Themes.Is(principal.FindFirst("email").Value, "somebody@example.org");
            Themes.Is(string.Join(" ", principal.FindAll("groups").Select(claim => claim.Value)), "a b");
            Themes.Is(principal.Identity.AuthenticationType, "Bearer");
            Themes.Expect(principal.IsInRole("reader") && principal.IsInRole("writer") && !principal.IsInRole("owner"));
            Themes.Expect(principal.FindFirst("roles") == null);
            Themes.Expect(principal.FindFirst(ClaimNames.User) == null && principal.FindFirst(ClaimNames.Tenant) == null);
            // Forwarded as well, and said by the gate alone.
            Themes.Is(principal.FindAll("sub").Count(), 1);
            Themes.Is(principal.FindAll("iss").Count(), 1);
            Themes.Is(principal.FindAll("exp").Count(), 1);
            Themes.Throws<ArgumentException>(() => somebody.ToPrincipal(""));
            // A text that looks like a list is a text: its claim must not become that of an alice.
            Themes.Is(principal.FindAll("preferred_username").Single().Value, "[\"alice\"]");
            // Claims are looked for in any letter case.
            Themes.Expect(somebody.Claims.Any(claim => claim.Key == "OID") && principal.FindFirst("oid") == null);
            Chosen();
        }
        Lists();
        Members();
    }

    /// <summary>Of several decisions on a request the one by which its user is who it is.</summary>
    private static void Chosen()
    {
        using (var gate = Themes.Open())
        {
            var judge = new RequestJudge(gate, new JudgeOptions { Scenario = Scenario.User });
            var user = judge.Judge(Bearer("user.jwt"), null, null);
            var somebody = judge.Judge(Bearer("workforce.jwt"), null, null);
            var refused = judge.Judge(Bearer("expired.jwt"), null, null);
            var decisions = new Decisions();
            Themes.Expect(decisions.Of(user.Identity.ToPrincipal("A")) == null);
            decisions.Keep("A", user);
            decisions.Keep("B", somebody);
            // Decided last, and authorised nobody.
            decisions.Keep("C", refused);
            Themes.Expect(decisions.Of(user.Identity.ToPrincipal("A")) == user);
            Themes.Expect(decisions.Of(somebody.Identity.ToPrincipal("B")) == somebody);
            Themes.Expect(decisions.Of(somebody.Identity.ToPrincipal("A")) == null);
            Themes.Expect(decisions.Of(somebody.Identity.ToPrincipal("C")) == null);
            Themes.Expect(decisions.Of(somebody.Identity.ToPrincipal("Cookies")) == null);
            Themes.Expect(decisions.Of(null) == null && decisions.Of(new ClaimsPrincipal(new ClaimsIdentity())) == null);
            var both = new ClaimsPrincipal(new ClaimsIdentity("Cookies"));
            both.AddIdentities(somebody.Identity.ToPrincipal("B").Identities);
            both.AddIdentities(user.Identity.ToPrincipal("A").Identities);
            Themes.Expect(decisions.Of(both) == somebody);
            Themes.Throws<ArgumentNullException>(() => decisions.Keep(null, user));
            Themes.Throws<ArgumentNullException>(() => decisions.Keep("A", null));
        }
    }

    private static KeyValuePair<string, string>[] Bearer(string file)
    {
        return new[] { new KeyValuePair<string, string>("Authorization", "Bearer " + Themes.LoadText(file)) };
    }

    /// <summary>Which members of an object are lists, and nothing that only looks like one.</summary>
    private static void Members()
    {
        Themes.Is(Lists("{}"), "");
        Themes.Is(Lists("{\"a\":[]}"), "a");
        Themes.Is(Lists(" { \"a\" : [ 1 , [2], {\"x\":[3]} ] , \"b\":\"[4]\", \"c\":{\"d\":[5]}, \"e\":-1.5e3, \"f\" : [\"]\"]}"), "a|f");
        Themes.Is(Lists("{\"\\u0061\":[],\"b\":null,\"c\\\"\":[\",\\\"\"]}"), "a|c\"");
        Themes.Is(Lists("{\"a\":\",\\\"b\\\":[]\",\"c\":[1]}"), "c");
        foreach (var none in new[] { "", "[", "[\"a\"]", "{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":[", "{\"a\":[\"" })
        {
            Themes.Is(Lists(none), "");
        }
    }

    private static string Lists(string json)
    {
        var type = typeof(Gate).Assembly.GetType("Tollgate.JsonTexts", true);
        var lists = type.GetMethod("Lists", BindingFlags.Static | BindingFlags.NonPublic);
        return string.Join("|", (IEnumerable<string>)lists.Invoke(null, new object[] { json }));
    }

    /// <summary>A list of texts, and everything that only looks like one.</summary>
    private static void Lists()
    {
        Themes.Is(Read("[]"), "");
        Themes.Is(Read("[\"a\"]"), "a");
        Themes.Is(Read(" [ \"a\" ,\t\"b\" ] "), "a|b");
        Themes.Is(Read("[\"\\u0041\\\"\\\\\\/\\n\\ud83d\\ude00\"]"), "A\"\\/\n\ud83d\ude00");
        Themes.Is(Read("[\"a,b\",\"]\"]"), "a,b|]");
        foreach (var other in new[]
        {
            "", "a", "[", "]", "[\"a\"", "[\"a\",]", "[,]", "[1]", "[\"a\",1]", "[[\"a\"]]", "{\"a\":1}", "\"a\"", "[\"a\"]x",
            "[\"\\x\"]", "[\"\\u12\"]", "[\"\\u12g4\"]", "[\"\\", "[\"\n\"]", "[\"a\" \"b\"]", "null", "[null]", "['a']",
        })
        {
            Themes.Expect(Read(other) == null);
        }
    }

    private static string Read(string json)
    {
        var type = typeof(Gate).Assembly.GetType("Tollgate.JsonTexts", true);
        var read = type.GetMethod("Read", BindingFlags.Static | BindingFlags.NonPublic);
        var texts = (List<string>)read.Invoke(null, new object[] { json });
        return texts == null ? null : string.Join("|", texts);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System.Net;
using Tollgate;

/// <summary>What nobody wrote reads as refused; numbers are what the library says they are.</summary>
internal static class Types
{
    internal static void Run()
    {
        var zeroed = default(Verdict);
        Themes.Expect(!zeroed.IsAdmitted);
        Themes.Is(zeroed.HttpStatus, 503);
        Themes.Is(zeroed.Status.Number, 0);
        Themes.Expect(!zeroed.Status.IsAdmitted);
        Themes.Is(zeroed.Status.HttpStatus, 503);
        Themes.Is(zeroed.Status.Class, "fault");
        Themes.Is(zeroed.Kind, Kind.Nobody);
        Themes.Is(zeroed.Method, Method.Unknown);
        Themes.Expect(zeroed.Tenant == null && zeroed.User == null && zeroed.Device == null);
        Themes.Expect(!new Verdict[3][2].IsAdmitted);
        Themes.Expect(!default(Answer).IsAdmitted && default(Answer).Identify() == null);
        Themes.Throws<System.InvalidOperationException>(() => { var text = default(Answer).Id; });
        Themes.Expect(!default(Explanation).Status.IsAdmitted);

        var expired = new Status(Reasons.Expired);
        Themes.Is(expired.ToString(), "expired (3001)");
        Themes.Is(expired.Class, "untimely");
        Themes.Is(expired.HttpStatus, 401);
        Themes.Expect(expired.Sentence.Length > 0 && expired.Remedy.Length > 0);
        Themes.Expect(expired == new Status(3001) && expired != new Status(1) && expired.Equals((object)new Status(3001)));
        Themes.Is(new Status(1).Name, "admitted");
        Themes.Is(new Status(int.MinValue).HttpStatus, 503);
        Themes.Is(new Status(99999).Name, "unknown");

        WindowsVersion version;
        Themes.Expect(WindowsVersion.TryParse("10.0.19045", out version));
        Themes.Expect(!WindowsVersion.TryParse("ten", out version));
        Themes.Expect(!WindowsVersion.TryParse("", out version));
        Themes.Expect(!WindowsVersion.TryParse(null, out version));
        Themes.Expect(Source.Of(IPAddress.Parse("::ffff:10.1.2.3")).Equals(Source.Of(IPAddress.Parse("10.1.2.3"))));
        Themes.Expect(Source.Of(IPAddress.Parse("2001:db8::1")).Equals(Source.Of(IPAddress.Parse("2001:db8::2"))));
        Themes.Expect(!Source.Of(IPAddress.Parse("10.1.2.3")).Equals(default(Source)));
        Themes.Expect(Gate.LibraryVersion.StartsWith("0.1."));
    }
}

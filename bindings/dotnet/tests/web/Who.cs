// SPDX-License-Identifier: MIT OR Apache-2.0

using System.Linq;
using System.Reflection;
using System.Security.Claims;
using System.Threading;
using System.Web;
using System.Web.Hosting;
using Tollgate.AspNet;

/// <summary>An application behind the module: tells who it thinks is there, and what a client's headers look like to it.</summary>
public sealed class Who : IHttpHandler
{
    /// <summary>One for all requests.</summary>
    public bool IsReusable
    {
        get { return true; }
    }

    /// <summary>Lines of text.</summary>
    public void ProcessRequest(HttpContext http)
    {
        var decision = TollgateModule.DecisionOf(http);
        http.Response.ContentType = "text/plain";
        if (http.Request.Path == "/stop")
        {
            Stop();
            http.Response.Write("stopped\n");
            return;
        }
        http.Response.Write("decision=" + (decision == null ? "none" : decision.Identity.Id) + "\n");
        http.Response.Write("user=" + (http.User == null ? "" : http.User.Identity.Name) + "\n");
        http.Response.Write("thread=" + Thread.CurrentPrincipal.Identity.Name + "\n");
        var principal = http.User as ClaimsPrincipal;
        if (principal != null)
        {
            foreach (var claim in principal.Claims.Where(one => one.Type == "groups"))
            {
                http.Response.Write("group=" + claim.Value + "\n");
            }
        }
        foreach (var name in http.Request.Headers.AllKeys)
        {
            http.Response.Write("header=" + name + "\n");
        }
    }

    /// <summary>As the server does when it begins to end the application.</summary>
    private static void Stop()
    {
        var gate = typeof(TollgateModule).Assembly.GetType("Tollgate.AspNet.ModuleGate", true);
        var current = gate.GetField("current", BindingFlags.Static | BindingFlags.NonPublic).GetValue(null);
        ((IRegisteredObject)current).Stop(false);
    }
}

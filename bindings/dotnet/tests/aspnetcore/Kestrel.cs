// SPDX-License-Identifier: MIT OR Apache-2.0

using System.Threading.Tasks;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Tollgate;
using Tollgate.Http;

/// <summary>
/// An application behind Kestrel: `Kestrel tollgate.toml PORT METRICS_PORT` tells who it thinks is there. All.sh runs it;
/// where there is no SDK it is compiled against declarations alone.
/// </summary>
internal static class Kestrel
{
    private static void Main(string[] arguments)
    {
        var file = arguments[0];
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:" + arguments[1], "http://127.0.0.1:" + arguments[2]);
        builder.Services.AddAuthentication("Users")
            .AddTollgate(options => Set(options, file, Scenario.User, CertificateSource.Connection), "Users")
            .AddTollgate(options => Set(options, file, Scenario.Device, CertificateSource.Headers), "Devices");
        builder.Services.AddAuthorization();
        var application = builder.Build();

        // As wrong as it can be: whatever anybody says of the client's address is believed.
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor };
        forwarded.KnownNetworks.Clear();
        forwarded.KnownProxies.Clear();
        application.UseForwardedHeaders(forwarded);
        application.UseAuthentication();
        application.UseAuthorization();
        application.UseTollgateHeaders();
        application.MapGet("/open", new RequestDelegate(Who));
        application.MapGet("/user", new RequestDelegate(Who)).RequireAuthorization(new AuthorizeAttribute());
        application.MapGet("/device", new RequestDelegate(Who))
            .RequireAuthorization(new AuthorizeAttribute { AuthenticationSchemes = "Devices" });
        application.MapTollgateMetrics("/metrics", int.Parse(arguments[2]), file);
        application.Run();
    }

    private static void Set(Tollgate.AspNetCore.TollgateOptions options, string file, Scenario scenario, CertificateSource certificates)
    {
        options.ConfigurationFile = file;
        options.Endpoint = "internet";
        options.Scenario = scenario;
        options.Certificates = certificates;
    }

    private static Task Who(HttpContext request)
    {
        return request.Response.WriteAsync(
            "user=" + request.User.Identity.Name + "\nid=" + string.Join(",", request.Request.Headers["X-Tollgate-Id"]) + "\n");
    }
}

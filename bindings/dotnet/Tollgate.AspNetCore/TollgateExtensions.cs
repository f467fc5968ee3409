// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Linq;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Tollgate.AspNetCore;
using Tollgate.Http;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Adds tollgate to an application.</summary>
    public static class TollgateExtensions
    {
        /// <summary>The scheme's name where none is given.</summary>
        public const string Scheme = "Tollgate";

        /// <summary>A scheme whose options are a section of the configuration: the names of <see cref="TollgateOptions"/>.</summary>
        public static AuthenticationBuilder AddTollgate(
            this AuthenticationBuilder builder, IConfiguration section, string scheme = Scheme)
        {
            return builder.AddTollgate(section.Bind, scheme);
        }

        /// <summary>A scheme. Clients' own X-Tollgate headers are taken out of all requests from then on, before anything reads them.</summary>
        public static AuthenticationBuilder AddTollgate(
            this AuthenticationBuilder builder, Action<TollgateOptions> configure, string scheme = Scheme)
        {
            builder.Services.TryAddSingleton<TollgateGates>();
            if (!builder.Services.Any(service => service.ServiceType == typeof(IStartupFilter) && service.ImplementationType == typeof(Arrival.Door)))
            {
                // Filters wrap each other in their order: before that of ASPNETCORE_FORWARDEDHEADERS_ENABLED, and IIS's.
                builder.Services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, Arrival.Door>());
            }
            builder.Services.AddSingleton<IHostedService>(services => new TollgateStart(
                scheme, services.GetRequiredService<IOptionsMonitor<TollgateOptions>>(), services.GetRequiredService<TollgateGates>()));
            return builder.AddScheme<TollgateOptions, TollgateHandler>(scheme, configure);
        }

        /// <summary>
        /// Sends backends the X-Tollgate headers of who was authorised: between UseAuthorization() and MapReverseProxy() (YARP).
        /// </summary>
        public static IApplicationBuilder UseTollgateHeaders(this IApplicationBuilder application)
        {
            return application.Use((request, next) =>
            {
                var decision = request.TollgateDecision();
                if (decision != null)
                {
                    foreach (var header in decision.IdentityHeaders())
                    {
                        request.Request.Headers[header.Key] = header.Value;
                    }
                }
                return next();
            });
        }

        /// <summary>
        /// The decision by which `HttpContext.User` is who it is; null where none is, as where another scheme was authorised.
        /// </summary>
        public static Decision TollgateDecision(this HttpContext request)
        {
            var decisions = request.Features.Get<Decisions>();
            return decisions == null ? null : decisions.Of(request.User);
        }

        /// <summary>The figures of a gate for Prometheus; for the operator, who keeps outsiders from the port.</summary>
        /// <param name="endpoints">The application.</param>
        /// <param name="pattern">As "/metrics".</param>
        /// <param name="port">
        /// The one TCP port at which it answers; elsewhere there is nothing (404). RequireHost("*:9145") would not do: it
        /// believes the client's Host header.
        /// </param>
        /// <param name="configurationFile">As <see cref="TollgateOptions.ConfigurationFile"/>.</param>
        public static IEndpointConventionBuilder MapTollgateMetrics(
            this IEndpointRouteBuilder endpoints, string pattern, int port, string configurationFile)
        {
            return endpoints.MapGet(pattern, request =>
            {
                if (request.Connection.LocalPort != port)
                {
                    request.Response.StatusCode = 404;
                    return System.Threading.Tasks.Task.CompletedTask;
                }
                var gates = request.RequestServices.GetRequiredService<TollgateGates>();
                request.Response.ContentType = "text/plain; version=0.0.4";
                return request.Response.WriteAsync(gates.Of(configurationFile).Metrics());
            });
        }
    }
}

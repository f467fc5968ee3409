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

        /// <summary>A scheme whose options are a section of the configuration: ConfigurationFile, Endpoint, Scenario, WindowsHeader.</summary>
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
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, StripReservedHeaders>());
            builder.Services.AddSingleton<IHostedService>(services => new TollgateStart(
                scheme, services.GetRequiredService<IOptionsMonitor<TollgateOptions>>(), services.GetRequiredService<TollgateGates>()));
            return builder.AddScheme<TollgateOptions, TollgateHandler>(scheme, configure);
        }

        /// <summary>
        /// Sends backends the X-Tollgate headers of who was admitted: between UseAuthorization() and MapReverseProxy() (YARP).
        /// </summary>
        public static IApplicationBuilder UseTollgateHeaders(this IApplicationBuilder application)
        {
            return application.Use((request, next) =>
            {
                var decision = request.Features.Get<Decision>();
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

        /// <summary>The figures of a gate for Prometheus. For the operator: keep it from outsiders.</summary>
        public static IEndpointConventionBuilder MapTollgateMetrics(
            this IEndpointRouteBuilder endpoints, string pattern, string configurationFile)
        {
            return endpoints.MapGet(pattern, request =>
            {
                var gates = request.RequestServices.GetRequiredService<TollgateGates>();
                request.Response.ContentType = "text/plain; version=0.0.4";
                return request.Response.WriteAsync(gates.Of(configurationFile).Metrics());
            });
        }

        /// <summary>First of all middleware.</summary>
        private sealed class StripReservedHeaders : IStartupFilter
        {
            public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
            {
                return application =>
                {
                    application.Use((request, rest) =>
                    {
                        foreach (var name in request.Request.Headers.Keys.Where(ReservedHeaders.IsReserved).ToArray())
                        {
                            request.Request.Headers.Remove(name);
                        }
                        return rest();
                    });
                    next(application);
                };
            }
        }
    }
}

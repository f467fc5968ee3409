// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What Tollgate.AspNetCore, and Kestrel.cs beside this, use of ASP.NET Core, declared and empty: enough for mcs to find a typing error, or a change
// of our own interface. Whether ASP.NET Core really is so, only its SDK can tell (all.sh).

using System;
using System.Collections;
using System.Collections.Generic;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.Primitives
{
    public abstract class StringValues : IEnumerable<string>
    {
        public static implicit operator StringValues(string value) { return null; }
        public abstract IEnumerator<string> GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() { return null; }
    }
}

namespace Microsoft.Extensions.Configuration
{
    public interface IConfiguration { }

    public static class ConfigurationBinder
    {
        public static void Bind(this IConfiguration section, object options) { }
    }
}

namespace Microsoft.Extensions.Logging
{
    public enum LogLevel { Information, Warning, Error }

    public interface ILogger { }

    public interface ILogger<T> : ILogger { }

    public interface ILoggerFactory { }

    public static class LoggerExtensions
    {
        public static void Log(this ILogger log, LogLevel level, string line, params object[] values) { }
        public static void LogError(this ILogger log, string line, params object[] values) { }
        public static void LogError(this ILogger log, Exception error, string line, params object[] values) { }
    }
}

namespace Microsoft.Extensions.Options
{
    public interface IOptionsMonitor<T>
    {
        T Get(string name);
    }
}

namespace Microsoft.Extensions.Hosting
{
    public interface IHostEnvironment
    {
        string ContentRootPath { get; }
    }

    public interface IHostedService
    {
        Task StartAsync(CancellationToken cancellation);
        Task StopAsync(CancellationToken cancellation);
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    public interface IServiceCollection : IList<ServiceDescriptor> { }

    public abstract class ServiceDescriptor
    {
        public abstract Type ServiceType { get; }
        public abstract Type ImplementationType { get; }
        public static ServiceDescriptor Singleton<TService, TImplementation>() { return null; }
    }

    public static class ServiceCollectionServiceExtensions
    {
        public static Microsoft.AspNetCore.Authentication.AuthenticationBuilder AddAuthentication(
            this IServiceCollection services, string scheme) { return null; }
        public static void AddAuthorization(this IServiceCollection services) { }
        public static void AddSingleton<T>(this IServiceCollection services, Func<IServiceProvider, T> make) { }
    }

    public static class ServiceProviderServiceExtensions
    {
        public static T GetRequiredService<T>(this IServiceProvider services) { return default(T); }
    }
}

namespace Microsoft.Extensions.DependencyInjection.Extensions
{
    public static class ServiceCollectionDescriptorExtensions
    {
        public static void TryAddSingleton<T>(this IServiceCollection services) { }
    }
}

namespace System.Text.Encodings.Web
{
    public abstract class UrlEncoder { }
}

namespace Microsoft.AspNetCore.Http.Features
{
    public interface IFeatureCollection
    {
        T Get<T>();
        void Set<T>(T feature);
    }

    public interface ITlsConnectionFeature
    {
        X509Certificate2 ClientCertificate { get; }
    }
}

namespace Microsoft.AspNetCore.Http
{
    public interface IHeaderDictionary : IDictionary<string, StringValues> { }

    public static class HeaderDictionaryExtensions
    {
        public static void Append(this IHeaderDictionary headers, string name, StringValues value) { }
    }

    public abstract class HttpRequest
    {
        public abstract IHeaderDictionary Headers { get; }
    }

    public abstract class HttpResponse
    {
        public abstract IHeaderDictionary Headers { get; }
        public abstract int StatusCode { get; set; }
        public abstract string ContentType { get; set; }
    }

    public abstract class ConnectionInfo
    {
        public abstract IPAddress RemoteIpAddress { get; }
        public abstract int LocalPort { get; }
    }

    public abstract class HttpContext
    {
        public abstract HttpRequest Request { get; }
        public abstract HttpResponse Response { get; }
        public abstract IFeatureCollection Features { get; }
        public abstract ConnectionInfo Connection { get; }
        public abstract IServiceProvider RequestServices { get; }
        public abstract ClaimsPrincipal User { get; }
    }

    public delegate Task RequestDelegate(HttpContext request);

    public static class HttpResponseWritingExtensions
    {
        public static Task WriteAsync(this HttpResponse response, string text) { return null; }
    }
}

namespace Microsoft.AspNetCore.Routing
{
    public interface IEndpointRouteBuilder { }
}

namespace Microsoft.AspNetCore.Builder
{
    public interface IApplicationBuilder { }

    public interface IEndpointConventionBuilder { }

    public static class UseExtensions
    {
        public static IApplicationBuilder Use(this IApplicationBuilder to, Func<HttpContext, Func<Task>, Task> step) { return to; }
    }

    public abstract class WebApplication : IApplicationBuilder, IEndpointRouteBuilder
    {
        public static WebApplicationBuilder CreateBuilder() { return null; }
        public abstract void Run();
    }

    public abstract class WebApplicationBuilder
    {
        public abstract IServiceCollection Services { get; }
        public abstract Microsoft.AspNetCore.Hosting.IWebHostBuilder WebHost { get; }
        public abstract WebApplication Build();
    }

    public class ForwardedHeadersOptions
    {
        public Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders ForwardedHeaders { get; set; }
        public IList KnownNetworks { get; }
        public IList KnownProxies { get; }
    }

    public static class MiddlewareExtensions
    {
        public static void UseForwardedHeaders(this IApplicationBuilder to, ForwardedHeadersOptions options) { }
        public static void UseAuthentication(this IApplicationBuilder to) { }
        public static void UseAuthorization(this IApplicationBuilder to) { }
        public static void RequireAuthorization(
            this IEndpointConventionBuilder endpoint, params Microsoft.AspNetCore.Authorization.IAuthorizeData[] needs) { }
    }

    public static class EndpointRouteBuilderExtensions
    {
        public static IEndpointConventionBuilder MapGet(this IEndpointRouteBuilder to, string pattern, RequestDelegate serve) { return null; }
    }
}

namespace Microsoft.AspNetCore.HttpOverrides
{
    public enum ForwardedHeaders { XForwardedFor = 1 }
}

namespace Microsoft.AspNetCore.Authorization
{
    public interface IAuthorizeData { }

    public class AuthorizeAttribute : Attribute, IAuthorizeData
    {
        public string AuthenticationSchemes { get; set; }
    }
}

namespace Microsoft.AspNetCore.Hosting
{
    public interface IWebHostBuilder { }

    public static class HostingAbstractionsWebHostBuilderExtensions
    {
        public static void UseUrls(this IWebHostBuilder host, params string[] urls) { }
    }

    public interface IStartupFilter
    {
        Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next);
    }
}

namespace Microsoft.AspNetCore.Authentication
{
    public class AuthenticationSchemeOptions
    {
        public virtual void Validate() { }
    }

    public abstract class AuthenticationProperties { }

    public abstract class AuthenticationScheme
    {
        public abstract string Name { get; }
    }

    public class AuthenticationTicket
    {
        public AuthenticationTicket(ClaimsPrincipal principal, string scheme) { }
    }

    public class AuthenticateResult
    {
        public static AuthenticateResult Success(AuthenticationTicket ticket) { return null; }
        public static AuthenticateResult NoResult() { return null; }
        public static AuthenticateResult Fail(string message) { return null; }
    }

    public abstract class AuthenticationBuilder
    {
        public abstract IServiceCollection Services { get; }
        public AuthenticationBuilder AddScheme<TOptions, THandler>(string scheme, Action<TOptions> configure) { return this; }
    }

    public abstract class AuthenticationHandler<TOptions>
    {
        protected AuthenticationHandler(
            IOptionsMonitor<TOptions> options, ILoggerFactory logger, System.Text.Encodings.Web.UrlEncoder encoder) { }
        protected HttpRequest Request { get; }
        protected HttpResponse Response { get; }
        protected HttpContext Context { get; }
        protected AuthenticationScheme Scheme { get; }
        protected TOptions Options { get; }
        protected ILogger Logger { get; }
        protected abstract Task<AuthenticateResult> HandleAuthenticateAsync();
        protected virtual Task HandleChallengeAsync(AuthenticationProperties properties) { return null; }
        protected Task<AuthenticateResult> HandleAuthenticateOnceSafeAsync() { return null; }
    }
}

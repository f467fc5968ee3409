// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tollgate.Http;

namespace Tollgate.AspNetCore
{
    /// <summary>
    /// Authenticates by tollgate: a bearer token, the client certificate of the TLS connection, or one that a listed proxy
    /// passed on. Policies, [Authorize] and YARP's AuthorizationPolicy use it as any other scheme. All that is not said here
    /// is decided in <see cref="RequestJudge"/>.
    /// </summary>
    public sealed class TollgateHandler : AuthenticationHandler<TollgateOptions>
    {
        private readonly TollgateGates gates;

        /// <summary>Of this scheme on this request; null where none could be made.</summary>
        private Decision decision;

        /// <summary>Made by the container, for each request.</summary>
        public TollgateHandler(
            IOptionsMonitor<TollgateOptions> options, ILoggerFactory logger, UrlEncoder encoder, TollgateGates gates)
            : base(options, logger, encoder)
        {
            this.gates = gates;
        }

        /// <inheritdoc/>
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            try
            {
                decision = Decide();
            }
            catch (Exception error)
            {
                // Whatever it is, it is ours: the challenge is 503.
                Logger.LogError(error, "no verdict");
                return Task.FromResult(AuthenticateResult.Fail("tollgate has no verdict"));
            }
            Context.Features.Set(decision);
            if (decision.IsAdmitted)
            {
                var principal = decision.Identity.ToPrincipal(Scheme.Name);
                return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name)));
            }
            if (decision.IsNothingPresented)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }
            Logger.Log(LevelOf(decision.RefusalLevel), "refused: {Refusal}", decision.Refusal);
            // The reason is in our own line; what is said here may come to a client.
            return Task.FromResult(AuthenticateResult.Fail("tollgate refused the request"));
        }

        private Decision Decide()
        {
            var headers = new List<KeyValuePair<string, string>>();
            foreach (var header in Request.Headers)
            {
                foreach (var value in header.Value)
                {
                    headers.Add(new KeyValuePair<string, string>(header.Key, value));
                }
            }
            var judge = gates.Judge(Scheme.Name, Options);
            return judge.Judge(headers, Sender(), gates.PeerOf(ProvenCertificate()));
        }

        /// <summary>401, 403 or 503 by the decision, and nothing else of it.</summary>
        protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            await HandleAuthenticateOnceSafeAsync();
            if (decision == null || decision.IsAdmitted)
            {
                // Asked for by the application itself, or where no decision could be made.
                Response.StatusCode = decision == null ? 503 : 403;
                return;
            }
            Response.StatusCode = decision.HttpStatus;
            if (decision.Challenge != null)
            {
                Response.Headers["WWW-Authenticate"] = decision.Challenge;
            }
            if (decision.RetryAfter != null)
            {
                Response.Headers["Retry-After"] = decision.RetryAfter;
            }
        }

        /// <summary>
        /// What the client proved to this server. One that UseCertificateForwarding() took out of a header proves no key, and
        /// would be taken for the client's own: it does not count; `peers.trusted` in tollgate.toml does that work.
        /// </summary>
        private X509Certificate2 ProvenCertificate()
        {
            var feature = Context.Features.Get<ITlsConnectionFeature>();
            if (feature == null || feature.ClientCertificate == null)
            {
                return null;
            }
            if (feature.GetType().Namespace == "Microsoft.AspNetCore.HttpOverrides")
            {
                Logger.LogError("the certificate of UseCertificateForwarding() is ignored: list the proxy in peers.trusted instead");
                return null;
            }
            return feature.ClientCertificate;
        }

        /// <summary>Null for a unix socket alone: an address that is not known is nobody's.</summary>
        private IPAddress Sender()
        {
            var connection = Context.Connection;
            return connection.RemoteIpAddress ?? (connection.LocalIpAddress == null ? null : IPAddress.None);
        }

        private static Microsoft.Extensions.Logging.LogLevel LevelOf(Tollgate.LogLevel level)
        {
            return level == Tollgate.LogLevel.Error ? Microsoft.Extensions.Logging.LogLevel.Error
                : level == Tollgate.LogLevel.Warning ? Microsoft.Extensions.Logging.LogLevel.Warning
                : Microsoft.Extensions.Logging.LogLevel.Information;
        }
    }
}

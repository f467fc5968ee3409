// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Text.Encodings.Web;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tollgate.Http;

namespace Tollgate.AspNetCore
{
    /// <summary>
    /// Authenticates by tollgate: a bearer token, the client certificate of the TLS connection, or one that a listed proxy
    /// passed on (<see cref="TollgateOptions.Certificates"/>). Policies, [Authorize] and YARP's AuthorizationPolicy use it as any other scheme. All that is not said here
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
            Keep(decision);
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
            var arrival = Arrival.Of(Context);
            // Middleware may know better who the client is; who sent it, the server alone knows.
            return judge.Judge(headers, arrival.Sender, Context.Connection.RemoteIpAddress, gates.PeerOf(arrival.Certificate));
        }

        /// <summary>For <see cref="TollgateExtensions.TollgateDecision"/>: another scheme of ours may be asked as well.</summary>
        private void Keep(Decision decided)
        {
            var decisions = Context.Features.Get<Decisions>();
            if (decisions == null)
            {
                decisions = new Decisions();
                Context.Features.Set(decisions);
            }
            decisions.Keep(Scheme.Name, decided);
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
                // Other schemes may have written theirs.
                Response.Headers.Append("WWW-Authenticate", decision.Challenge);
            }
            if (decision.RetryAfter != null)
            {
                Response.Headers["Retry-After"] = decision.RetryAfter;
            }
        }

        private static Microsoft.Extensions.Logging.LogLevel LevelOf(Tollgate.LogLevel level)
        {
            return level == Tollgate.LogLevel.Error ? Microsoft.Extensions.Logging.LogLevel.Error
                : level == Tollgate.LogLevel.Warning ? Microsoft.Extensions.Logging.LogLevel.Warning
                : Microsoft.Extensions.Logging.LogLevel.Information;
        }
    }
}

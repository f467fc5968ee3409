// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Net;
using System.Web;
using Tollgate.Http;

namespace Tollgate.AspNet
{
    /// <summary>Asks the gate about each request of a classic ASP.NET application, before the application sees it.</summary>
    /// <remarks>
    /// Register it in web.config under system.webServer/modules (and system.web/httpModules for Mono and the classic
    /// pipeline). One gate a process serves all instances; see <see cref="ModuleSettings"/> for what is set where. Who was
    /// admitted is `HttpContext.User` (<see cref="Identity.ToPrincipal"/>) and <see cref="DecisionOf"/>.
    /// </remarks>
    public sealed class TollgateModule : IHttpModule
    {
        /// <inheritdoc/>
        public void Init(HttpApplication application)
        {
            if (application == null)
            {
                throw new ArgumentNullException(nameof(application));
            }
            application.BeginRequest += Begin;
            application.AuthenticateRequest += Authenticate;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
        }

        /// <summary>What was decided about this request; null where nobody was asked.</summary>
        public static Decision DecisionOf(HttpContext request)
        {
            return request == null ? null : (Decision)request.Items[Key];
        }

        /// <summary>A client's own X-Tollgate headers go before anything reads them, at every path.</summary>
        private static void Begin(object sender, EventArgs e)
        {
            var request = ((HttpApplication)sender).Context;
            OrRefuse(request, () =>
            {
                if (!RequestHeaders.Strip(request.Request))
                {
                    ModuleGate.Log(
                        LogLevel.Warning, "refused: a client sent X-Tollgate headers, and this server cannot take them out");
                    End(request, 400);
                }
            });
        }

        private static void Authenticate(object sender, EventArgs e)
        {
            var request = ((HttpApplication)sender).Context;
            OrRefuse(request, () => Judge(request));
        }

        /// <summary>Whatever goes wrong is ours: nobody passes, and no page with a stack is shown.</summary>
        private static void OrRefuse(HttpContext request, Action step)
        {
            try
            {
                step();
            }
            catch (Exception error)
            {
                ModuleGate.Log(LogLevel.Error, "no verdict: " + error.Message);
                Refuse(request, 503, null, "1");
            }
        }

        private static void Judge(HttpContext request)
        {
            var settings = ModuleSettings.For(request.Request);
            if (settings == null)
            {
                return;
            }
            var judge = ModuleGate.Judge(settings);
            if (judge == null)
            {
                Refuse(request, 503, null, "1");
                return;
            }
            Decision decision;
            using (var peer = PeerOf(request.Request))
            {
                decision = judge.Judge(RequestHeaders.All(request.Request), SenderOf(request.Request), peer);
            }
            request.Items[Key] = decision;
            if (!decision.IsAdmitted)
            {
                ModuleGate.Log(decision.RefusalLevel, "refused: " + decision.Refusal);
                Refuse(request, decision.HttpStatus, decision.Challenge, decision.RetryAfter);
                return;
            }
            request.User = decision.Identity.ToPrincipal();
            System.Threading.Thread.CurrentPrincipal = request.User;
        }

        private static void Refuse(HttpContext request, int status, string challenge, string retryAfter)
        {
            if (challenge != null)
            {
                request.Response.AddHeader("WWW-Authenticate", challenge);
            }
            if (retryAfter != null)
            {
                request.Response.AddHeader("Retry-After", retryAfter);
            }
            End(request, status);
        }

        /// <summary>Nothing of the application runs; forms authentication must not make a login page of a 401.</summary>
        private static void End(HttpContext request, int status)
        {
            request.Response.StatusCode = status;
            request.Response.TrySkipIisCustomErrors = true;
            request.Response.SuppressFormsAuthenticationRedirect = true;
            request.ApplicationInstance.CompleteRequest();
        }

        /// <summary>What the client proved in the handshake of this connection, where the server asks for certificates.</summary>
        private static Peer PeerOf(HttpRequest request)
        {
            if (!request.IsSecureConnection)
            {
                return null;
            }
            var certificate = request.ClientCertificate;
            return certificate.IsPresent ? Peer.FromChain(new[] { certificate.Certificate }) : null;
        }

        /// <summary>One that cannot be read is nobody's, and not that of a unix socket: that `tollgate:sender` says.</summary>
        private static IPAddress SenderOf(HttpRequest request)
        {
            IPAddress address;
            return IPAddress.TryParse(request.UserHostAddress, out address) ? address : null;
        }

        private static readonly object Key = new object();
    }
}

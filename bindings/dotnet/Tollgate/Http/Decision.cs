// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;

namespace Tollgate.Http
{
    /// <summary>What became of a request: who it is, or what outsiders are told, and what the operator is. Never changes.</summary>
    public sealed class Decision
    {
        private readonly Scenario scenario;
        private readonly bool hadToken;

        internal Decision(Verdict verdict, Identity identity, string refusal, Scenario scenario, bool hadToken)
        {
            // Nobody passes without a name.
            Identity = verdict.IsAdmitted && identity != null && identity.Id.Length > 0 ? identity : null;
            HttpStatus = Identity != null ? 200 : verdict.IsAdmitted ? 503 : verdict.HttpStatus;
            Verdict = verdict;
            Refusal = refusal;
            this.scenario = scenario;
            this.hadToken = hadToken;
        }

        /// <summary>Something of ours is broken: nobody is admitted, and no client is told that it is at fault.</summary>
        internal static Decision Fault(Exception error, Scenario scenario)
        {
            return new Decision(default(Verdict), null, "no verdict: " + error.Message, scenario, false);
        }

        /// <summary>Whether the request may pass.</summary>
        public bool IsAdmitted
        {
            get { return Identity != null; }
        }

        /// <summary>The numbers of it.</summary>
        public Verdict Verdict { get; }

        /// <summary>Who it is; null for a refusal.</summary>
        public Identity Identity { get; }

        /// <summary>Whether anything was presented that the gate looked at.</summary>
        public bool IsNothingPresented
        {
            get { return Verdict.Status.Number == Reasons.NoCredential; }
        }

        /// <summary>
        /// 200; 401 where nothing was shown, or what is broken, unknown, ended or withdrawn; 403 where it is genuine and not
        /// for this; 503 where we could not know, or something of ours is broken. Outsiders see no more.
        /// </summary>
        public int HttpStatus { get; }

        /// <summary>The value of WWW-Authenticate (RFC 6750 section 3), with 401; else null.</summary>
        public string Challenge
        {
            get
            {
                if (HttpStatus != 401)
                {
                    return null;
                }
                return hadToken ? "Bearer realm=\"tollgate\", error=\"invalid_token\"" : "Bearer realm=\"tollgate\"";
            }
        }

        /// <summary>The value of Retry-After, with 503; else null.</summary>
        public string RetryAfter
        {
            get { return HttpStatus == 503 ? "1" : null; }
        }

        /// <summary>One line for the operator's log, never for clients; "" where it was admitted. It holds no text of the credential.</summary>
        public string Refusal { get; }

        /// <summary>
        /// How the line matters: a fault of ours or something that we could not know is a warning or worse, what a client
        /// presented is a notice.
        /// </summary>
        public LogLevel RefusalLevel
        {
            get
            {
                if (Verdict.Status.Number <= 0)
                {
                    return LogLevel.Error;
                }
                return HttpStatus == 503 ? LogLevel.Warning : LogLevel.Notice;
            }
        }

        /// <summary>The X-Tollgate headers for a backend; none for a refusal.</summary>
        public IReadOnlyList<KeyValuePair<string, string>> IdentityHeaders()
        {
            return Identity == null ? new KeyValuePair<string, string>[0] : ReservedHeaders.Of(Identity, scenario);
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>
    /// A verdict and its texts, which are read out of what was presented when they are asked for. Good until its scratch is
    /// used again; later it throws an <see cref="InvalidOperationException"/>. <see cref="Identify"/> keeps what has to stay.
    /// </summary>
    /// <remarks>Texts may hold every character that a token or a certificate may hold: encode them before they become a header.</remarks>
    public readonly unsafe ref struct Answer
    {
        private readonly Verdict verdict;
        private readonly Scratch scratch;
        private readonly ulong turn;

        internal Answer(Verdict verdict, Scratch scratch, ulong turn)
        {
            this.verdict = verdict;
            this.scratch = scratch;
            this.turn = turn;
        }

        /// <summary>The numbers.</summary>
        public Verdict Verdict
        {
            get { return verdict; }
        }

        /// <summary>Whether the request may pass.</summary>
        public bool IsAdmitted
        {
            get { return verdict.IsAdmitted; }
        }

        /// <summary>
        /// One name across methods: "entra:TENANT:OBJECT", "oidc:NAME:SUBJECT", "pki:PKI:KIND:NAME", "site:SITE:CLIENT".
        /// This text and the next are "" where there is none, as of a refusal.
        /// </summary>
        public string Id
        {
            get { return Ask(TextId); }
        }

        /// <summary>Who vouches: the issuer, the PKI, or the site.</summary>
        public string Authority
        {
            get { return Ask(TextAuthority); }
        }

        /// <summary>The subject in the authority's own words.</summary>
        public string Subject
        {
            get { return Ask(TextSubject); }
        }

        /// <summary>The id of the certificate that was judged beside the token.</summary>
        public string Certificate
        {
            get { return Ask(TextCertificate); }
        }

        /// <summary>A refusal in one line for a log: name, number, sentence, and what exactly. It holds no text of the credential.</summary>
        public string Refusal
        {
            get { return Ask(TextRefusal); }
        }

        /// <summary>The name of the member or claim at fault, where <see cref="Verdict.Detail"/> says so.</summary>
        public string Member
        {
            get { return Ask(TextMember); }
        }

        /// <summary>All claims of the token as the JSON that its issuer signed; null where no token was admitted.</summary>
        public string Payload
        {
            get
            {
                NativeBytes view;
                var raw = Begin();
                try
                {
                    return Native.tollgate_verdict_payload(raw, &view) == Native.Done ? Text.Of(view) : null;
                }
                finally
                {
                    scratch.End();
                }
            }
        }

        /// <summary>
        /// A claim that the endpoint forwards (`forward_claims`): a string as its text, everything else as its JSON; null
        /// where the token has no such claim, or it is not forwarded.
        /// </summary>
        public string Claim(string name)
        {
            var bytes = Text.Bytes(name, nameof(name));
            var raw = Begin();
            try
            {
                NativeBytes view;
                fixed (byte* at = bytes)
                {
                    var status = Native.tollgate_verdict_claim(raw, at, (UIntPtr)(uint)bytes.Length, &view);
                    return status == Native.Done ? Text.Of(view) : null;
                }
            }
            finally
            {
                scratch.End();
            }
        }

        /// <summary>All of those, in their order; none for a refusal.</summary>
        public IReadOnlyList<KeyValuePair<string, string>> Claims()
        {
            var all = new List<KeyValuePair<string, string>>();
            var raw = Begin();
            try
            {
                NativeBytes name;
                NativeBytes value;
                while (Native.tollgate_verdict_claim_at(raw, (UIntPtr)(uint)all.Count, &name, &value) == Native.Done)
                {
                    all.Add(new KeyValuePair<string, string>(Text.Of(name), Text.Of(value)));
                }
            }
            finally
            {
                scratch.End();
            }
            return all;
        }

        /// <summary>Who was admitted, as an object that stays; null for a refusal.</summary>
        public Identity Identify()
        {
            return IsAdmitted ? new Identity(this) : null;
        }

        private string Ask(uint kind)
        {
            var raw = Begin();
            try
            {
                NativeBytes view;
                return Native.tollgate_verdict_text(raw, kind, &view) == Native.Done ? Text.Of(view) : "";
            }
            finally
            {
                scratch.End();
            }
        }

        private IntPtr Begin()
        {
            if (scratch == null)
            {
                throw new InvalidOperationException("This answer is of no check.");
            }
            scratch.Begin();
            if (scratch.Turn != turn)
            {
                scratch.End();
                throw new InvalidOperationException(
                    "The scratch was used again, or its gate is disposed of: the texts of this answer are gone.");
            }
            return scratch.Own();
        }

        private const uint TextId = 1;
        private const uint TextAuthority = 2;
        private const uint TextSubject = 3;
        private const uint TextCertificate = 7;
        private const uint TextRefusal = 8;
        private const uint TextMember = 9;
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Runtime.CompilerServices;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>
    /// 1 is admitted, and nothing else is; 1000 and more is the number of the reason of a refusal (see
    /// <see cref="Reasons"/>); less than 0 is misuse or a fault. 0, the default, is no check: it admits nobody.
    /// </summary>
    public readonly struct Status : IEquatable<Status>
    {
        /// <summary>The status of this number, as it stands in a log.</summary>
        public Status(int number)
        {
            Number = number;
        }

        /// <summary>To be compared with <see cref="Reasons"/>.</summary>
        public int Number { get; }

        /// <summary>Whether a request may pass.</summary>
        public bool IsAdmitted
        {
            get { return Number == Native.Admitted; }
        }

        /// <summary>"admitted", or a reason's name, as "expired": what scripts and logs read.</summary>
        public string Name
        {
            get { return Say(Word.Name); }
        }

        /// <summary>"malformed", "untrusted", "untimely", "unsuitable", "withdrawn", "undecidable"; "admitted"; "fault".</summary>
        public string Class
        {
            get { return Say(Word.Class); }
        }

        /// <summary>What was found, as one sentence for an operator.</summary>
        public string Sentence
        {
            get { return Say(Word.Sentence); }
        }

        /// <summary>What an operator does about it; "" where there is nothing to do.</summary>
        public string Remedy
        {
            get { return Say(Word.Remedy); }
        }

        /// <summary>All that outsiders may see: 401, 403, or 503 for what is not their fault; 200 for admitted alone.</summary>
        public int HttpStatus
        {
            get
            {
                Library.Require();
                return HttpStatusOf(Number);
            }
        }

        /// <summary>Name and number.</summary>
        public override string ToString()
        {
            return Name + " (" + Number + ")";
        }

        /// <summary>Whether both are the same number.</summary>
        public bool Equals(Status other)
        {
            return Number == other.Number;
        }

        /// <inheritdoc/>
        public override bool Equals(object other)
        {
            return other is Status && Equals((Status)other);
        }

        /// <inheritdoc/>
        public override int GetHashCode()
        {
            return Number;
        }

        /// <summary>Whether both are the same number.</summary>
        public static bool operator ==(Status one, Status other)
        {
            return one.Number == other.Number;
        }

        /// <summary>Whether they are different numbers.</summary>
        public static bool operator !=(Status one, Status other)
        {
            return one.Number != other.Number;
        }

        /// <summary>Statuses are made without the library, and asked of it later.</summary>
        private string Say(Word word)
        {
            Library.Require();
            return SayOf(Number, word);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static unsafe string SayOf(int number, Word word)
        {
            switch (word)
            {
                case Word.Name:
                    return Text.Of(Native.tollgate_reason_name(number));
                case Word.Class:
                    return Text.Of(Native.tollgate_reason_class(number));
                case Word.Sentence:
                    return Text.Of(Native.tollgate_reason_sentence(number));
                default:
                    return Text.Of(Native.tollgate_reason_remedy(number));
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static int HttpStatusOf(int number)
        {
            return (int)Native.tollgate_reason_http_status(number);
        }

        private enum Word
        {
            Name,
            Class,
            Sentence,
            Remedy,
        }
    }

    /// <summary>What a request is for.</summary>
    public enum Scenario
    {
        /// <summary>The device: every method proves one.</summary>
        Device = 0,

        /// <summary>A user: only a token of a user proves one.</summary>
        User = 2,
    }

    /// <summary>How a client was authenticated, or by which method it was refused.</summary>
    public enum Method
    {
        /// <summary>Not known, as where nothing was presented.</summary>
        Unknown = 0,

        /// <summary>A token of a Microsoft Entra tenant.</summary>
        Entra = 1,

        /// <summary>A token of another OpenID Connect issuer.</summary>
        Oidc = 2,

        /// <summary>A client certificate of a configured PKI.</summary>
        Pki = 3,

        /// <summary>A token that the site issued.</summary>
        Site = 4,
    }

    /// <summary>Whom a credential proves.</summary>
    public enum Kind
    {
        /// <summary>Nobody was admitted.</summary>
        Nobody = 0,

        /// <summary>A user, and the device too where the credential names one.</summary>
        User = 1,

        /// <summary>A device alone.</summary>
        Device = 2,
    }

    /// <summary>What <see cref="Verdict.Found"/> and <see cref="Verdict.Limit"/> are.</summary>
    public enum Detail
    {
        /// <summary>Nothing: the reason says it all.</summary>
        None = 0,

        /// <summary>Bytes, or a number of things.</summary>
        Count = 1,

        /// <summary>Seconds.</summary>
        Seconds = 2,

        /// <summary>Nothing; <see cref="Answer.Member"/> names the member or claim at fault.</summary>
        Member = 3,
    }

    /// <summary>Who is withdrawn by an <see cref="Update"/>.</summary>
    public enum Withdrawn
    {
        /// <summary>A client of a site.</summary>
        Client = 1,

        /// <summary>A user of an Entra tenant.</summary>
        User = 2,

        /// <summary>A device of an Entra tenant.</summary>
        Device = 3,
    }

    /// <summary>How much a line of a gate's log matters.</summary>
    public enum LogLevel
    {
        /// <summary>Something does not work and has to be mended.</summary>
        Error = 1,

        /// <summary>Something looks wrong.</summary>
        Warning = 2,

        /// <summary>Something that was asked for was done.</summary>
        Notice = 3,
    }
}

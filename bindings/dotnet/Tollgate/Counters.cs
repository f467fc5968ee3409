// SPDX-License-Identifier: MIT OR Apache-2.0

using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>A gate's counts since it was made. What threads count meanwhile may be in it or not.</summary>
    public readonly struct Counters
    {
        private readonly NativeCounters counted;

        internal Counters(NativeCounters counted)
        {
            this.counted = counted;
        }

        /// <summary>Checks that admitted.</summary>
        public long Admitted
        {
            get { return (long)counted.admitted; }
        }

        /// <summary>Checks that refused.</summary>
        public long Refused
        {
            get { return (long)counted.refused; }
        }

        /// <summary>Checks answered from memory alone.</summary>
        public long Hits
        {
            get { return (long)counted.hits; }
        }

        /// <summary>Checks for which something had to be read or proven.</summary>
        public long Misses
        {
            get { return (long)counted.misses; }
        }

        /// <summary>Remembered credentials that were judged again, without a signature, because trust or policy moved.</summary>
        public long Rejudged
        {
            get { return (long)counted.rejudged; }
        }

        /// <summary>Signatures of tokens and of whole certification paths that were computed.</summary>
        public long SignatureChecks
        {
            get { return (long)counted.signature_checks; }
        }

        /// <summary>Tokens refused because the same bytes were wrong under the same key a moment ago.</summary>
        public long WrongAgain
        {
            get { return (long)counted.wrong_again; }
        }

        /// <summary>Checks that waited for another thread's check of the same credential.</summary>
        public long Waited
        {
            get { return (long)counted.waited; }
        }

        /// <summary>Checks refused because a budget was spent.</summary>
        public long OverBudget
        {
            get { return (long)counted.over_budget; }
        }

        /// <summary>Credentials remembered now.</summary>
        public long Entries
        {
            get { return (long)counted.entries; }
        }

        /// <summary>What they take in memory now, in bytes; the garbage collector does not see it.</summary>
        public long Bytes
        {
            get { return (long)counted.bytes; }
        }

        /// <summary>Credentials that were taken in.</summary>
        public long Insertions
        {
            get { return (long)counted.insertions; }
        }

        /// <summary>Credentials that made way alive.</summary>
        public long Evicted
        {
            get { return (long)counted.evicted; }
        }

        /// <summary>Credentials that had ended when they made way.</summary>
        public long Expired
        {
            get { return (long)counted.expired; }
        }

        /// <summary>Credentials that found no place.</summary>
        public long NotKept
        {
            get { return (long)counted.not_kept; }
        }

        /// <summary>Times that files were loaded again and the trust was replaced.</summary>
        public long Refreshes
        {
            get { return (long)counted.refreshes; }
        }

        /// <summary>Times that files changed and could not be loaded.</summary>
        public long RefreshFailures
        {
            get { return (long)counted.refresh_failures; }
        }

        /// <summary>Updates that were applied.</summary>
        public long Updates
        {
            get { return (long)counted.updates; }
        }
    }
}

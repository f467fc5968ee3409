// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>Something that was asked of the library was not done. Never a refused credential: that is a <see cref="Verdict"/>.</summary>
    public class TollgateException : Exception
    {
        internal TollgateException(int status, string message) : base(message)
        {
            Status = new Status(status);
        }

        /// <summary>Why: less than 0. It admits nobody.</summary>
        public Status Status { get; }

        /// <summary>Throws unless it was done; the message is the library's, where it has one.</summary>
        internal static void Unless(int status, string message = null)
        {
            if (status == Native.Done)
            {
                return;
            }
            var said = string.IsNullOrEmpty(message) ? new Status(status).Sentence : message;
            if (status == Native.ErrorConfig)
            {
                throw new ConfigurationException(status, said);
            }
            if (status == Native.ErrorState)
            {
                throw new InvalidOperationException(said);
            }
            throw new TollgateException(status, said);
        }
    }

    /// <summary>tollgate.toml, or an update of it, is wrong. The message says what, where, and what to write.</summary>
    public sealed class ConfigurationException : TollgateException
    {
        internal ConfigurationException(int status, string message) : base(status, message)
        {
        }
    }

    /// <summary>The native library is missing, damaged, or of another interface. The message says what to do.</summary>
    public sealed class LibraryException : Exception
    {
        internal LibraryException(string message) : base(message)
        {
        }
    }
}

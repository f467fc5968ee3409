// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Text;

namespace Tollgate.Interop
{
    /// <summary>UTF-8 of the library as strings, and strings as UTF-8.</summary>
    internal static unsafe class Text
    {
        /// <summary>Room for one line that says what is wrong.</summary>
        internal const int MessageRoom = 1024;

        /// <summary>A text that ends in a NUL and is good for ever.</summary>
        internal static string Of(byte* text)
        {
            var length = 0;
            while (text[length] != 0)
            {
                length++;
            }
            return Of(text, length);
        }

        internal static string Of(NativeBytes view)
        {
            return Of(view.data, checked((int)view.len));
        }

        private static string Of(byte* text, int length)
        {
            return length == 0 ? "" : Encoding.UTF8.GetString(text, length);
        }

        /// <summary>Its bytes; a text with half a surrogate has none.</summary>
        internal static byte[] Bytes(string text, string parameter)
        {
            if (text == null)
            {
                throw new ArgumentNullException(parameter);
            }
            try
            {
                return Strict.GetBytes(text);
            }
            catch (EncoderFallbackException)
            {
                throw new ArgumentException("The text holds half of a surrogate pair.", parameter);
            }
        }

        private static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);
    }
}

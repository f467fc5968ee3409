// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Tollgate
{
    /// <summary>Reads JSON lists of texts, as the library gives claims that are one; .NET Standard has no JSON of its own.</summary>
    internal static class JsonTexts
    {
        /// <summary>The texts; null where the value is anything else, even by one character.</summary>
        internal static List<string> Read(string json)
        {
            var at = 0;
            if (!Takes(json, ref at, '['))
            {
                return null;
            }
            var texts = new List<string>();
            if (!Takes(json, ref at, ']'))
            {
                do
                {
                    var text = ReadText(json, ref at);
                    if (text == null)
                    {
                        return null;
                    }
                    texts.Add(text);
                }
                while (Takes(json, ref at, ','));
                if (!Takes(json, ref at, ']'))
                {
                    return null;
                }
            }
            SkipSpace(json, ref at);
            return at == json.Length ? texts : null;
        }

        /// <summary>
        /// The names of those members of an object whose values are lists. The object is one that the library has read, so
        /// that no name is there twice; of anything else what is found is not all.
        /// </summary>
        internal static HashSet<string> Lists(string json)
        {
            var lists = new HashSet<string>(StringComparer.Ordinal);
            var at = 0;
            if (!Takes(json, ref at, '{'))
            {
                return lists;
            }
            while (true)
            {
                var name = ReadText(json, ref at);
                if (name == null || !Takes(json, ref at, ':'))
                {
                    return lists;
                }
                SkipSpace(json, ref at);
                var isList = at < json.Length && json[at] == '[';
                if (!SkipValue(json, ref at))
                {
                    return lists;
                }
                if (isList)
                {
                    lists.Add(name);
                }
                if (!Takes(json, ref at, ','))
                {
                    return lists;
                }
            }
        }

        /// <summary>To the comma or the brace behind it; false where there is none.</summary>
        private static bool SkipValue(string json, ref int at)
        {
            var depth = 0;
            while (at < json.Length)
            {
                var one = json[at];
                if (one == '"')
                {
                    if (ReadText(json, ref at) == null)
                    {
                        return false;
                    }
                    continue;
                }
                if (depth == 0 && (one == ',' || one == '}'))
                {
                    return true;
                }
                depth += one == '[' || one == '{' ? 1 : one == ']' || one == '}' ? -1 : 0;
                at++;
            }
            return false;
        }

        private static string ReadText(string json, ref int at)
        {
            if (!Takes(json, ref at, '"'))
            {
                return null;
            }
            var text = new StringBuilder();
            while (at < json.Length)
            {
                var one = json[at++];
                if (one == '"')
                {
                    return text.ToString();
                }
                if (one < ' ' || (one == '\\' && !Unescape(json, ref at, out one)))
                {
                    return null;
                }
                text.Append(one);
            }
            return null;
        }

        private static bool Unescape(string json, ref int at, out char one)
        {
            one = at < json.Length ? json[at++] : '\0';
            if (one == 'u')
            {
                ushort unit;
                var isUnit = at + 4 <= json.Length && ushort.TryParse(
                    json.Substring(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out unit);
                one = isUnit ? (char)ushort.Parse(json.Substring(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : '\0';
                at += 4;
                return isUnit;
            }
            var which = "\"\\/bfnrt".IndexOf(one);
            one = which < 0 ? '\0' : "\"\\/\b\f\n\r\t"[which];
            return which >= 0;
        }

        private static bool Takes(string json, ref int at, char wanted)
        {
            SkipSpace(json, ref at);
            if (at >= json.Length || json[at] != wanted)
            {
                return false;
            }
            at++;
            return true;
        }

        private static void SkipSpace(string json, ref int at)
        {
            while (at < json.Length && " \t\r\n".IndexOf(json[at]) >= 0)
            {
                at++;
            }
        }
    }
}

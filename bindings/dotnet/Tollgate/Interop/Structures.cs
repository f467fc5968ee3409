// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Runtime.InteropServices;

namespace Tollgate.Interop
{
    // The structures of include/tollgate.h. Those that grow begin with their size; a verdict is Tollgate.Verdict
    // itself. The tests compare every offset with the header's.

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeBytes
    {
        internal byte* data;
        internal UIntPtr len;

        internal NativeBytes(byte* data, int len)
        {
            this.data = data;
            this.len = (UIntPtr)(uint)len;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeHeader
    {
        internal NativeBytes name;
        internal NativeBytes value;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct NativeRequest
    {
        internal uint size;
        internal uint scenario;
        internal NativeBytes token;
        internal IntPtr peer;
        internal NativeBytes endpoint;
        internal long unix_s;
        internal ulong mono_ms;
        internal uint windows_major;
        internal uint windows_minor;
        internal uint windows_build;
        internal uint source_len;
        internal fixed byte source[16];
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeOptions
    {
        internal uint size;
        internal uint processes;
        internal IntPtr user;
        internal IntPtr log;
        internal IntPtr clock;
        internal IntPtr drop;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeCounters
    {
        internal uint size;
        internal uint reserved;
        internal ulong admitted;
        internal ulong refused;
        internal ulong hits;
        internal ulong misses;
        internal ulong rejudged;
        internal ulong signature_checks;
        internal ulong wrong_again;
        internal ulong waited;
        internal ulong over_budget;
        internal ulong entries;
        internal ulong bytes;
        internal ulong insertions;
        internal ulong evicted;
        internal ulong expired;
        internal ulong not_kept;
        internal ulong refreshes;
        internal ulong refresh_failures;
        internal ulong updates;
    }
}

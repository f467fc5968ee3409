// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Reflection;
using System.Runtime.InteropServices;
using Tollgate;

/// <summary>Sizes and offsets of what is passed to the library, by C's names.</summary>
internal static class Layout
{
    internal static void Print()
    {
        foreach (var pair in new[]
        {
            new[] { "NativeBytes", "tollgate_bytes" }, new[] { "NativeHeader", "tollgate_header" },
            new[] { "NativeRequest", "tollgate_request" }, new[] { "NativeOptions", "tollgate_options" },
            new[] { "NativeCounters", "tollgate_counters" },
        })
        {
            Print(typeof(Gate).Assembly.GetType("Tollgate.Interop." + pair[0], true), pair[1]);
        }
        Print(typeof(Verdict), "tollgate_verdict");
    }

    private static void Print(Type type, string name)
    {
        Console.WriteLine(name + " " + Marshal.SizeOf(type));
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
        {
            Console.WriteLine(name + "." + field.Name + " " + Marshal.OffsetOf(type, field.Name));
        }
    }
}

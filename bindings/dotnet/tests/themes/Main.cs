// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The themes of the binding, one after the other: `Themes.exe FOLDER` prints each with how many of its expectations
// held, and ends at the first that does not. The folder is the driver's (bindings/c/tests/native/world.rs).

using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Text;
using Tollgate;

internal static class Themes
{
    private static int held;

    internal static string Folder { get; private set; }

    private static int Main(string[] arguments)
    {
        if (arguments.Length == 1 && arguments[0] == "--layout")
        {
            Layout.Print();
            return 0;
        }
        if (arguments.Length == 1 && arguments[0] == "--library")
        {
            return Library();
        }
        Folder = arguments[0];
        var themes = new Action[]
        {
            Types.Run, Refused.Run, Handles.Run, Texts.Run, Principals.Run, Peers.Run, Batches.Run, Updates.Run, Refreshes.Run,
            Threads.Run, Allocations.Run, Headers.Run, Judging.Run,
        };
        foreach (var theme in themes)
        {
            held = 0;
            theme();
            Console.WriteLine(theme.Method.DeclaringType.Name + " " + held);
        }
        return 0;
    }

    /// <summary>Which release is found, or in which words it is not; the same each time, whatever is called first.</summary>
    private static int Library()
    {
        try
        {
            Console.WriteLine("found " + Gate.LibraryVersion);
            return 0;
        }
        catch (LibraryException error)
        {
            Is(Throws<LibraryException>(() => new Scratch()).Message, error.Message);
            Is(Throws<LibraryException>(() => Gate.FromFile("tollgate.toml")).Message, error.Message);
            Is(Throws<LibraryException>(() => Peer.FromPem(new byte[0])).Message, error.Message);
            Is(Throws<LibraryException>(() => new Update()).Message, error.Message);
            Is(Throws<LibraryException>(() => new Batch()).Message, error.Message);
            Is(Throws<LibraryException>(() => { var name = new Status(3001).Name; }).Message, error.Message);
            Expect(!default(Verdict).IsAdmitted && default(Verdict).HttpStatus == 503);
            Console.WriteLine(error.Message);
            return 1;
        }
    }

    internal static void Expect(bool holds, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (!holds)
        {
            throw new InvalidOperationException(Path.GetFileName(file) + ":" + line + ": does not hold");
        }
        held++;
    }

    internal static void Is<T>(T found, T wanted, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (!Equals(found, wanted))
        {
            throw new InvalidOperationException(
                Path.GetFileName(file) + ":" + line + ": is " + found + ", expected " + wanted);
        }
        held++;
    }

    /// <summary>It throws exactly this; the exception, for its message.</summary>
    internal static T Throws<T>(Action call, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : Exception
    {
        try
        {
            call();
        }
        catch (T thrown)
        {
            Is(thrown.GetType(), typeof(T), file, line);
            return thrown;
        }
        throw new InvalidOperationException(Path.GetFileName(file) + ":" + line + ": throws nothing");
    }

    internal static byte[] Load(string name)
    {
        return File.ReadAllBytes(Path.Combine(Folder, name));
    }

    internal static string LoadText(string name)
    {
        return Encoding.UTF8.GetString(Load(name));
    }

    internal static string Configuration
    {
        get { return Path.Combine(Folder, "tollgate.toml"); }
    }

    internal static Gate Open(GateOptions options = null)
    {
        return Gate.FromFile(Configuration, options);
    }

    /// <summary>The only endpoint, for a user.</summary>
    internal static Ask User
    {
        get { return new Ask(null, Scenario.User); }
    }

    /// <summary>Until the finalisers have run of all that nobody has any more.</summary>
    internal static void Collect()
    {
        for (var n = 0; n < 3; n++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>Overwrites what an earlier call left on the stack, where Mono's collector takes numbers for references.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Scrub(int depth)
    {
        return depth == 0 ? 0 : 1 + Scrub(depth - 1);
    }
}

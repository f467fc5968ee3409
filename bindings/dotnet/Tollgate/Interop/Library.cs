// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tollgate.Interop
{
    /// <summary>Finds the native library, and makes sure that it is one that this assembly knows.</summary>
    internal static unsafe class Library
    {
        /// <summary>Names the file to load, with its path, before any other place is searched.</summary>
        internal const string Variable = "TOLLGATE_LIBRARY";

        /// <summary>Null where the library may be called; else why not.</summary>
        private static readonly string Fault = Look();

        /// <summary>
        /// Before whatever may be the first call: one clear message instead of a crash later. Mono looks a function up when
        /// it compiles its caller, so the call stands in another method than this.
        /// </summary>
        internal static void Require()
        {
            if (Fault != null)
            {
                throw new LibraryException(Fault);
            }
        }

        internal static string Version()
        {
            Require();
            return VersionOf();
        }

        private static string Look()
        {
            try
            {
                Find();
                return Compare();
            }
            catch (DllNotFoundException error)
            {
                return NotFound(error.Message);
            }
            catch (BadImageFormatException error)
            {
                return "the tollgate library that was found is not for this system or processor ("
                    + Process() + "): " + error.Message + ". " + Advice();
            }
            catch (EntryPointNotFoundException error)
            {
                return "the library that was found is no tollgate, or an older one: " + error.Message + ". " + Advice();
            }
        }

        /// <summary>The number of the interface first: nothing else of another one may be called.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static string Compare()
        {
            var abi = Native.tollgate_abi_version();
            if (abi != Native.AbiVersion)
            {
                return "the tollgate library that was found has binary interface " + abi + ", and this assembly needs "
                    + Native.AbiVersion + ": install libtollgate.so." + Native.AbiVersion
                    + ", or the Tollgate package that belongs to the library";
            }
            var isOlder = (ulong)Native.tollgate_struct_size(Native.StructRequest) < (ulong)sizeof(NativeRequest)
                || (ulong)Native.tollgate_struct_size(Native.StructVerdict) < (ulong)sizeof(Verdict)
                || (ulong)Native.tollgate_struct_size(Native.StructOptions) < (ulong)sizeof(NativeOptions)
                || (ulong)Native.tollgate_struct_size(Native.StructCounters) < (ulong)sizeof(NativeCounters);
            if (isOlder)
            {
                return "the tollgate library that was found (release " + VersionOf()
                    + ") is older than this assembly: install its release or a newer one";
            }
            return null;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static string VersionOf()
        {
            return Text.Of(Native.tollgate_version());
        }

        private static string NotFound(string said)
        {
            return "the tollgate library was not found for " + Process() + ". " + Advice() + " The system says: " + said;
        }

        private static string Advice()
        {
            if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            {
                return "Set " + Variable + " to the path of tollgate.dll, put it beside the program or into "
                    + "runtimes\\<rid>\\native, or name its folder in PATH.";
            }
            return "Set " + Variable + " to the path of libtollgate.so, put it beside the program or into "
                + "runtimes/<rid>/native (on Alpine that is linux-musl-x64, built for musl), or name its folder in "
                + "LD_LIBRARY_PATH.";
        }

        private static string Process()
        {
            return RuntimeInformation.OSDescription.Trim() + ", " + RuntimeInformation.ProcessArchitecture;
        }

        /// <summary>What the variable names comes first; then where the runtime looks; then the installed soname.</summary>
        private static void Find()
        {
            var path = Environment.GetEnvironmentVariable(Variable);
            if (!string.IsNullOrEmpty(path) && !File.Exists(path))
            {
                throw new DllNotFoundException(Variable + " names " + path + ", which is no file.");
            }
#if NETCOREAPP
            NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, Resolve);
#else
            if (string.IsNullOrEmpty(path))
            {
                return;
            }
            if (Type.GetType("Mono.Runtime") != null)
            {
                mono_dllmap_insert(IntPtr.Zero, Native.Name, null, path, null);
            }
            else if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            {
                // .NET Core before 8, which takes this assembly and has no say in where it looks.
                throw new DllNotFoundException(
                    Variable + " is not for this runtime: name the folder of the library in LD_LIBRARY_PATH.");
            }
            else if (LoadLibrary(path) == IntPtr.Zero)
            {
                // Later calls find by its name what is loaded.
                throw new DllNotFoundException(path + " cannot be loaded (" + Marshal.GetLastWin32Error() + ").");
            }
#endif
        }

#if NETCOREAPP
        private static IntPtr Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? paths)
        {
            if (name != Native.Name)
            {
                return IntPtr.Zero;
            }
            var path = Environment.GetEnvironmentVariable(Variable);
            if (!string.IsNullOrEmpty(path))
            {
                return NativeLibrary.Load(path);
            }
            IntPtr found;
            if (NativeLibrary.TryLoad(name, assembly, paths, out found))
            {
                return found;
            }
            // Where no development files are installed there is no link without a number.
            NativeLibrary.TryLoad("libtollgate.so." + Native.AbiVersion, assembly, paths, out found);
            return found;
        }
#else
        [DllImport("__Internal", CharSet = CharSet.Ansi)]
        private static extern void mono_dllmap_insert(
            IntPtr assembly, string dll, string function, string target, string targetFunction);

        [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern IntPtr LoadLibrary(string path);
#endif
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Runtime.InteropServices;
using Tollgate.Interop;

namespace Tollgate
{
    /// <summary>The answer to one check, in numbers: 104 bytes that point to nothing. The default one admits nobody.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct Verdict
    {
        // tollgate_verdict, which the library writes in place.
        internal uint size;
        internal int status;
        internal uint admitted;
        internal uint method;
        internal uint kind;
        internal uint http_status;
        internal uint flags;
        internal uint detail;
        internal long detail_found;
        internal long detail_limit;
        internal long expires_s;
        internal fixed byte tenant[16];
        internal fixed byte user[16];
        internal fixed byte device[16];

        /// <summary>Whether the request may pass.</summary>
        public bool IsAdmitted
        {
            get { return status == Native.Admitted && admitted == 1; }
        }

        /// <summary>Why: see <see cref="Reasons"/>.</summary>
        public Status Status
        {
            get { return new Status(status); }
        }

        /// <summary>All that outsiders may see: 200, 401, 403, or 503, which is our own trouble and never theirs.</summary>
        public int HttpStatus
        {
            get
            {
                if (IsAdmitted)
                {
                    return 200;
                }
                return http_status == 401 || http_status == 403 ? (int)http_status : 503;
            }
        }

        /// <summary>How it was authenticated, or by which method it was refused.</summary>
        public Method Method
        {
            get { return (Method)method; }
        }

        /// <summary>Whom the credential proves.</summary>
        public Kind Kind
        {
            get { return (Kind)kind; }
        }

        /// <summary>The Entra tenant, where there is one.</summary>
        public Guid? Tenant
        {
            get
            {
                fixed (byte* bytes = tenant)
                {
                    return GuidOf(HasTenant, bytes);
                }
            }
        }

        /// <summary>The Entra user: the immutable object id.</summary>
        public Guid? User
        {
            get
            {
                fixed (byte* bytes = user)
                {
                    return GuidOf(HasUser, bytes);
                }
            }
        }

        /// <summary>The Entra device, or the client of a site.</summary>
        public Guid? Device
        {
            get
            {
                fixed (byte* bytes = device)
                {
                    return GuidOf(HasDevice, bytes);
                }
            }
        }

        /// <summary>Whether the client proved a key that the credential is bound to.</summary>
        public bool IsBound
        {
            get { return (flags & Bound) != 0; }
        }

        /// <summary>Whether a certificate of a PKI came beside the token and was judged as well.</summary>
        public bool HasCertificate
        {
            get { return (flags & Certificate) != 0; }
        }

        /// <summary>
        /// When the credential ends, or the certificate beside it, whichever is earlier, in seconds since 1970 (UTC); a
        /// token passes for as much longer as `gate.skew` says. 0 where nobody was admitted.
        /// </summary>
        public long ExpiresUnixSeconds
        {
            get { return expires_s; }
        }

        /// <summary>What the next two are, for a refusal.</summary>
        public Detail Detail
        {
            get { return (Detail)detail; }
        }

        /// <summary>What was found, in bytes, a number, or seconds.</summary>
        public long Found
        {
            get { return detail_found; }
        }

        /// <summary>What is allowed, in the same unit.</summary>
        public long Limit
        {
            get { return detail_limit; }
        }

        /// <summary>Nobody's; what the library is given to write into.</summary>
        internal static void Blank(Verdict* verdict)
        {
            *verdict = default(Verdict);
            verdict->size = (uint)sizeof(Verdict);
        }

        /// <summary>Its bytes stand in the order of its text (RFC 9562 section 4), those of .NET do not.</summary>
        private Guid? GuidOf(uint flag, byte* b)
        {
            if ((flags & flag) == 0)
            {
                return null;
            }
            return new Guid(
                (uint)(b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]), (ushort)(b[4] << 8 | b[5]), (ushort)(b[6] << 8 | b[7]),
                b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
        }

        private const uint HasTenant = 1;
        private const uint HasUser = 2;
        private const uint HasDevice = 4;
        private const uint Bound = 8;
        private const uint Certificate = 16;
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Runtime.InteropServices;

namespace Tollgate.Interop
{
    /// <summary>The functions of include/tollgate.h, which says what each does.</summary>
    /// <remarks>
    /// All parameters are blittable: nothing is copied or allocated on the way. Whoever calls holds the handles
    /// (SafeHandle.DangerousAddRef) and pins what he passes. Library.Require() comes before the first call.
    /// </remarks>
    internal static unsafe class Native
    {
        /// <summary>libtollgate.so, libtollgate.dylib, tollgate.dll.</summary>
        internal const string Name = "tollgate";

        internal const int AbiVersion = 0;
        internal const int Admitted = 1;
        internal const int Done = 2;
        internal const int ErrorNull = -1;
        internal const int ErrorSize = -2;
        internal const int ErrorArgument = -3;
        internal const int ErrorConfig = -4;
        internal const int ErrorAbsent = -5;
        internal const int ErrorState = -6;
        internal const int ErrorSystem = -7;
        internal const int ErrorPanic = -8;
        internal const int BatchMost = 1048576;

        /// <summary>As the length of an address: the proxy is at the other end of a unix socket.</summary>
        internal const int AddressUnix = 1;

        internal const uint StructOptions = 1;
        internal const uint StructRequest = 2;
        internal const uint StructVerdict = 3;
        internal const uint StructCounters = 4;

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern uint tollgate_abi_version();

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern byte* tollgate_version();

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern UIntPtr tollgate_struct_size(uint structure);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_from_file(
            NativeOptions* options, byte* path, UIntPtr path_len, IntPtr* gate, byte* message, UIntPtr message_cap);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_from_text(
            NativeOptions* options, byte* toml, UIntPtr toml_len, byte* folder, UIntPtr folder_len, IntPtr* gate,
            byte* message, UIntPtr message_cap);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern void tollgate_gate_free(IntPtr gate);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_check(
            IntPtr gate, IntPtr scratch, NativeRequest* request, Verdict* verdict);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_check_batch(
            IntPtr gate, IntPtr scratch, NativeRequest* requests, UIntPtr request_stride, Verdict* verdicts,
            UIntPtr verdict_stride, UIntPtr count);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_batch_choose(IntPtr scratch, UIntPtr index);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_explain(
            IntPtr gate, IntPtr scratch, NativeRequest* request, NativeBytes* lines);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_has_endpoint(
            IntPtr gate, byte* endpoint, UIntPtr endpoint_len, byte* message, UIntPtr message_cap);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern ulong tollgate_gate_cache_bytes(IntPtr gate);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_now(IntPtr gate, long* unix_s, ulong* mono_ms);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_counters(IntPtr gate, NativeCounters* counters);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_refusals(IntPtr gate, int reason, ulong* count);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_metrics(IntPtr gate, IntPtr scratch, NativeBytes* text);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern ulong tollgate_gate_refresh_due(IntPtr gate);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_needs_refresh(IntPtr gate);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_refresh(IntPtr gate, byte* message, UIntPtr message_cap);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_gate_apply(
            IntPtr gate, IntPtr update, byte* message, UIntPtr message_cap);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_peer_new(NativeBytes* chain, UIntPtr count, IntPtr* peer);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_peer_from_pem(byte* pem, UIntPtr pem_len, IntPtr* peer);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_peer_from_headers(
            IntPtr gate, byte* address, UIntPtr address_len, NativeHeader* headers, UIntPtr count, IntPtr* peer);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern void tollgate_peer_free(IntPtr peer);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_peer_thumbprint(IntPtr peer, byte* thumbprint);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern byte* tollgate_reason_name(int status);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern byte* tollgate_reason_class(int status);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern byte* tollgate_reason_sentence(int status);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern byte* tollgate_reason_remedy(int status);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern uint tollgate_reason_http_status(int status);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_request_set_address(
            NativeRequest* request, byte* address, UIntPtr address_len);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_request_set_windows(
            NativeRequest* request, byte* version, UIntPtr version_len);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_scratch_new(IntPtr* scratch);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern void tollgate_scratch_free(IntPtr scratch);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_verdict_text(IntPtr scratch, uint kind, NativeBytes* view);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_verdict_claim(
            IntPtr scratch, byte* name, UIntPtr name_len, NativeBytes* view);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_verdict_claim_at(
            IntPtr scratch, UIntPtr index, NativeBytes* name, NativeBytes* view);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_verdict_payload(IntPtr scratch, NativeBytes* payload);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_update_new(IntPtr* update);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern void tollgate_update_free(IntPtr update);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_update_configuration(IntPtr update, byte* toml, UIntPtr toml_len);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_update_keys(
            IntPtr update, uint method, byte* name, UIntPtr name_len, byte* jwks, UIntPtr jwks_len);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_update_anchors(
            IntPtr update, byte* pki, UIntPtr pki_len, byte* certificates, UIntPtr certificates_len);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_update_tenant(
            IntPtr update, uint method, byte* name, UIntPtr name_len, uint enabled);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_update_withdraw(
            IntPtr update, uint kind, byte* scope, UIntPtr scope_len, byte* id, UIntPtr id_len, long issued_before);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int tollgate_update_restore(
            IntPtr update, uint kind, byte* scope, UIntPtr scope_len, byte* id, UIntPtr id_len);
    }
}

/*
 * What the header promises at compile time: compiled as C99, C11 and C++17, against the shared library and
 * the archive. layout_more.c is the second translation unit, so that what ought to be `static inline` is.
 * Writes the release as header and library say it.
 */
#include <tollgate.h>
#include <tollgate.h>

#include "expect.h"

/* C99 has no static assertion; an array of -1 members says the same in every language. */
#define HOLDS_AS(condition, line) typedef char holds_##line[(condition) ? 1 : -1]
#define HOLDS_AT(condition, line) HOLDS_AS(condition, line)
#if defined(__cplusplus)
#define HOLDS(condition) static_assert(condition, #condition)
#define ZEROED {}
#elif __STDC_VERSION__ >= 201112L
#define HOLDS(condition) _Static_assert(condition, #condition)
#define ZEROED {0}
#else
#define HOLDS(condition) HOLDS_AT(condition, __LINE__)
#define ZEROED {0}
#endif
#define AT(structure, field, place) HOLDS(offsetof(structure, field) == (place))

/* In the order of declaration; what is there never moves, and grows at the end. */
#if UINTPTR_MAX == 0xffffffffffffffffu
HOLDS(sizeof(tollgate_bytes) == 16);
AT(tollgate_bytes, data, 0);
AT(tollgate_bytes, len, 8);

HOLDS(sizeof(tollgate_text) == 16);
AT(tollgate_text, data, 0);
AT(tollgate_text, len, 8);

HOLDS(sizeof(tollgate_header) == 32);
AT(tollgate_header, name, 0);
AT(tollgate_header, value, 16);

HOLDS(sizeof(tollgate_request) == 96);
AT(tollgate_request, size, 0);
AT(tollgate_request, scenario, 4);
AT(tollgate_request, token, 8);
AT(tollgate_request, peer, 24);
AT(tollgate_request, endpoint, 32);
AT(tollgate_request, unix_s, 48);
AT(tollgate_request, mono_ms, 56);
AT(tollgate_request, windows_major, 64);
AT(tollgate_request, windows_minor, 68);
AT(tollgate_request, windows_build, 72);
AT(tollgate_request, source_len, 76);
AT(tollgate_request, source, 80);

HOLDS(sizeof(tollgate_verdict) == 104);
AT(tollgate_verdict, size, 0);
AT(tollgate_verdict, status, 4);
AT(tollgate_verdict, admitted, 8);
AT(tollgate_verdict, method, 12);
AT(tollgate_verdict, kind, 16);
AT(tollgate_verdict, http_status, 20);
AT(tollgate_verdict, flags, 24);
AT(tollgate_verdict, detail, 28);
AT(tollgate_verdict, detail_found, 32);
AT(tollgate_verdict, detail_limit, 40);
AT(tollgate_verdict, expires_s, 48);
AT(tollgate_verdict, tenant, 56);
AT(tollgate_verdict, user, 72);
AT(tollgate_verdict, device, 88);

HOLDS(sizeof(tollgate_options) == 40);
AT(tollgate_options, size, 0);
AT(tollgate_options, processes, 4);
AT(tollgate_options, user, 8);
AT(tollgate_options, log, 16);
AT(tollgate_options, clock, 24);
AT(tollgate_options, drop, 32);

HOLDS(sizeof(tollgate_counters) == 152);
AT(tollgate_counters, size, 0);
AT(tollgate_counters, reserved, 4);
AT(tollgate_counters, admitted, 8);
AT(tollgate_counters, refused, 16);
AT(tollgate_counters, hits, 24);
AT(tollgate_counters, misses, 32);
AT(tollgate_counters, rejudged, 40);
AT(tollgate_counters, signature_checks, 48);
AT(tollgate_counters, wrong_again, 56);
AT(tollgate_counters, waited, 64);
AT(tollgate_counters, over_budget, 72);
AT(tollgate_counters, entries, 80);
AT(tollgate_counters, bytes, 88);
AT(tollgate_counters, insertions, 96);
AT(tollgate_counters, evicted, 104);
AT(tollgate_counters, expired, 112);
AT(tollgate_counters, not_kept, 120);
AT(tollgate_counters, refreshes, 128);
AT(tollgate_counters, refresh_failures, 136);
AT(tollgate_counters, updates, 144);
#endif

/* What must never be taken for an admission, as numbers that preprocessors read too. */
#if TOLLGATE_ADMITTED != 1 || TOLLGATE_DONE == TOLLGATE_ADMITTED || TOLLGATE_E_NULL >= 0
#error "the numbers of statuses have changed"
#endif

#ifdef __cplusplus
extern "C"
#endif
uint32_t layout_more(tollgate_request *request);

static void zeroed_is_refused(void)
{
    tollgate_verdict verdict = ZEROED;
    tollgate_request request = ZEROED;
    EXPECT(!tollgate_is_admitted(verdict.status));
    EXPECT_IS(verdict.status, 0);
    EXPECT_IS(verdict.admitted, 0);
    EXPECT_IS(verdict.http_status, 0);
    EXPECT(!tollgate_is_admitted(0));
    EXPECT(tollgate_is_admitted(TOLLGATE_ADMITTED));
    EXPECT(tollgate_reason_http_status(0) != 200);
    EXPECT_IS(request.scenario, 0);

    tollgate_verdict_init(&verdict);
    EXPECT_IS(verdict.size, sizeof verdict);
    EXPECT(!tollgate_is_admitted(verdict.status));
    EXPECT_IS(verdict.admitted, 0);
}

static void library_knows_the_same_structures(void)
{
    EXPECT_IS(tollgate_struct_size(TOLLGATE_STRUCT_OPTIONS), sizeof(tollgate_options));
    EXPECT_IS(tollgate_struct_size(TOLLGATE_STRUCT_REQUEST), sizeof(tollgate_request));
    EXPECT_IS(tollgate_struct_size(TOLLGATE_STRUCT_VERDICT), sizeof(tollgate_verdict));
    EXPECT_IS(tollgate_struct_size(TOLLGATE_STRUCT_COUNTERS), sizeof(tollgate_counters));
}

int main(void)
{
    tollgate_request request;
    zeroed_is_refused();
    library_knows_the_same_structures();
    EXPECT(tollgate_abi_matches());
    EXPECT_IS(tollgate_version_number(), TOLLGATE_VERSION);
    EXPECT_IS(layout_more(&request), TOLLGATE_VERSION);
    EXPECT_IS(request.size, sizeof request);
    printf("%s %d.%d.%d\n", tollgate_version(), TOLLGATE_VERSION >> 16, TOLLGATE_VERSION >> 8 & 255,
           TOLLGATE_VERSION & 255);
    return 0;
}

/* The second translation unit of layout.c, which uses every inline function. */
#include <tollgate.h>
#include <tollgate.h>

#ifdef __cplusplus
extern "C"
#endif
uint32_t layout_more(tollgate_request *request);

uint32_t layout_more(tollgate_request *request)
{
    tollgate_verdict verdict;
    tollgate_options options;
    tollgate_counters counters;
    tollgate_request_init(request);
    tollgate_verdict_init(&verdict);
    tollgate_options_init(&options);
    tollgate_counters_init(&counters);
    if (tollgate_is_admitted(verdict.status) || !tollgate_abi_matches()) {
        return 0;
    }
    return options.processes + (uint32_t)counters.reserved + TOLLGATE_VERSION;
}

/** The release of this header, as tollgate_version_number() is that of the library. */
#define TOLLGATE_VERSION \
    ((TOLLGATE_VERSION_MAJOR << 16) | (TOLLGATE_VERSION_MINOR << 8) | TOLLGATE_VERSION_PATCH)

/** 1 if a status lets a request pass, else 0. */
static inline int tollgate_is_admitted(int32_t status)
{
    return status == TOLLGATE_ADMITTED;
}

/** 1 if the library that is running has the binary interface of this header, else 0. */
static inline int tollgate_abi_matches(void)
{
    return tollgate_abi_version() == TOLLGATE_ABI_VERSION;
}

/** A request that shows nothing. NULL is left alone. */
static inline void tollgate_request_init(tollgate_request *request)
{
    if (request != NULL) {
        memset(request, 0, sizeof *request);
        request->size = (uint32_t)sizeof *request;
    }
}

/** A verdict that admits nobody. NULL is left alone. */
static inline void tollgate_verdict_init(tollgate_verdict *verdict)
{
    if (verdict != NULL) {
        memset(verdict, 0, sizeof *verdict);
        verdict->size = (uint32_t)sizeof *verdict;
    }
}

/** Options that ask for nothing. NULL is left alone. */
static inline void tollgate_options_init(tollgate_options *options)
{
    if (options != NULL) {
        memset(options, 0, sizeof *options);
        options->size = (uint32_t)sizeof *options;
    }
}

/** Counters to be filled. NULL is left alone. */
static inline void tollgate_counters_init(tollgate_counters *counters)
{
    if (counters != NULL) {
        memset(counters, 0, sizeof *counters);
        counters->size = (uint32_t)sizeof *counters;
    }
}

/*
 * In short:
 *
 *     tollgate_gate *gate;            // one a process, shared by all threads
 *     tollgate_scratch *scratch;      // one a thread
 *     tollgate_request request;       // one a request
 *     tollgate_verdict verdict;
 *
 *     tollgate_gate_from_file(NULL, path, strlen(path), &gate, message, sizeof message);
 *     tollgate_scratch_new(&scratch);
 *     tollgate_request_init(&request);
 *     tollgate_verdict_init(&verdict);
 *     request.token.data = token;     // what stands behind "Bearer "
 *     request.token.len = token_len;
 *     if (tollgate_check(gate, scratch, &request, &verdict) == TOLLGATE_ADMITTED) ...
 *
 * Status: every function that can fail returns an int32_t. 1 is TOLLGATE_ADMITTED and nothing else is;
 * 1000 and more is the number of the reason why a request was refused; less than 0 is misuse or a fault. 0
 * is never returned, so memory that nobody wrote reads as refused.
 *
 * Threads: what takes a const handle may be called by any thread, by several at once. A scratch and an
 * update belong to one thread at a time. No thread is started but by tollgate_gate_start_refresh() and, in
 * a process that judges batches, by tollgate_check_batch().
 *
 * Pointers: NULL is a status, never a crash, for every pointer; what is said to be NULL for none may be. One
 * that is not aligned is TOLLGATE_E_ARGUMENT, wherever it is.
 * Every free takes NULL. What is not NULL has to point to as much as its length says. Handles come from this
 * library and go back to it: never to free().
 *
 * Structures begin with their size and only grow, at their end. Zero them, set size, and a field that
 * you do not know means what it always meant. Numbers that say "0 means" say so for that.
 *
 * Forks: a gate may be made before a fork and used in all children (nginx does); start what refreshes it after
 * the fork, in each.
 */

#if defined(_WIN32) && !defined(TOLLGATE_STATIC)
#define TOLLGATE_API __declspec(dllimport)
#else
#define TOLLGATE_API
#endif

#if defined(__cplusplus) && __cplusplus >= 201703L
#define TOLLGATE_NODISCARD [[nodiscard]]
#elif defined(__GNUC__)
#define TOLLGATE_NODISCARD __attribute__((warn_unused_result))
#else
#define TOLLGATE_NODISCARD
#endif

/* ---- Reasons: why a request was refused. docs/reasons.md has remedies and sources. ---- */

/* A pool: `pool tollgate.toml tokens.txt 4` judges a file of tokens, one a line, on four threads. */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tollgate.h>

struct job { char *token; size_t len; int32_t status; char said[256]; };
static struct job jobs[65536]; /* status 0: not judged, and so not admitted */
static size_t count, threads;
static tollgate_gate *gate; /* one for all threads */

static void *work(void *first) {
    tollgate_scratch *scratch = NULL; /* one for each */
    tollgate_request request;
    tollgate_verdict verdict;
    tollgate_request_init(&request);
    tollgate_verdict_init(&verdict);
    if (tollgate_scratch_new(&scratch) != TOLLGATE_DONE) errx(1, "no scratch");
    for (size_t at = (size_t)first; at < count; at += threads) {
        struct job *job = &jobs[at];
        request.token = (tollgate_bytes){(const uint8_t *)job->token, job->len};
        job->status = tollgate_check(gate, scratch, &request, &verdict);
        const uint32_t which = tollgate_is_admitted(job->status) ? TOLLGATE_TEXT_ID : TOLLGATE_TEXT_REFUSAL;
        tollgate_text text = {NULL, 0};
        if (tollgate_verdict_text(scratch, which, &text) != TOLLGATE_DONE)
            text.data = tollgate_reason_name(job->status);
        snprintf(job->said, sizeof job->said, "%s", text.data); /* the next check makes the text void */
    }
    tollgate_scratch_free(scratch);
    return NULL;
}

int main(int argc, char **argv) {
    char message[512];
    pthread_t pool[64];
    tollgate_counters counters;
    tollgate_counters_init(&counters);
    threads = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (threads < 1 || threads > 64) errx(1, "usage: pool CONFIG TOKENS THREADS (1 to 64)");
    if (tollgate_gate_from_file(NULL, argv[1], strlen(argv[1]), &gate, message, sizeof message) < 0)
        errx(1, "%s", message);
    FILE *file = fopen(argv[2], "r");
    if (file == NULL) err(1, "%s", argv[2]);
    for (size_t room = 0; count < 65536 && getline(&jobs[count].token, &room, file) > 0; room = 0, ++count)
        jobs[count].len = strcspn(jobs[count].token, "\r\n");
    if (!feof(file)) errx(1, "%s: more than 65536 lines, or not to be read", argv[2]);
    fclose(file);
    for (size_t n = 0; n < threads; ++n)
        if (pthread_create(&pool[n], NULL, work, (void *)n) != 0) errx(1, "no thread");
    for (size_t n = 0; n < threads; ++n) pthread_join(pool[n], NULL);
    for (size_t at = 0; at < count; free(jobs[at++].token))
        printf("%zu %s %s\n", at + 1, tollgate_reason_class(jobs[at].status), jobs[at].said);
    if (tollgate_gate_counters(gate, &counters) != TOLLGATE_DONE) errx(1, "no counters");
    printf("%llu admitted, %llu refused, %llu remembered\n", (unsigned long long)counters.admitted,
           (unsigned long long)counters.refused, (unsigned long long)counters.entries);
    tollgate_gate_free(gate);
}

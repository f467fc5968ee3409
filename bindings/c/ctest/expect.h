/* Plain assertions: what was expected, what came, and where. The first that fails ends the program. */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT(condition) \
    do { \
        if (!(condition)) { \
            expect_failed(__FILE__, __LINE__, #condition); \
        } \
    } while (0)

/* Two integers; says both where they differ. */
#define EXPECT_IS(got, wanted) expect_is(__FILE__, __LINE__, #got, (long long)(got), (long long)(wanted))

/* A status of misuse or a fault. */
#define EXPECT_FAULT(call) expect_fault(__FILE__, __LINE__, #call, (call))

/* What admits nobody, whatever else it is: the reason of a refusal, or less than 0. */
#define EXPECT_REFUSED(call) expect_refused(__FILE__, __LINE__, #call, (call))

/* A text with its length, against one with a NUL. */
#define EXPECT_TEXT(got, wanted) expect_text(__FILE__, __LINE__, #got, (got).data, (got).len, (wanted))

static inline void expect_failed(const char *file, int line, const char *what)
{
    fflush(stdout);
    fprintf(stderr, "%s:%d: expected: %s\n", file, line, what);
    exit(1);
}

static inline void expect_is(const char *file, int line, const char *what, long long got, long long wanted)
{
    if (got != wanted) {
        fprintf(stderr, "%s:%d: %s is %lld, expected %lld\n", file, line, what, got, wanted);
        exit(1);
    }
}

static inline void expect_fault(const char *file, int line, const char *what, int32_t status)
{
    if (status >= 0) {
        fprintf(stderr, "%s:%d: %s gives %ld, expected less than 0\n", file, line, what, (long)status);
        exit(1);
    }
}

static inline void expect_refused(const char *file, int line, const char *what, int32_t status)
{
    if (status >= 0 && status < 1000) {
        fprintf(stderr, "%s:%d: %s gives %ld, which is no refusal\n", file, line, what, (long)status);
        exit(1);
    }
}

static inline void expect_text(const char *file, int line, const char *what, const char *got, size_t len,
                               const char *wanted)
{
    if (len != strlen(wanted) || memcmp(got, wanted, len) != 0) {
        fprintf(stderr, "%s:%d: %s is \"%.*s\", expected \"%s\"\n", file, line, what, (int)len, got, wanted);
        exit(1);
    }
}

#endif

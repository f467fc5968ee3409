/* Arguments that nobody should pass. */
#ifndef ABUSE_H
#define ABUSE_H

#include "world.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* One byte past where it is: aligned for nothing. */
#define OFF(type, pointer) ((type *)(void *)((char *)(void *)(pointer) + 1))

/* Sizes that no release had, for a structure of this size. */
#define BAD_SIZES(size) {0, 1, (uint32_t)(size) - 1, (uint32_t)(size) + 1, UINT32_MAX}

/* Lengths that lie: nothing is so long, and nothing may be read for them. */
static const size_t HUGE_LENGTHS[] = {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 2 + 1, (size_t)1 << 40};

/* Numbers that stand for nothing, where 1 to a few stand for something. */
static const uint32_t BAD_NUMBERS[] = {0, 99, 0x7fffffff, 0x80000000u, UINT32_MAX};

/* Bytes that are no UTF-8. */
static const char NOT_UTF8[] = "\xc3\x28\xff";

#endif

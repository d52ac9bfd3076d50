#ifndef SCHEDULERD_CRE2_H
#define SCHEDULERD_CRE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// RE2 is C++. This is all of it that schedulerd needs, in C.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct schedulerd_re2 schedulerd_re2;

// What is wrong with a pattern; the numbers are schedulerd's own, RE2's differ between its versions.
typedef enum schedulerd_re2_fault {
    SCHEDULERD_RE2_SOUND,
    SCHEDULERD_RE2_MISSING_END,
    SCHEDULERD_RE2_UNEXPECTED_PAREN,
    SCHEDULERD_RE2_TOO_LARGE,
    SCHEDULERD_RE2_OTHER,
} schedulerd_re2_fault;

// Never NULL; a pattern with a fault must be freed too. `memory`: bytes that the program and its states may take.
schedulerd_re2 *schedulerd_re2_new(const char *pattern, size_t count, int64_t memory);
void schedulerd_re2_free(schedulerd_re2 *pattern);

schedulerd_re2_fault schedulerd_re2_get_fault(const schedulerd_re2 *pattern);
// RE2's words for it, and the part of the pattern that it is about. Valid as long as the pattern.
const char *schedulerd_re2_get_message(const schedulerd_re2 *pattern);
const char *schedulerd_re2_get_part(const schedulerd_re2 *pattern, size_t *count);

// Instructions of the pattern's program; -1 when it has a fault.
int schedulerd_re2_get_size(const schedulerd_re2 *pattern);

// Whether the pattern is found anywhere in the text. From any thread.
bool schedulerd_re2_finds(const schedulerd_re2 *pattern, const char *text, size_t count);

#ifdef __cplusplus
}
#endif

#endif

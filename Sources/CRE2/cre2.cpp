#include "cre2.h"

#include <re2/re2.h>

using re2::RE2;
using re2::StringPiece;

struct schedulerd_re2 {
    RE2 pattern;

    schedulerd_re2(StringPiece text, const RE2::Options &options) : pattern(text, options) {}
};

extern "C" {

schedulerd_re2 *schedulerd_re2_new(const char *pattern, size_t count, int64_t memory) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(memory);
    return new schedulerd_re2(StringPiece(pattern, count), options);
}

void schedulerd_re2_free(schedulerd_re2 *pattern) {
    delete pattern;
}

schedulerd_re2_fault schedulerd_re2_get_fault(const schedulerd_re2 *pattern) {
    switch (pattern->pattern.error_code()) {
    case RE2::NoError: return SCHEDULERD_RE2_SOUND;
    case RE2::ErrorMissingBracket:
    case RE2::ErrorMissingParen:
    case RE2::ErrorTrailingBackslash: return SCHEDULERD_RE2_MISSING_END;
    case RE2::ErrorUnexpectedParen: return SCHEDULERD_RE2_UNEXPECTED_PAREN;
    case RE2::ErrorPatternTooLarge: return SCHEDULERD_RE2_TOO_LARGE;
    default: return SCHEDULERD_RE2_OTHER;
    }
}

const char *schedulerd_re2_get_message(const schedulerd_re2 *pattern) {
    return pattern->pattern.error().c_str();
}

const char *schedulerd_re2_get_part(const schedulerd_re2 *pattern, size_t *count) {
    const std::string &part = pattern->pattern.error_arg();
    *count = part.size();
    return part.data();
}

int schedulerd_re2_get_size(const schedulerd_re2 *pattern) {
    return pattern->pattern.ProgramSize();
}

bool schedulerd_re2_finds(const schedulerd_re2 *pattern, const char *text, size_t count) {
    return pattern->pattern.Match(StringPiece(text, count), 0, count, RE2::UNANCHORED, nullptr, 0);
}

}

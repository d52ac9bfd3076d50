#ifndef SCHEDULERD_CCURL_SHIM_H
#define SCHEDULERD_CCURL_SHIM_H

#include <curl/curl.h>

// The kernel interfaces the loop waits with; Swift's Glibc module leaves them out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

// libcurl's setters and getters are variadic, which Swift cannot call. One typed wrapper for each kind of argument.

static inline CURLcode schedulerd_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode schedulerd_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode schedulerd_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode schedulerd_curl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

typedef size_t (*schedulerd_curl_write)(char *bytes, size_t size, size_t count, void *context);
typedef curl_socket_t (*schedulerd_curl_open)(void *context, curlsocktype purpose, struct curl_sockaddr *address);

static inline CURLcode schedulerd_curl_set_write(CURL *easy, schedulerd_curl_write function, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
    return code ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static inline CURLcode schedulerd_curl_set_open(CURL *easy, schedulerd_curl_open function, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
    return code ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
}

typedef int (*schedulerd_curl_close)(void *context, curl_socket_t descriptor);

static inline CURLcode schedulerd_curl_set_close(CURL *easy, schedulerd_curl_close function, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, function);
    return code ? code : curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, context);
}

typedef int (*schedulerd_curl_prereq)(void *context, char *address, char *own_address, int port, int own_port);

static inline CURLcode schedulerd_curl_set_prereq(CURL *easy, schedulerd_curl_prereq function, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
    return code ? code : curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
}

// 0, NULL: also what libcurl answers when it does not know.
static inline long schedulerd_curl_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

static inline curl_off_t schedulerd_curl_get_offset(CURL *easy, CURLINFO info) {
    curl_off_t value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

static inline const char *schedulerd_curl_get_string(CURL *easy, CURLINFO info) {
    const char *value = NULL;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

static inline void *schedulerd_curl_get_private(CURL *easy) {
    char *value = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
    return value;
}

typedef int (*schedulerd_curl_watch)(CURL *easy, curl_socket_t socket, int what, void *context, void *mark);
typedef int (*schedulerd_curl_timer)(CURLM *multi, long milliseconds, void *context);

static inline CURLMcode schedulerd_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode schedulerd_curl_multi_set_watch(CURLM *multi, schedulerd_curl_watch function, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
    return code ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

static inline CURLMcode schedulerd_curl_multi_set_timer(CURLM *multi, schedulerd_curl_timer function, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
    return code ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

#endif

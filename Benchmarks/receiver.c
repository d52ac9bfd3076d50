// receiver.c: the far end of every measurement: a small HTTP server, one thread on epoll, that records what arrives.
//
//   gcc -O2 -o receiver receiver.c
//   ./receiver [--port N] [--out FILE] [--delay-ms N] [--fail-first N] [--status N] [--body TEXT] [--max-records N] [--hangs 1]
//
// --port 0, the default, takes a free port; the port is printed on standard output. It answers every request with --status
// (200) and --body ({"success":true}), --delay-ms later; --fail-first N answers 500 to the attempts 1…N by X-Task-Attempt.
// A path may ask for something else: /slow/MS for another delay, /fail/N for other failing attempts, /hang for no answer.
// With --hangs 1 it answers nothing until it gets SIGUSR2, which turns that over each time.
// --out writes a line per request on SIGUSR1 and on SIGTERM: arrival (microseconds of CLOCK_REALTIME, taken when its last
// header byte was read), X-Task-Id, X-Task-Attempt, path; then how it ended: the time (0: not yet) and the status (0: the
// client left before the answer), Idempotency-Key, User-Agent. GET /_count answers how many requests were recorded.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_connections = 65536, input_size = 16384, chunk_size = 65536 };

typedef struct {
    int64_t arrival, ended;
    uint32_t attempt;
    int status;
    char id[40], path[72], key[40], agent[24];
} record;
typedef struct {
    uint64_t serial;              // tells this connection from a later one on the same descriptor
    size_t used, body_left;       // bytes in `input`; bytes of a request's body still to be skipped
    char *output;
    size_t output_used, output_size;
    int closing, waits_to_write;
    record *open;                 // the request that has no answer yet
    char input[input_size];
} connection;
typedef struct { int64_t due; uint64_t serial; int fd, failed, close; } answer;

static connection *connections[most_connections];
static int poller, delay_ms, fail_first;
static uint64_t serials;
static int good_status = 200, hangs;
static char *good, *bad;
static const char *out_path;

static _Noreturn void die(const char *what) { perror(what); exit(1); }

static int64_t microseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

// Records lie in chunks, so that growing never copies (a pause that would be measured as lateness).
static record **chunks;
static size_t records, most_records = 20000000;

typedef struct { const char *start; size_t length; } span;

static void copy(char *to, size_t size, span from) {
    size_t length = from.length < size ? from.length : size - 1;
    memcpy(to, from.start, length);
    to[length] = 0;
}

static record *note(int64_t arrival, span id, uint32_t attempt, span path, span key, span agent) {
    if (records == most_records) return NULL;
    if (records % chunk_size == 0 && !(chunks[records / chunk_size] = malloc(chunk_size * sizeof(record)))) die("malloc");
    record *r = &chunks[records / chunk_size][records % chunk_size];
    records++;
    r->arrival = arrival;
    r->ended = 0;
    r->status = 0;
    r->attempt = attempt;
    copy(r->id, sizeof r->id, id);
    copy(r->path, sizeof r->path, path);
    copy(r->key, sizeof r->key, key);
    copy(r->agent, sizeof r->agent, agent);
    return r;
}

static void note_end(connection *c, int status) {
    if (!c->open) return;
    c->open->ended = microseconds(CLOCK_REALTIME);
    c->open->status = status;
    c->open = NULL;
}

// Under another name first: whoever sees the file sees all of it.
static void write_records(void) {
    if (!out_path) return;
    char *partial;
    if (asprintf(&partial, "%s.partial", out_path) < 0) die("asprintf");
    FILE *f = fopen(partial, "w");
    if (!f) die(partial);
    for (size_t i = 0; i < records; i++) {
        record *r = &chunks[i / chunk_size][i % chunk_size];
        fprintf(f, "%lld\t%s\t%u\t%s\t%lld\t%d\t%s\t%s\n", (long long)r->arrival, r->id, r->attempt, r->path,
                (long long)r->ended, r->status, r->key, r->agent);
    }
    if (fclose(f) || rename(partial, out_path)) die(out_path);
    free(partial);
}

static char *response(int status, const char *body) {
    char *text;
    if (asprintf(&text, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
                 status == 200 ? "OK" : "Status", strlen(body), body) < 0) die("asprintf");
    return text;
}

static void hang_up(int fd) {
    note_end(connections[fd], 0);
    free(connections[fd]->output);
    free(connections[fd]);
    connections[fd] = NULL;
    close(fd);
}

static void append(connection *c, const char *text) {
    size_t n = strlen(text);
    if (c->output_used + n > c->output_size) {
        c->output_size = (c->output_used + n) * 2;
        if (!(c->output = realloc(c->output, c->output_size))) die("realloc");
    }
    memcpy(c->output + c->output_used, text, n);
    c->output_used += n;
}

// Writes what is there; what the socket does not take waits for it. Ends a connection that is to be closed.
static void flush_output(int fd) {
    connection *c = connections[fd];
    size_t sent = 0;
    while (sent < c->output_used) {
        ssize_t n = send(fd, c->output + sent, c->output_used - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) break;
        if (n < 0) { hang_up(fd); return; }
        sent += (size_t)n;
    }
    memmove(c->output, c->output + sent, c->output_used - sent);
    c->output_used -= sent;
    int waits = c->output_used > 0;
    if (!waits && c->closing) { hang_up(fd); return; }
    if (waits != c->waits_to_write) {
        struct epoll_event e = {.events = EPOLLIN | (waits ? EPOLLOUT : 0), .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_MOD, fd, &e);
        c->waits_to_write = waits;
    }
}

// Answers that wait: a binary heap, the next due on top.
static answer *heap;
static size_t heap_count, heap_size;

static void put_off(answer a) {
    if (heap_count == heap_size) {
        heap_size = heap_size ? heap_size * 2 : 1024;
        if (!(heap = realloc(heap, heap_size * sizeof *heap))) die("realloc");
    }
    size_t at = heap_count++;
    for (; at && heap[(at - 1) / 2].due > a.due; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = a;
}

static answer take_due(void) {
    answer top = heap[0], last = heap[--heap_count];
    size_t at = 0;
    for (size_t child; (child = at * 2 + 1) < heap_count; at = child) {
        if (child + 1 < heap_count && heap[child + 1].due < heap[child].due) child++;
        if (heap[child].due >= last.due) break;
        heap[at] = heap[child];
    }
    heap[at] = last;
    return top;
}

static void give(connection *c, int failed, int close_after) {
    append(c, failed ? bad : good);
    note_end(c, failed ? 500 : good_status);
    c->closing |= close_after;
}

static void send_answers_due(void) {
    int64_t now = microseconds(CLOCK_MONOTONIC);
    while (heap_count && heap[0].due <= now) {
        answer a = take_due();
        connection *c = connections[a.fd];
        if (!c || c->serial != a.serial) continue;
        give(c, a.failed, a.close);
        flush_output(a.fd);
    }
}

static int is_header(const char *line, size_t length, const char *name, const char **value, size_t *value_length) {
    size_t n = strlen(name);
    if (length <= n || line[n] != ':' || strncasecmp(line, name, n)) return 0;
    const char *v = line + n + 1, *end = line + length;
    while (v < end && *v == ' ') v++;
    while (end > v && end[-1] == ' ') end--;
    *value = v;
    *value_length = (size_t)(end - v);
    return 1;
}

// The number after `word` in a path; `otherwise` when the word is not in it.
static int number_after(span path, const char *word, int otherwise) {
    const char *found = memmem(path.start, path.length, word, strlen(word));
    return found ? atoi(found + strlen(word)) : otherwise;   // the version follows the path, so atoi ends in time
}

// Takes one request's head. The body is skipped as it comes; nothing here needs it.
static void take(int fd, const char *head, size_t length, int64_t arrival) {
    connection *c = connections[fd];
    const char *end = head + length, *line = memchr(head, '\n', length), *v, *space = memchr(head, ' ', length);
    span path = {space ? space + 1 : head, 0}, id = {"", 0}, key = {"", 0}, agent = {"", 0};
    if ((space = memchr(path.start, ' ', (size_t)(end - path.start)))) path.length = (size_t)(space - path.start);
    size_t n;
    uint32_t attempt = 0;
    int close_after = 0;
    for (line++; line < end;) {
        const char *stop = memchr(line, '\r', (size_t)(end - line));
        if (!stop) break;
        size_t l = (size_t)(stop - line);
        switch (*line | 0x20) {   // most headers are none of ours
        case 'x':
            if (is_header(line, l, "X-Task-Id", &v, &n)) id = (span){v, n};
            else if (is_header(line, l, "X-Task-Attempt", &v, &n)) attempt = (uint32_t)strtoul(v, NULL, 10);
            break;
        case 'c':
            if (is_header(line, l, "Content-Length", &v, &n)) c->body_left = strtoull(v, NULL, 10);
            else if (is_header(line, l, "Connection", &v, &n)) close_after = n == 5 && !strncasecmp(v, "close", 5);
            break;
        case 'i':
            if (is_header(line, l, "Idempotency-Key", &v, &n)) key = (span){v, n};
            break;
        case 'u':
            if (is_header(line, l, "User-Agent", &v, &n)) agent = (span){v, n};
            break;
        case 't':
            if (is_header(line, l, "Transfer-Encoding", &v, &n)) {
                append(c, "HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\n\r\n");
                c->closing = 1;
                return;
            }
        }
        line = stop + 2;
    }
    if (path.length == 7 && !memcmp(path.start, "/_count", 7)) {
        char count[24];
        snprintf(count, sizeof count, "%zu", records);
        char *text = response(200, count);
        append(c, text);
        free(text);
        c->closing |= close_after;
        return;
    }
    if (out_path) c->open = note(arrival, id, attempt, path, key, agent);
    if (hangs || memmem(path.start, path.length, "/hang", 5)) return;
    int failed = attempt >= 1 && attempt <= (uint32_t)number_after(path, "/fail/", fail_first);
    int delay = number_after(path, "/slow/", delay_ms);
    if (delay) put_off((answer){microseconds(CLOCK_MONOTONIC) + delay * 1000LL, c->serial, fd, failed, close_after});
    else give(c, failed, close_after);
}

static void receive(int fd) {
    connection *c = connections[fd];
    ssize_t got = recv(fd, c->input + c->used, input_size - c->used, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) { hang_up(fd); return; }
    int64_t arrival = microseconds(CLOCK_REALTIME);
    c->used += (size_t)got;
    size_t at = 0;
    while (at < c->used && !c->closing) {
        if (c->body_left) {
            size_t skipped = c->used - at < c->body_left ? c->used - at : c->body_left;
            at += skipped;
            c->body_left -= skipped;
            continue;
        }
        const char *end = memmem(c->input + at, c->used - at, "\r\n\r\n", 4);
        if (!end) break;
        size_t length = (size_t)(end + 4 - (c->input + at));
        take(fd, c->input + at, length, arrival);
        at += length;
    }
    if (at == 0 && c->used == input_size) { hang_up(fd); return; }   // a head that does not fit
    memmove(c->input, c->input + at, c->used - at);
    c->used -= at;
    if (c->output_used) flush_output(fd);
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
        if (fd < 0) return;
        if (fd >= most_connections) { close(fd); continue; }
        if (!(connections[fd] = calloc(1, sizeof(connection)))) die("calloc");
        connections[fd]->serial = ++serials;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
    }
}

int main(int count, char **arguments) {
    int port = 0, on = 1;
    const char *body = "{\"success\":true}";
    for (int i = 1; i < count; i += 2) {
        const char *key = arguments[i], *value = i + 1 < count ? arguments[i + 1] : "";
        if (!strcmp(key, "--port")) port = atoi(value);
        else if (!strcmp(key, "--out")) out_path = value;
        else if (!strcmp(key, "--delay-ms")) delay_ms = atoi(value);
        else if (!strcmp(key, "--fail-first")) fail_first = atoi(value);
        else if (!strcmp(key, "--status")) good_status = atoi(value);
        else if (!strcmp(key, "--body")) body = value;
        else if (!strcmp(key, "--hangs")) hangs = atoi(value);
        else if (!strcmp(key, "--max-records")) most_records = strtoull(value, NULL, 10);
        else { fprintf(stderr, "receiver: unknown option %s\n", key); return 2; }
    }
    good = response(good_status, body);
    bad = response(500, "{\"success\":false}");
    chunks = calloc(most_records / chunk_size + 1, sizeof *chunks);

    struct rlimit files = {most_connections, most_connections};   // more than is allowed: as far as it goes
    if (setrlimit(RLIMIT_NOFILE, &files) && !getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGUSR1);
    sigaddset(&signals, SIGUSR2);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);

    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, s = {.events = EPOLLIN, .data.fd = signal_fd}, ready[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
    epoll_ctl(poller, EPOLL_CTL_ADD, signal_fd, &s);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    for (;;) {
        int wait = -1;
        if (heap_count) {
            int64_t left = heap[0].due - microseconds(CLOCK_MONOTONIC);
            wait = left > 0 ? (int)((left + 999) / 1000) : 0;
        }
        int n = epoll_wait(poller, ready, 256, wait);
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) accept_all(listener);
            else if (fd == signal_fd) {
                struct signalfd_siginfo info;
                if (read(signal_fd, &info, sizeof info) != sizeof info) continue;
                if (info.ssi_signo == SIGUSR2) { hangs = !hangs; continue; }
                write_records();
                if (info.ssi_signo != SIGUSR1) return 0;
            } else {
                if (ready[i].events & EPOLLOUT) flush_output(fd);
                if (connections[fd] && ready[i].events & ~(uint32_t)EPOLLOUT) receive(fd);
            }
        }
        send_answers_due();
    }
}

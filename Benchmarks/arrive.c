// arrive.c: producers that hand in tasks at an even rate, each for a random time some seconds ahead.
//
//   gcc -O2 -o arrive arrive.c
//   ./arrive --port N --url http://127.0.0.1:PORT/cb --rate 1000 --seconds 20 --from 2 --to 30 [--clients 64] [--seed 1] --out FILE
//
// POST /v1/tasks over keep-alive connections, one request at a time on each. --out gets a line per task: its id and its plan
// time (microseconds of CLOCK_REALTIME). Prints one line: how many, how many were sent late for want of a free connection,
// and how long answers took. An answer other than 201 ends it with status 1.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_clients = 1024, input_size = 16384 };

typedef struct { int fd, task; size_t used; double sent; char input[input_size]; } client;
typedef struct { int64_t plan; char id[37]; } task;

static int port, rate = 1000, seconds = 20, from = 2, to = 30, clients = 64, seed = 1;
static const char *url = "", *out_path;

static _Noreturn void die(const char *what) { fprintf(stderr, "arrive: %s: %s\n", what, strerror(errno)); exit(1); }

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static int in_order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void hand_in(client *c, task *t, int index) {
    t->plan = (int64_t)((now(CLOCK_REALTIME) + from + drand48() * (to - from)) * 1e6);
    time_t second = t->plan / 1000000;
    struct tm utc;
    gmtime_r(&second, &utc);
    char time[40], body[1200], request[1600];
    size_t n = strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(time + n, sizeof time - n, ".%06dZ", (int)(t->plan % 1000000));
    int length = snprintf(body, sizeof body,
        "{\"plan_time\": \"%s\", \"request\": {\"method\": \"POST\", \"url\": \"%s\","
        " \"body\": \"order=4711&event=unpaid-timeout&note=0123456789012345678901234567890123456789\"}}", time, url);
    int whole = snprintf(request, sizeof request,
        "POST /v1/tasks HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", length, body);
    c->task = index;
    c->used = 0;
    c->sent = now(CLOCK_MONOTONIC);
    if (send(c->fd, request, whole, MSG_NOSIGNAL) != whole) die("send");
}

// Whether the answer is complete; then the id is taken out of it.
static int answered(client *c, task *tasks) {
    ssize_t n = recv(c->fd, c->input + c->used, sizeof c->input - 1 - c->used, 0);
    if (n <= 0) die("the server closed a connection");
    c->used += n;
    c->input[c->used] = 0;
    char *end = strstr(c->input, "\r\n\r\n");
    if (!end) return 0;
    char *length = strcasestr(c->input, "\r\ncontent-length:");
    if (!length || length > end) { fprintf(stderr, "arrive: no length in %s\n", c->input); exit(1); }
    char *body = end + 4;
    if (c->used - (body - c->input) < strtoul(length + 17, NULL, 10)) return 0;
    char *id = strstr(body, "\"id\":");
    if (id) id = strchr(id + 5, '"');
    if (strncmp(c->input + 9, "201", 3) || !id) { fprintf(stderr, "arrive: not created: %s\n", c->input); exit(1); }
    memcpy(tasks[c->task].id, id + 1, 36);
    return 1;
}

int main(int count, char **arguments) {
    for (int i = 1; i + 1 < count; i += 2) {
        const char *key = arguments[i], *value = arguments[i + 1];
        if (!strcmp(key, "--port")) port = atoi(value);
        else if (!strcmp(key, "--url")) url = value;
        else if (!strcmp(key, "--rate")) rate = atoi(value);
        else if (!strcmp(key, "--seconds")) seconds = atoi(value);
        else if (!strcmp(key, "--from")) from = atoi(value);
        else if (!strcmp(key, "--to")) to = atoi(value);
        else if (!strcmp(key, "--clients")) clients = atoi(value);
        else if (!strcmp(key, "--seed")) seed = atoi(value);
        else if (!strcmp(key, "--out")) out_path = value;
        else { fprintf(stderr, "arrive: unknown option %s\n", key); return 2; }
    }
    if (clients > most_clients) clients = most_clients;
    srand48(seed);
    int all = rate * seconds, sent = 0, done = 0, late = 0, free_count = 0;
    task *tasks = calloc(all, sizeof *tasks);
    double *took = calloc(all, sizeof *took);
    client *each = calloc(clients, sizeof *each), **idle = calloc(clients, sizeof *idle);
    int poller = epoll_create1(0), yes = 1;
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < clients; i++) {
        client *c = idle[free_count++] = &each[i];
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c->fd, (struct sockaddr *)&place, sizeof place)) die("connect");
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
    }
    double begun = now(CLOCK_MONOTONIC);
    while (done < all) {
        double passed = now(CLOCK_MONOTONIC) - begun;
        if (passed > seconds + 60) { fprintf(stderr, "arrive: %d of %d requests were not answered\n", all - done, all); return 1; }
        while (sent < all && free_count && (double)sent / rate <= passed) {
            if (passed - (double)sent / rate > 0.005) late++;
            hand_in(idle[--free_count], &tasks[sent], sent);
            sent++;
        }
        int pause = 1000;
        if (sent < all && free_count) {
            double left = (double)sent / rate - (now(CLOCK_MONOTONIC) - begun);
            pause = left <= 0 ? 0 : (int)(left * 1000) + 1;
        }
        struct epoll_event events[64];
        int n = epoll_wait(poller, events, 64, pause);
        for (int i = 0; i < n; i++) {
            client *c = events[i].data.ptr;
            if (!answered(c, tasks)) continue;
            took[c->task] = now(CLOCK_MONOTONIC) - c->sent;
            idle[free_count++] = c;
            done++;
        }
    }
    FILE *out = fopen(out_path, "w");
    if (!out) die(out_path);
    for (int i = 0; i < all; i++) fprintf(out, "%s %lld\n", tasks[i].id, (long long)tasks[i].plan);
    fclose(out);
    qsort(took, all, sizeof *took, in_order);
    printf("arrive tasks=%d late=%d p50_ms=%.2f p99_ms=%.2f max_ms=%.2f\n", all, late, took[all / 2] * 1e3, took[(int)(all * 0.99)] * 1e3,
           took[all - 1] * 1e3);
    return 0;
}

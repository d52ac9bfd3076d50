// take.c: the least that any program must do to make tasks of messages in Redis, in C: read a batch in one round trip,
// insert it in one transaction, remove it from Redis. It parses nothing, and a crash in the middle may double or lose.
//
//   gcc -O2 -o take take.c $(pkg-config --cflags --libs libmariadb hiredis)
//   ./take --redis SOCKET --kind list|sorted_set --key KEY --sock FILE --user U --pass W --db D [--batch 500]
//
// It inserts into the tables of a migrated database, and prints one line: rows, seconds, rows per second.
#define _GNU_SOURCE
#include <hiredis/hiredis.h>
#include <mysql.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static const char *redis_path, *kind = "list", *key, *sock, *user = "root", *pass = "", *db = "test";
static int batch = 500;

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "take: %s: %s\n", what, why);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

typedef struct { char *p; size_t n, size; } text;

static char *room(text *t, size_t n) {
    if (t->n + n >= t->size) {
        t->size = (t->size + n) * 2;
        if (!(t->p = realloc(t->p, t->size))) die("memory", "");
    }
    return t->p + t->n;
}

static void add(text *t, const char *format, ...) {
    va_list a;
    va_start(a, format);
    t->n += vsnprintf(room(t, 512), 512, format, a);
    va_end(a);
}

static redisReply *ask(redisContext *c, const char *format, ...) {
    va_list a;
    va_start(a, format);
    redisReply *r = redisvCommand(c, format, a);
    va_end(a);
    if (!r || r->type == REDIS_REPLY_ERROR) die("redis", r ? r->str : c->errstr);
    return r;
}

static void run(MYSQL *m, const text *t) {
    if (mysql_real_query(m, t->p, t->n)) die("database", mysql_error(m));
    do {
        MYSQL_RES *r = mysql_store_result(m);
        if (r) mysql_free_result(r);
    } while (mysql_next_result(m) == 0);
    if (mysql_errno(m)) die("database", mysql_error(m));
}

int main(int count, char **words) {
    for (int i = 1; i + 1 < count; i += 2) {
        const char *name = words[i], *value = words[i + 1];
        if (!strcmp(name, "--redis")) redis_path = value;
        else if (!strcmp(name, "--kind")) kind = value;
        else if (!strcmp(name, "--key")) key = value;
        else if (!strcmp(name, "--sock")) sock = value;
        else if (!strcmp(name, "--user")) user = value;
        else if (!strcmp(name, "--pass")) pass = value;
        else if (!strcmp(name, "--db")) db = value;
        else if (!strcmp(name, "--batch")) batch = atoi(value);
        else die("unknown option", name);
    }
    redisContext *c = redisConnectUnix(redis_path);
    if (!c || c->err) die("redis", c ? c->errstr : "no memory");
    MYSQL *m = mysql_init(NULL);
    if (!mysql_real_connect(m, NULL, user, pass, db, 0, sock, CLIENT_MULTI_STATEMENTS)) die("database", mysql_error(m));
    text first = {0};
    add(&first, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; INSERT IGNORE INTO queues (id, name, created_at)"
                " VALUES (1, 'default', UTC_TIMESTAMP(6))");
    run(m, &first);

    int sorted = !strcmp(kind, "sorted_set");
    unsigned long long high = (unsigned long long)time(NULL) * 1000 << 16 | 0x7000, low;
    if (getrandom(&low, sizeof low, 0) != sizeof low) die("random", "");
    low = low >> 2 | 1ULL << 63;
    long rows = 0;
    double begin = now();
    text task = {0}, place = {0}, all = {0};
    for (;;) {
        redisReply *r = sorted ? ask(c, "ZRANGE %s 0 %d", key, batch - 1) : ask(c, "LRANGE %s 0 %d", key, batch - 1);
        if (r->elements == 0) break;
        task.n = place.n = all.n = 0;
        add(&task, "INSERT INTO tasks (id, queue_id, state, requested_time, plan_time, method, url, headers, body, success_rule,"
                   " max_retries, retry_delays, timeout_ms, created_at) VALUES ");
        add(&place, "INSERT INTO scheduled (queue_id, plan_time, task_id) VALUES ");
        for (size_t i = 0; i < r->elements; i++, low++) {
            const char *comma = i ? "," : "";
            add(&task, "%s(X'%016llx%016llx',1,0,'2090-01-01','2090-01-01','POST','http://127.0.0.1:9/l?n=%ld',"
                       "'Content-Type: application/x-www-form-urlencoded','", comma, high, low, rows + (long)i);
            char *to = room(&task, r->element[i]->len * 2 + 1);
            task.n += mysql_real_escape_string(m, to, r->element[i]->str, r->element[i]->len);
            add(&task, "','legacy_json_success',6,'5,15,30,180,3600,7200',15000,UTC_TIMESTAMP(6))");
            add(&place, "%s(1,'2090-01-01',X'%016llx%016llx')", comma, high, low);
        }
        add(&all, "START TRANSACTION;");
        memcpy(room(&all, task.n), task.p, task.n), all.n += task.n;
        add(&all, ";");
        memcpy(room(&all, place.n), place.p, place.n), all.n += place.n;
        add(&all, ";COMMIT");
        run(m, &all);
        rows += r->elements;
        freeReplyObject(sorted ? ask(c, "ZREMRANGEBYRANK %s 0 %d", key, (int)r->elements - 1)
                               : ask(c, "LTRIM %s %d -1", key, (int)r->elements));
        freeReplyObject(r);
    }
    double seconds = now() - begin;
    printf("rows=%ld seconds=%.3f rows_per_s=%.0f\n", rows, seconds, rows / seconds);
}

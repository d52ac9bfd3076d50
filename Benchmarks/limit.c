// limit.c: the least that any scheduler on this schema must do, in C: the ceiling that schedulerd is measured beside.
// Claim a batch with SKIP LOCKED, POST every task with libcurl, record the outcomes in one transaction, and nothing else:
// no wheel, no retries, no limits, no lease. One connection per worker; the statements of a step go in one round trip.
//
//   gcc -O2 -o limit limit.c $(pkg-config --cflags --libs libmariadb libcurl) -lpthread
//   ./limit --mode full|cycle|insert --url http://127.0.0.1:PORT/cb --sock FILE | --host H --port N
//           [--user U --pass W --db D --rows 20000 --workers 2 --batch 500 --conc 64]
//
// full: claim, POST, record. cycle: without HTTP. insert: only the inserts that come before. It drops and creates tables
// named limit_*, and prints one line: mode, rows, seconds, rows per second, duplicates.
#define _GNU_SOURCE
#include <curl/curl.h>
#include <mysql.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { most_workers = 64 };

static const char *host = "127.0.0.1", *sock, *user = "root", *pass = "", *db = "test", *url, *mode = "full";
static int port = 3306, rows = 20000, workers = 2, batch = 500, conc = 64;

static unsigned char *seen;
static long duplicates, failures, deadlocks;
static pthread_mutex_t tally = PTHREAD_MUTEX_INITIALIZER;

typedef unsigned long long id_type;
typedef struct { id_type id; char plan[32]; char body[256]; int status; } job;
typedef struct { int first, count; } span;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static _Noreturn void die(const char *what, MYSQL *m) {
    fprintf(stderr, "limit: %s: %s\n", what, m ? mysql_error(m) : "");
    exit(1);
}

typedef struct { char *p; size_t n, size; } text;

static void add(text *t, const char *format, ...) {
    for (;;) {
        va_list a;
        va_start(a, format);
        int k = vsnprintf(t->p ? t->p + t->n : NULL, t->size - t->n, format, a);
        va_end(a);
        if (t->n + k < t->size) { t->n += k; return; }
        t->size = (t->size + k + 1) * 2;
        if (!(t->p = realloc(t->p, t->size))) die("memory", NULL);
    }
}

static MYSQL *open_db(void) {
    MYSQL *m = mysql_init(NULL);
    if (!mysql_real_connect(m, sock ? "localhost" : host, user, pass, db, port, sock, CLIENT_MULTI_STATEMENTS)) die("connect", m);
    if (mysql_query(m, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED") ||
        mysql_query(m, "SET SESSION time_zone='+00:00'")) die("session", m);
    return m;
}

// Runs every statement of q and drops the results. 1: deadlock or lock wait; rolled back, to be tried again.
static int run(MYSQL *m, const char *q, size_t n) {
    int more = mysql_real_query(m, q, n);
    while (more == 0) {
        MYSQL_RES *r = mysql_store_result(m);
        if (r) mysql_free_result(r);
        more = mysql_next_result(m);
    }
    if (more < 0) return 0;
    if (mysql_errno(m) != 1213 && mysql_errno(m) != 1205) die("statement", m);
    __sync_fetch_and_add(&deadlocks, 1);
    mysql_query(m, "ROLLBACK");
    return 1;
}

static void create_tables(MYSQL *m) {
    const char *q =
        "DROP TABLE IF EXISTS limit_task, limit_scheduled, limit_claim, limit_attempt;"
        "CREATE TABLE limit_task(id BIGINT UNSIGNED PRIMARY KEY, state TINYINT NOT NULL DEFAULT 0, attempt INT NOT NULL DEFAULT 0,"
        " plan_time DATETIME(6) NOT NULL, url VARCHAR(2048) NOT NULL, body VARBINARY(8000) NOT NULL) ENGINE=InnoDB;"
        "CREATE TABLE limit_scheduled(queue_id INT NOT NULL, plan_time DATETIME(6) NOT NULL, task_id BIGINT UNSIGNED NOT NULL,"
        " PRIMARY KEY(queue_id,plan_time,task_id)) ENGINE=InnoDB;"
        "CREATE TABLE limit_claim(task_id BIGINT UNSIGNED PRIMARY KEY, incarnation BIGINT NOT NULL, queue_id INT NOT NULL,"
        " plan_time DATETIME(6) NOT NULL, started_at DATETIME(6)) ENGINE=InnoDB;"
        "CREATE TABLE limit_attempt(task_id BIGINT UNSIGNED NOT NULL, attempt INT NOT NULL, started_at DATETIME(6) NOT NULL,"
        " status SMALLINT, micros INT, response VARBINARY(255), PRIMARY KEY(task_id,attempt)) ENGINE=InnoDB;";
    run(m, q, strlen(q));
}

static void drop_tables(MYSQL *m) {
    const char *q = "DROP TABLE limit_task, limit_scheduled, limit_claim, limit_attempt";
    run(m, q, strlen(q));
}

static void *insert_span(void *argument) {
    span *s = argument;
    MYSQL *m = open_db();
    text q = {0};
    for (int i = s->first, last = s->first + s->count; i < last; i += batch) {
        int end = i + batch > last ? last : i + batch;
        q.n = 0;
        add(&q, "START TRANSACTION;INSERT INTO limit_task(id,plan_time,url,body) VALUES");
        for (int k = i; k < end; k++)
            add(&q, "%s(%d,'2026-01-01 00:00:00.%06d','%s','order=%d&event=unpaid-timeout&note=0123456789012345678901234567890123456789')",
                k > i ? "," : "", k + 1, k % 1000000, url ? url : "http://127.0.0.1/cb", k);
        add(&q, ";INSERT INTO limit_scheduled(queue_id,plan_time,task_id) VALUES");
        for (int k = i; k < end; k++) add(&q, "%s(1,'2026-01-01 00:00:00.%06d',%d)", k > i ? "," : "", k % 1000000, k + 1);
        add(&q, ";COMMIT");
        while (run(m, q.p, q.n)) {}
    }
    free(q.p);
    mysql_close(m);
    return NULL;
}

static size_t drop_body(char *p, size_t size, size_t n, void *u) {
    (void)p;
    (void)u;
    return size * n;
}

static void begin(CURLM *multi, CURL *easy, job *j) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, j->body);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, j);
    curl_multi_add_handle(multi, easy);
}

static void post_all(CURLM *multi, CURL **easy, job *j, int n) {
    int next = 0, done = 0, running, left;
    while (next < conc && next < n) { begin(multi, easy[next], &j[next]); next++; }
    while (done < n) {
        curl_multi_perform(multi, &running);
        for (CURLMsg *g; (g = curl_multi_info_read(multi, &left));) {
            CURL *e = g->easy_handle;
            job *finished;
            long code = 0;
            curl_easy_getinfo(e, CURLINFO_PRIVATE, &finished);
            curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &code);
            finished->status = g->data.result ? 0 : (int)code;
            done++;
            curl_multi_remove_handle(multi, e);
            if (next < n) begin(multi, e, &j[next++]);
        }
        if (done < n) curl_multi_poll(multi, NULL, 0, 100, NULL);
    }
}

// Claims up to a batch for `me`; 0: nothing left, -1: to be tried again.
static int claim(MYSQL *m, text *q, job *j, long me) {
    q->n = 0;
    add(q, "START TRANSACTION;SELECT plan_time,task_id FROM limit_scheduled WHERE queue_id=1 AND plan_time<=UTC_TIMESTAMP(6)"
           " ORDER BY plan_time,task_id LIMIT %d FOR UPDATE SKIP LOCKED", batch);
    if (mysql_real_query(m, q->p, q->n)) die("claim", m);
    int n = 0;
    do {
        MYSQL_RES *r = mysql_store_result(m);
        if (!r) continue;
        for (MYSQL_ROW w; (w = mysql_fetch_row(r)); n++) {
            snprintf(j[n].plan, sizeof j[n].plan, "%s", w[0]);
            j[n].id = strtoull(w[1], NULL, 10);
        }
        mysql_free_result(r);
    } while (mysql_next_result(m) == 0);
    if (!n) { run(m, "ROLLBACK", 8); return 0; }
    q->n = 0;
    add(q, "DELETE FROM limit_scheduled WHERE (queue_id,plan_time,task_id) IN (");
    for (int i = 0; i < n; i++) add(q, "%s(1,'%s',%llu)", i ? "," : "", j[i].plan, j[i].id);
    add(q, ");INSERT INTO limit_claim(task_id,incarnation,queue_id,plan_time,started_at) VALUES");
    for (int i = 0; i < n; i++) add(q, "%s(%llu,%ld,1,'%s',UTC_TIMESTAMP(6))", i ? "," : "", j[i].id, me, j[i].plan);
    add(q, ";COMMIT");
    return run(m, q->p, q->n) ? -1 : n;
}

static void read_bodies(MYSQL *m, text *q, job *j, int n) {
    q->n = 0;
    add(q, "SELECT id,body FROM limit_task WHERE id IN (");
    for (int i = 0; i < n; i++) add(q, "%s%llu", i ? "," : "", j[i].id);
    add(q, ")");
    if (mysql_real_query(m, q->p, q->n)) die("payload", m);
    MYSQL_RES *r = mysql_store_result(m);
    int i = 0;
    for (MYSQL_ROW w; i < n && (w = mysql_fetch_row(r)); i++) {
        j[i].id = strtoull(w[0], NULL, 10);
        snprintf(j[i].body, sizeof j[i].body, "%s", w[1]);
    }
    mysql_free_result(r);
}

static void record(MYSQL *m, text *q, job *j, int n, long me) {
    q->n = 0;
    add(q, "START TRANSACTION;DELETE FROM limit_claim WHERE incarnation=%ld AND task_id IN (", me);
    for (int i = 0; i < n; i++) add(q, "%s%llu", i ? "," : "", j[i].id);
    add(q, ");UPDATE limit_task SET state=3,attempt=attempt+1 WHERE id IN (");
    for (int i = 0; i < n; i++) add(q, "%s%llu", i ? "," : "", j[i].id);
    add(q, ");INSERT INTO limit_attempt VALUES");
    for (int i = 0; i < n; i++)
        add(q, "%s(%llu,1,UTC_TIMESTAMP(6),%d,0,'{\"success\":true}')", i ? "," : "", j[i].id, j[i].status);
    add(q, ";COMMIT");
    while (run(m, q->p, q->n)) {}
}

static void *work(void *argument) {
    long me = (long)argument;
    MYSQL *m = open_db();
    text q = {0};
    job *j = calloc(batch, sizeof *j);
    CURLM *multi = curl_multi_init();
    CURL **easy = calloc(conc, sizeof *easy);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/x-www-form-urlencoded");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)conc * 2);
    for (int i = 0; i < conc; i++) {
        easy[i] = curl_easy_init();
        if (url) curl_easy_setopt(easy[i], CURLOPT_URL, url);
        curl_easy_setopt(easy[i], CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy[i], CURLOPT_WRITEFUNCTION, drop_body);
        curl_easy_setopt(easy[i], CURLOPT_NOSIGNAL, 1L);
    }
    for (int n; (n = claim(m, &q, j, me));) {
        if (n < 0) continue;
        read_bodies(m, &q, j, n);
        if (!strcmp(mode, "full")) post_all(multi, easy, j, n);
        else for (int i = 0; i < n; i++) j[i].status = 200;
        record(m, &q, j, n, me);
        pthread_mutex_lock(&tally);
        for (int i = 0; i < n; i++) {
            if (j[i].status != 200) failures++;
            if (seen[j[i].id]++) duplicates++;
        }
        pthread_mutex_unlock(&tally);
    }
    mysql_close(m);
    return NULL;
}

int main(int count, char **arguments) {
    for (int i = 1; i + 1 < count; i += 2) {
        const char *key = arguments[i], *value = arguments[i + 1];
        if (!strcmp(key, "--host")) host = value;
        else if (!strcmp(key, "--sock")) sock = value;
        else if (!strcmp(key, "--port")) port = atoi(value);
        else if (!strcmp(key, "--user")) user = value;
        else if (!strcmp(key, "--pass")) pass = value;
        else if (!strcmp(key, "--db")) db = value;
        else if (!strcmp(key, "--url")) url = value;
        else if (!strcmp(key, "--mode")) mode = value;
        else if (!strcmp(key, "--rows")) rows = atoi(value);
        else if (!strcmp(key, "--workers")) workers = atoi(value);
        else if (!strcmp(key, "--batch")) batch = atoi(value);
        else if (!strcmp(key, "--conc")) conc = atoi(value);
        else { fprintf(stderr, "limit: unknown option %s\n", key); return 2; }
    }
    if (!strcmp(mode, "full") && !url) { fprintf(stderr, "limit: --url is needed in mode full\n"); return 2; }
    if (workers > most_workers) workers = most_workers;
    curl_global_init(CURL_GLOBAL_ALL);
    mysql_library_init(0, NULL, NULL);
    seen = calloc((size_t)rows + 1, 1);

    MYSQL *m = open_db();
    create_tables(m);
    pthread_t threads[most_workers];
    span spans[most_workers];
    double start = now();
    for (int i = 0; i < workers; i++) {
        spans[i].first = (int)((long)rows * i / workers);
        spans[i].count = (int)((long)rows * (i + 1) / workers) - spans[i].first;
        pthread_create(&threads[i], NULL, insert_span, &spans[i]);
    }
    for (int i = 0; i < workers; i++) pthread_join(threads[i], NULL);
    double seconds = now() - start;
    if (strcmp(mode, "insert")) {
        start = now();
        for (long i = 0; i < workers; i++) pthread_create(&threads[i], NULL, work, (void *)(i + 1));
        for (int i = 0; i < workers; i++) pthread_join(threads[i], NULL);
        seconds = now() - start;
    }
    drop_tables(m);
    mysql_close(m);
    printf("limit mode=%s rows=%d workers=%d batch=%d conc=%d seconds=%.2f rows_per_s=%.0f duplicates=%ld failures=%ld deadlocks=%ld\n",
           mode, rows, workers, batch, conc, seconds, rows / seconds, duplicates, failures, deadlocks);
    return 0;
}

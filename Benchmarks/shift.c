// shift.c: moves the wall clock of one process, and no other of its clocks, while it runs. A library for LD_PRELOAD.
//
//   gcc -O2 -shared -fPIC -o shift.so shift.c
//   SHIFT_FILE=FILE LD_PRELOAD=./shift.so PROGRAM
//
// FILE holds 8 bytes: by how many seconds the clock is moved, in the byte order of the machine; a change acts at once.
// Debian's libfaketime will not do: it moves every timerfd with the wall clock, whatever clock the timer goes by, and so
// stops the timers of Swift and libdispatch, which go by the boot-time clock.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SHIFT_FILE");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *page = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED) shift = page;
    close(fd);
}

static int64_t seconds(void) { return shift ? *shift : 0; }

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

int clock_gettime(clockid_t clock, struct timespec *t) {
    NEXT(clock_gettime);
    int status = next(clock, t);
    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) t->tv_sec += seconds();
    return status;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    *t = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *t) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (t) *t = now.tv_sec;
    return now.tv_sec;
}

// Waits until a time of the wall clock have to be moved back; no other clock has come that far.
static struct timespec unmoved(const struct timespec *t) {
    struct timespec real = *t;
    if (real.tv_sec > 1000000000) real.tv_sec -= seconds();
    return real;
}

int sem_timedwait(sem_t *restrict s, const struct timespec *restrict until) {
    NEXT(sem_timedwait);
    struct timespec real = unmoved(until);
    return next(s, &real);
}

int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict until) {
    NEXT(pthread_cond_timedwait);
    struct timespec real = unmoved(until);
    return next(c, m, &real);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old) {
    NEXT(timerfd_settime);
    struct itimerspec real = *new;
    if (flags & TFD_TIMER_ABSTIME) real.it_value = unmoved(&real.it_value);
    return next(fd, flags, &real, old);
}

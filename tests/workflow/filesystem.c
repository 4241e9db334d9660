/* File systems as they are, for a process that has this library in LD_PRELOAD.
 *
 * FAULT names (one or more of) what is wrong with files in folders "results" and "experiments":
 *   nolink   no hard links, as on SMB, exFAT and gcsfuse
 *   lost     every third time that a file is made, renamed or removed the answer is lost, and the
 *            repeated request says that this is so already, as over NFS
 *   error    the FAULT_AT-th of these is done, and answered by "stale file handle"
 *   full, readonly   as soon as there is a file FAULT_WHEN
 *   clock    this host is called elsewhere, and its clock is an hour ahead
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define HOUR 3600

static int fault(const char *name) {
    const char *given = getenv("FAULT");
    return given && strstr(given, name) != NULL;
}

static int ours(const char *path) {
    return path && (strstr(path, "results") || strstr(path, "experiments"));
}

static int begun(void) {
    const char *path = getenv("FAULT_WHEN");
    return path && access(path, F_OK) == 0;
}

static int refused(const char *path) {
    if (!fault("readonly") || !ours(path) || !begun()) return 0;
    errno = EROFS;
    return 1;
}

/* What is said of an act that is done: its own answer, or one that was lost on the way. */
static int answer(int done, const char *path, int repeated) {
    static int acts = 0;
    if (done < 0 || !ours(path)) return done;
    acts++;
    const char *at = getenv("FAULT_AT");
    if (fault("lost") && acts % 3 == 0) errno = repeated;
    else if (fault("error") && at && acts == atoi(at)) errno = ESTALE;
    else return done;
    return -1;
}

int link(const char *from, const char *to) {
    REAL(link);
    if (fault("nolink")) { errno = EPERM; return -1; }
    return answer(real(from, to), to, EEXIST);
}

int linkat(int a, const char *from, int b, const char *to, int flags) {
    REAL(linkat);
    if (fault("nolink")) { errno = EOPNOTSUPP; return -1; }
    return answer(real(a, from, b, to, flags), to, EEXIST);
}

int rename(const char *from, const char *to) {
    REAL(rename);
    return refused(to) ? -1 : answer(real(from, to), to, ENOENT);
}

int unlink(const char *path) {
    REAL(unlink);
    return refused(path) ? -1 : answer(real(path), path, ENOENT);
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    return refused(path) ? -1 : answer(real(path, mode), path, EEXIST);
}

static int opened(const char *name, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) && refused(path)) return -1;
    int made = real(path, flags, mode);
    if (!(flags & O_EXCL) || made < 0) return made;
    int said = answer(made, path, EEXIST);
    if (said < 0) { int reason = errno; close(made); errno = reason; }
    return said;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return opened("open64", path, flags, mode);
}

ssize_t write(int file, const void *data, size_t size) {
    REAL(write);
    if (fault("full") && begun()) {
        char name[64], path[4096];
        snprintf(name, sizeof name, "/proc/self/fd/%d", file);
        ssize_t length = readlink(name, path, sizeof path - 1);
        if (length > 0) {
            path[length] = 0;
            if (path[0] == '/' && ours(path)) { errno = ENOSPC; return -1; }
        }
    }
    return real(file, data, size);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int done = real(clock, now);
    if (done == 0 && clock == CLOCK_REALTIME && fault("clock")) now->tv_sec += HOUR;
    return done;
}

time_t time(time_t *now) {
    REAL(time);
    time_t found = real(NULL) + (fault("clock") ? HOUR : 0);
    if (now) *now = found;
    return found;
}

int gethostname(char *name, size_t size) {
    REAL(gethostname);
    if (!fault("clock")) return real(name, size);
    strncpy(name, "elsewhere", size);
    return 0;
}

int uname(struct utsname *found) {
    REAL(uname);
    int done = real(found);
    if (done == 0 && fault("clock")) strcpy(found->nodename, "elsewhere");
    return done;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loaded before a program (LD_PRELOAD), it writes down what the program asks of the disk, in one
 * order, so that tests/fault/power.py can play back what a power cut may leave of it; and it lets
 * calls fail or clocks jump.
 *
 *   OSK_RECORD       the log; none when not set
 *   OSK_RECORD_ROOT  what lies below this folder is written down
 *   OSK_FAIL         how many of 1,000,000 calls fail; OSK_FAIL_SEED which
 *   OSK_NO_SYNC      syncs do nothing, to fill a store quickly
 *   OSK_NO_LINKS     files can't have a second name, as if that were on another disk
 *   OSK_NO_UNNAMED   every file has a name from the start: some disks know no others
 *   OSK_CLOCK        the time of day jumps by up to so many seconds, with every question for it
 *
 * All calls run one after another: the log is what happened. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLOTS (1u << 18)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static dev_t root_dev;
static uint64_t fail_share;
static uint64_t fail_state;
static bool no_sync;
static bool no_links;
static bool no_unnamed;
static long clock_jump;
static uint32_t next_id = 1;
static struct {
    ino_t inode;
    uint32_t id;
} slots[SLOTS];

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("OSK_RECORD");
    const char *root = getenv("OSK_RECORD_ROOT");
    const char *fails = getenv("OSK_FAIL");
    const char *seed = getenv("OSK_FAIL_SEED");
    const char *jump = getenv("OSK_CLOCK");
    struct stat info;
    fail_share = fails != NULL ? strtoull(fails, NULL, 10) : 0;
    fail_state = (seed != NULL ? strtoull(seed, NULL, 10) : 1) * 0x9e3779b97f4a7c15u + 1;
    no_sync = getenv("OSK_NO_SYNC") != NULL;
    no_unnamed = getenv("OSK_NO_UNNAMED") != NULL;
    no_links = getenv("OSK_NO_LINKS") != NULL;
    clock_jump = jump != NULL ? strtol(jump, NULL, 10) : 0;
    if (path != NULL && root != NULL && stat(root, &info) == 0) {
        root_dev = info.st_dev;
        slots[info.st_ino % SLOTS].inode = info.st_ino;
        slots[info.st_ino % SLOTS].id = next_id++;
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                              0600);
    }
    /* Children of the program are not its disk. */
    unsetenv("LD_PRELOAD");
}

static uint64_t random_next(void)
{
    fail_state ^= fail_state << 13;
    fail_state ^= fail_state >> 7;
    fail_state ^= fail_state << 17;
    return fail_state;
}

static void put(const void *bytes, size_t len)
{
    for (const char *at = bytes; len > 0;) {
        long wrote = syscall(SYS_write, log_fd, at, len);
        if (wrote <= 0) {
            abort();
        }
        at += wrote;
        len -= (size_t)wrote;
    }
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    char line[512];
    va_list values;
    va_start(values, format);
    int len = vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    if (log_fd >= 0) {
        put(line, (size_t)len);
    }
}

static uint32_t *slot_of(ino_t inode)
{
    size_t at = inode % SLOTS;
    while (slots[at].inode != 0 && slots[at].inode != inode) {
        at = (at + 1) % SLOTS;
    }
    slots[at].inode = inode;
    return &slots[at].id;
}

/* The number of a file that is there; 0 for what is not ours. A new one: `is_new`, for inodes are
 * used again. */
static uint32_t id_of(const struct stat *info, bool is_new)
{
    if (log_fd < 0 || info->st_dev != root_dev ||
        (!S_ISREG(info->st_mode) && !S_ISDIR(info->st_mode))) {
        return 0;
    }
    uint32_t *id = slot_of(info->st_ino);
    if (is_new) {
        *id = next_id++;
    }
    return *id;
}

static uint32_t id_of_fd(int fd)
{
    struct stat info;
    return log_fd >= 0 && fstat(fd, &info) == 0 ? id_of(&info, false) : 0;
}

/* The folder that `path` lies in, and the last component. */
static uint32_t parent_of(int dir, const char *path, const char **out_name)
{
    char above[4096];
    struct stat info;
    const char *slash = strrchr(path, '/');
    *out_name = slash != NULL ? slash + 1 : path;
    size_t len = slash != NULL ? (size_t)(slash - path) : 0;
    snprintf(above, sizeof(above), "%.*s",
             slash == NULL ? 1
             : len == 0    ? 1
                           : (int)len,
             slash == NULL ? "." : path);
    return log_fd >= 0 && fstatat(dir, above, &info, 0) == 0 ? id_of(&info, false) : 0;
}

/* Only what is below the root has a number: a folder gets its when it is made, or here, when one
 * that is known holds it. */
static bool is_there(int dir, const char *path)
{
    struct stat info;
    return fstatat(dir, path, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool fails(int error)
{
    if (fail_share == 0 || random_next() % 1000000 >= fail_share) {
        return false;
    }
    errno = error;
    return true;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* ---- names ---- */

static int open_any(int dir, const char *path, int flags, mode_t mode)
{
    const char *name = NULL;
    bool unnamed = (flags & O_TMPFILE) == O_TMPFILE;
    if (unnamed && no_unnamed) {
        errno = EOPNOTSUPP;
        return -1;
    }
    pthread_mutex_lock(&lock);
    bool makes = unnamed || ((flags & O_CREAT) != 0 && !is_there(dir, path));
    uint32_t parent = unnamed ? 1 : parent_of(dir, path, &name);
    int fd =
        makes && parent != 0 && fails(EIO) ? -1 : (int)syscall(SYS_openat, dir, path, flags, mode);
    int error = errno;
    struct stat info;
    if (fd >= 0 && log_fd >= 0 && fstat(fd, &info) == 0 && parent != 0) {
        bool is_known = id_of(&info, makes) != 0;
        if (makes && is_known) {
            note("F %u\n", id_of(&info, false));
            if (!unnamed) {
                note("L %u %u %s\n", parent, id_of(&info, false), name);
            }
        } else if (!is_known && strcmp(name, "..") != 0 && strcmp(name, ".") != 0) {
            /* It was there before the log began. */
            uint32_t id = id_of(&info, true);
            note("B %u %u %s\n", parent, id, name);
        }
        if ((flags & O_TRUNC) != 0 && !makes && is_known) {
            note("T %u 0\n", id_of(&info, false));
        }
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

#define MODE_OF(flags)                                                                             \
    mode_t mode = 0;                                                                               \
    if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {                                                  \
        va_list values;                                                                            \
        va_start(values, flags);                                                                   \
        mode = (mode_t)va_arg(values, int);                                                        \
        va_end(values);                                                                            \
    }

int open(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_any(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...);
int open64(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_any(AT_FDCWD, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_any(dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...);
int openat64(int dir, const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_any(dir, path, flags, mode);
}

static int mkdir_any(int dir, const char *path, mode_t mode)
{
    const char *name = NULL;
    struct stat info;
    pthread_mutex_lock(&lock);
    int result = (int)syscall(SYS_mkdirat, dir, path, mode);
    int error = errno;
    uint32_t parent = result == 0 ? parent_of(dir, path, &name) : 0;
    if (parent != 0 && fstatat(dir, path, &info, 0) == 0) {
        uint32_t id = id_of(&info, true);
        note("M %u\nL %u %u %s\n", id, parent, id, name);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int mkdir(const char *path, mode_t mode)
{
    return mkdir_any(AT_FDCWD, path, mode);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
    return mkdir_any(dir, path, mode);
}

static int unlink_any(int dir, const char *path, int flags)
{
    const char *name = NULL;
    pthread_mutex_lock(&lock);
    uint32_t parent = parent_of(dir, path, &name);
    int result = parent != 0 && fails(EIO) ? -1 : (int)syscall(SYS_unlinkat, dir, path, flags);
    int error = errno;
    if (result == 0 && parent != 0) {
        note("U %u %s\n", parent, name);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int unlink(const char *path)
{
    return unlink_any(AT_FDCWD, path, 0);
}

int unlinkat(int dir, const char *path, int flags)
{
    return unlink_any(dir, path, flags);
}

int rmdir(const char *path)
{
    return unlink_any(AT_FDCWD, path, AT_REMOVEDIR);
}

int linkat(int from_dir, const char *from, int dir, const char *path, int flags)
{
    const char *name = NULL;
    struct stat info;
    pthread_mutex_lock(&lock);
    uint32_t parent = parent_of(dir, path, &name);
    bool refused = no_links && from_dir != AT_FDCWD;
    int result = refused || (parent != 0 && fails(EIO))
                     ? -1
                     : (int)syscall(SYS_linkat, from_dir, from, dir, path, flags);
    int error = refused ? EXDEV : errno;
    if (result == 0 && parent != 0 && fstatat(dir, path, &info, AT_SYMLINK_NOFOLLOW) == 0) {
        note("L %u %u %s\n", parent, id_of(&info, false), name);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

static int rename_any(const int dirs[2], const char *from, const char *to, unsigned flags)
{
    const char *names[2] = { NULL, NULL };
    pthread_mutex_lock(&lock);
    uint32_t old_parent = parent_of(dirs[0], from, &names[0]);
    uint32_t parent = parent_of(dirs[1], to, &names[1]);
    int result = (int)syscall(SYS_renameat2, dirs[0], from, dirs[1], to, flags);
    int error = errno;
    if (result == 0 && parent != 0 && old_parent != 0) {
        note("R %u %u %s/%s\n", old_parent, parent, names[0], names[1]);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int rename(const char *from, const char *to)
{
    return rename_any((const int[]){ AT_FDCWD, AT_FDCWD }, from, to, 0);
}

int renameat2(int from_dir, const char *from, int dir, const char *to, unsigned flags)
{
    return rename_any((const int[]){ from_dir, dir }, from, to, flags);
}

/* ---- bytes ---- */

static ssize_t pwrite_any(int fd, const void *bytes, size_t len, off_t offset)
{
    pthread_mutex_lock(&lock);
    uint32_t id = id_of_fd(fd);
    ssize_t wrote = id != 0 && fails(EIO) ? -1 : syscall(SYS_pwrite64, fd, bytes, len, offset);
    int error = errno;
    if (wrote > 0 && id != 0) {
        if ((syscall(SYS_fcntl, fd, F_GETFL) & O_DIRECT) != 0) {
            note("D %u\n", id);
        }
        note("W %u %lld %zd\n", id, (long long)offset, wrote);
        put(bytes, (size_t)wrote);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return wrote;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    return pwrite_any(fd, bytes, len, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t offset);
ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
    return pwrite_any(fd, bytes, len, offset);
}

/* Of standard output: what the program has promised by now. */
ssize_t write(int fd, const void *bytes, size_t len)
{
    pthread_mutex_lock(&lock);
    off_t at = fd == STDOUT_FILENO ? -1 : lseek(fd, 0, SEEK_CUR);
    uint32_t id = at >= 0 ? id_of_fd(fd) : 0;
    ssize_t wrote = syscall(SYS_write, fd, bytes, len);
    int error = errno;
    if (wrote > 0 && fd == STDOUT_FILENO) {
        note("A %zd\n", wrote);
    } else if (wrote > 0 && id != 0) {
        note("W %u %lld %zd\n", id, (long long)at, wrote);
    }
    if (wrote > 0 && log_fd >= 0 && (fd == STDOUT_FILENO || id != 0)) {
        put(bytes, (size_t)wrote);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return wrote;
}

static int truncate_any(int fd, off_t len)
{
    pthread_mutex_lock(&lock);
    uint32_t id = id_of_fd(fd);
    int result = (int)syscall(SYS_ftruncate, fd, len);
    int error = errno;
    if (result == 0 && id != 0) {
        note("T %u %lld\n", id, (long long)len);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int ftruncate(int fd, off_t len)
{
    return truncate_any(fd, len);
}

int ftruncate64(int fd, off_t len);
int ftruncate64(int fd, off_t len)
{
    return truncate_any(fd, len);
}

/* SQLite can be built without syncing folders: what we promise must not hang on that it does. */
static bool is_sqlite(const void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
           strstr(info.dli_fname, "sqlite") != NULL;
}

static int sync_any(int fd, long call, const void *caller)
{
    pthread_mutex_lock(&lock);
    uint32_t id = id_of_fd(fd);
    bool failed = fails(EIO);
    int result = failed ? -1 : no_sync ? 0 : (int)syscall(call, fd);
    int error = failed ? EIO : errno;
    if (id != 0) {
        /* The kernel forgets what it could not write: a second try does not write it. */
        struct stat info;
        bool counts = fstat(fd, &info) == 0 && (!S_ISDIR(info.st_mode) || !is_sqlite(caller));
        note("%c %u\n", !counts ? 'N' : result == 0 ? 'S' : 'X', id);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int fsync(int fd)
{
    return sync_any(fd, SYS_fsync, __builtin_return_address(0));
}

int fdatasync(int fd)
{
    return sync_any(fd, SYS_fdatasync, __builtin_return_address(0));
}

/* ---- clocks ---- */

static time_t jumped(time_t now)
{
    if (clock_jump == 0) {
        return now;
    }
    pthread_mutex_lock(&lock);
    int64_t by = (int64_t)(random_next() % (uint64_t)(2 * clock_jump + 1)) - clock_jump;
    pthread_mutex_unlock(&lock);
    return now + by;
}

time_t time(time_t *out)
{
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    time_t told = jumped(now.tv_sec);
    if (out != NULL) {
        *out = told;
    }
    return told;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each layer stops alone what a hijacked decoder would do; docs/worker.md says which stops what. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/descriptors.h"
#include "host/strip_protocol.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* For the tables of the allocator, stacks and the growth of libraries. */
#define MEMORY_SLACK (UINT64_C(128) << 20)

/* ---- limits of resources ---- */

static bool limit(int resource, rlim_t value)
{
    /* At the end of its processor time a process is told so (SIGXCPU) only where it is not killed
     * in the same moment, as for want of memory. */
    rlim_t most = resource == RLIMIT_CPU ? value + 1 : value;
    const struct rlimit both = { .rlim_cur = value, .rlim_max = most };
    /* glibc's type of the first argument differs with and without _GNU_SOURCE. */
    return setrlimit((__rlimit_resource_t)resource, &both) == 0;
}

/* Bytes of address space in use; 0 when it can't be known. */
static uint64_t mapped_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL) {
        if (fscanf(file, "%lu", &pages) != 1) {
            pages = 0;
        }
        fclose(file);
    }
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool limit_resources(const OskSandbox *sandbox)
{
    uint64_t mapped = mapped_bytes();
    bool done = limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, sandbox->file_bytes) &&
                limit(RLIMIT_NOFILE, OSK_WORKER_SOCKET + 1 + OSK_WORKER_DESCRIPTORS) &&
                limit(RLIMIT_CPU, sandbox->cpu_seconds);
    /* A thread counts as a process of the user. */
    if (!sandbox->threads) {
        done = limit(RLIMIT_NPROC, 0) && done;
    }
    /* The sanitizers' shadow takes terabytes of address space. */
    if (!SANITIZED) {
        done = mapped > 0 && limit(RLIMIT_AS, mapped + sandbox->memory + MEMORY_SLACK) && done;
    }
    return done;
}

/* ---- Landlock, called directly: the headers of Debian 12 know its first version only ---- */

struct ruleset_attr {
    uint64_t handled_access_fs;
    uint64_t handled_access_net; /* since ABI 4 */
    uint64_t scoped;             /* since ABI 6 */
};

#define CREATE_RULESET_VERSION 1u

/* The rights over files that each ABI knows: 13, then REFER, TRUNCATE, and with 5 IOCTL_DEV. */
static uint64_t file_rights(long abi)
{
    unsigned bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
    return (UINT64_C(1) << bits) - 1;
}

/* An empty list of what is allowed: nothing can be opened, connected or bound any more, and no
 * signal or abstract socket leads out. */
static uint32_t enter_landlock(uint32_t *out_abi)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, CREATE_RULESET_VERSION);
    *out_abi = 0;
    if (abi < 1 || abi > 1000) {
        return 0;
    }
    struct ruleset_attr attr = { .handled_access_fs = file_rights(abi) };
    size_t size = sizeof(uint64_t);
    if (abi >= 4) {
        attr.handled_access_net = 3; /* bind and connect TCP */
        size = 2 * sizeof(uint64_t);
    }
    if (abi >= 6) {
        attr.scoped = 3; /* abstract unix sockets, signals */
        size = sizeof(attr);
    }
    long ruleset = syscall(SYS_landlock_create_ruleset, &attr, size, 0u);
    if (ruleset < 0) {
        return 0;
    }
    long error = syscall(SYS_landlock_restrict_self, (int)ruleset, 0u);
    close((int)ruleset);
    if (error != 0) {
        return 0;
    }
    *out_abi = (uint32_t)abi;
    return OSK_LAYER_LANDLOCK_FILES | (abi >= 4 ? (uint32_t)OSK_LAYER_LANDLOCK_TCP : 0u);
}

/* ---- seccomp ---- */

/* What codecs, the allocator and the way out need. */
static const int always[] = {
    SCMP_SYS(brk),         SCMP_SYS(munmap),         SCMP_SYS(mremap),
    SCMP_SYS(madvise),     SCMP_SYS(futex),          SCMP_SYS(getrandom),
    SCMP_SYS(exit),        SCMP_SYS(exit_group),     SCMP_SYS(rt_sigreturn),
    SCMP_SYS(close),       SCMP_SYS(clock_gettime),  SCMP_SYS(gettimeofday),
    SCMP_SYS(sched_yield), SCMP_SYS(rt_sigprocmask), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getpid),      SCMP_SYS(gettid),         SCMP_SYS(restart_syscall),
};

/* Answered with an error, because libraries ask in passing and go on without. */
static const int refused[] = {
    SCMP_SYS(ioctl), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(prlimit64), SCMP_SYS(sysinfo),
};

static const int with_threads[] = {
    SCMP_SYS(set_robust_list), SCMP_SYS(rseq),           SCMP_SYS(clock_nanosleep),
    SCMP_SYS(rt_sigaction),    SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
};

/* What the runtimes of sanitizers need beside. */
static const int sanitized[] = {
    SCMP_SYS(sigaltstack),
    SCMP_SYS(mincore),
    SCMP_SYS(readlink),
    SCMP_SYS(lseek),
};

static bool add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    bool done = true;
    for (size_t i = 0; i < count; i++) {
        done = seccomp_rule_add(filter, action, calls[i], 0) == 0 && done;
    }
    return done;
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Memory that is never code; messages through the one socket; words into nowhere (1 and 2 are
 * /dev/null); the one signal that ends this process. */
static bool add_guarded(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp socket = SCMP_A0(SCMP_CMP_EQ, OSK_WORKER_SOCKET, 0);
    /* What abort() does, so that a crash looks like one. */
    const struct scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid(), 0);
    const struct scmp_arg_cmp end = SCMP_A2(SCMP_CMP_EQ, SIGABRT, 0);
    bool done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_code) == 0;
    done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2, self, end) == 0 && done;
    done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code) == 0 && done;
    done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg), 1, socket) == 0 && done;
    done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1, socket) == 0 && done;
    for (unsigned fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        const struct scmp_arg_cmp nowhere = SCMP_A0(SCMP_CMP_EQ, fd, 0);
        done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, nowhere) == 0 && done;
        done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(writev), 1, nowhere) == 0 && done;
    }
    return done;
}

/* Threads alone: of clone(2) the flag that makes a thread is demanded; clone3 hides its flags in
 * memory, and glibc takes clone(2) where that is missing. */
static bool add_threads(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp thread =
        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_NEWUSER, CLONE_THREAD);
    const uint32_t refuse = SCMP_ACT_ERRNO(EACCES);
    bool done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread) == 0;
    done = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 && done;
    done = seccomp_rule_add(filter, refuse, SCMP_SYS(openat), 0) == 0 && done;
    done = seccomp_rule_add(filter, refuse, SCMP_SYS(open), 0) == 0 && done;
    done = seccomp_rule_add(filter, refuse, SCMP_SYS(prctl), 0) == 0 && done;
    return add_all(filter, SCMP_ACT_ALLOW, with_threads, COUNT(with_threads)) && done;
}

/* A sealed file is read, and its copy written, where it lies: the kernel's limit of a file's length
 * holds for the one that can be written. */
static bool add_files(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp input = SCMP_A0(SCMP_CMP_EQ, OSK_STRIP_INPUT_FD, 0);
    const struct scmp_arg_cmp output = SCMP_A0(SCMP_CMP_EQ, OSK_STRIP_OUTPUT_FD, 0);
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(pread64), 1, input) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(pread64), 1, output) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(pwrite64), 1, output) == 0;
}

static bool enter_seccomp(const OskSandbox *sandbox)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) {
        return false;
    }
    bool done = add_all(filter, SCMP_ACT_ALLOW, always, COUNT(always)) &&
                add_all(filter, SCMP_ACT_ERRNO(EACCES), refused, COUNT(refused)) &&
                add_guarded(filter);
    if (sandbox->threads) {
        done = add_threads(filter) && done;
    }
    if (sandbox->file_bytes > 0) {
        done = add_files(filter) && done;
    }
    if (SANITIZED) {
        done = add_all(filter, SCMP_ACT_ALLOW, with_threads, COUNT(with_threads)) &&
               add_all(filter, SCMP_ACT_ALLOW, sanitized, COUNT(sanitized)) && done;
    }
    /* Sets no_new_privs too; of all threads, were there any. */
    done = done && seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
           seccomp_load(filter) == 0;
    seccomp_release(filter);
    return done;
}

uint32_t osk_sandbox_enter(const OskSandbox *sandbox, uint32_t *out_landlock)
{
    uint32_t layers = 0;
    *out_landlock = 0;
    /* Whatever was left open behind the socket is none of a decoder's business. */
    if (!osk_descriptors_close_from(OSK_WORKER_SOCKET + 1) ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return 0;
    }
    const uint32_t wanted = ~sandbox->without;
    if ((wanted & OSK_LAYER_NAMESPACES) != 0 &&
        unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0) {
        layers |= OSK_LAYER_NAMESPACES;
    }
    if ((wanted & OSK_LAYER_RLIMITS) != 0 && limit_resources(sandbox)) {
        layers |= OSK_LAYER_RLIMITS;
    }
    if ((wanted & OSK_LAYER_LANDLOCK_FILES) != 0) {
        layers |= enter_landlock(out_landlock);
    }
    /* New namespaces may have changed both. */
    if (prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0) {
        layers |= OSK_LAYER_NO_DUMP;
    }
    if ((wanted & OSK_LAYER_SECCOMP) != 0 && enter_seccomp(sandbox)) {
        layers |= OSK_LAYER_SECCOMP;
    }
    return layers;
}

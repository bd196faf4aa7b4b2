/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a program as if the kernel were older or a container forbade something.
 *
 * usage: lacking WHAT[,WHAT...] PROGRAM ARGS...
 * WHAT: seccomp, landlock, namespaces, close_range, getdents
 */
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool deny(scmp_filter_ctx filter, const char *what)
{
    const uint32_t missing = SCMP_ACT_ERRNO(ENOSYS);
    const struct scmp_arg_cmp mode = SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0);
    if (strcmp(what, "seccomp") == 0) {
        return seccomp_rule_add(filter, missing, SCMP_SYS(seccomp), 0) == 0 &&
               seccomp_rule_add(filter, missing, SCMP_SYS(prctl), 1, mode) == 0;
    }
    if (strcmp(what, "landlock") == 0) {
        return seccomp_rule_add(filter, missing, SCMP_SYS(landlock_create_ruleset), 0) == 0;
    }
    if (strcmp(what, "namespaces") == 0) {
        return seccomp_rule_add(filter, missing, SCMP_SYS(unshare), 0) == 0;
    }
    if (strcmp(what, "close_range") == 0) {
        return seccomp_rule_add(filter, missing, SCMP_SYS(close_range), 0) == 0;
    }
    if (strcmp(what, "getdents") == 0) {
        return seccomp_rule_add(filter, missing, SCMP_SYS(getdents64), 0) == 0;
    }
    return false;
}

int main(int argc, char **argv)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (argc < 3 || filter == NULL) {
        fputs("usage: lacking WHAT[,WHAT...] PROGRAM ARGS...\n", stderr);
        return 2;
    }
    char *rest = argv[1];
    for (const char *what = strsep(&rest, ","); what != NULL; what = strsep(&rest, ",")) {
        if (!deny(filter, what)) {
            fprintf(stderr, "lacking: nothing is known of %s here\n", what);
            return 77;
        }
    }
    if (seccomp_load(filter) != 0) {
        return 77;
    }
    execv(argv[2], argv + 2);
    return 77;
}

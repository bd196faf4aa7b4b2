/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay PATH...: runs the invariants over files as an ordinary test, without libFuzzer. TAP, one
 * line a file. */
#include <stdio.h>
#include <stdlib.h>

#include "tools/files.h"
#include "tools/invariants.h"

typedef struct Counts {
    int run;
    int bad;
} Counts;

static void replay(const char *path, void *context)
{
    Counts *counts = context;
    size_t len = 0;
    uint8_t *bytes = read_test_file(path, &len);
    if (bytes == NULL) {
        return;
    }
    OskStatus status = OSK_OK;
    const char *broken = broken_invariant(bytes, len, &status);
    counts->run++;
    counts->bad += broken != NULL;
    printf("%s %d - %s # %s\n", broken != NULL ? "not ok" : "ok", counts->run, path,
           broken != NULL ? broken : osk_status_name(status));
    fflush(stdout);
    free(bytes);
}

int main(int argc, char **argv)
{
    Counts counts = { 0, 0 };
    for (int i = 1; i < argc; i++) {
        if (visit_files(argv[i], replay, &counts) < 0) {
            fprintf(stderr, "replay: no such path: %s\n", argv[i]);
            return 2;
        }
    }
    printf("1..%d\n", counts.run);
    return counts.bad > 0;
}

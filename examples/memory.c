/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory IN OUT: scrubs a file that fits into memory, with one call. */
#include <oilskin/oilskin.h>
#include <stdio.h>
#include <stdlib.h>

/* Reads a whole file; NULL when that fails. */
static unsigned char *read_file(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;
    long len = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        len = ftell(file);
    }
    if (len >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        bytes = malloc((size_t)len + 1);
    }
    if (bytes != NULL && fread(bytes, 1, (size_t)len, file) != (size_t)len) {
        free(bytes);
        bytes = NULL;
    }
    if (file != NULL) {
        fclose(file);
    }
    *out_len = bytes != NULL ? (size_t)len : 0;
    return bytes;
}

int main(int argc, char **argv)
{
    size_t len = 0;
    size_t scrubbed_len = 0;
    uint8_t *scrubbed = NULL;
    OskFault fault = { OSK_OK, "", "", NULL, OSK_NO_OFFSET };
    if (argc != 3) {
        fprintf(stderr, "usage: memory IN OUT\n");
        return 2;
    }
    unsigned char *bytes = read_file(argv[1], &len);
    if (bytes == NULL) {
        fprintf(stderr, "memory: the file could not be read\n");
        return 1;
    }

    /* The job: look, plan, write, and the second opinion. NULL stands for the default options. */
    OskStatus status = osk_scrub_bytes(bytes, len, NULL, &scrubbed, &scrubbed_len, &fault);
    free(bytes);
    if (status != OSK_OK) {
        fprintf(stderr, "memory: %s: %s (%s)\n", osk_status_name(status), fault.what, fault.part);
        return 1;
    }

    FILE *out = fopen(argv[2], "wb");
    int fine = out != NULL && fwrite(scrubbed, 1, scrubbed_len, out) == scrubbed_len;
    if (out != NULL && fclose(out) != 0) {
        fine = 0;
    }
    osk_bytes_free(&scrubbed);
    printf("%zu bytes in, %zu bytes out\n", len, scrubbed_len);
    return fine ? 0 : 1;
}

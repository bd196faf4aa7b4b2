/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page has no files and nothing to print to. Libraries that could use them are compiled with
 * this; what they print is lost, what they open fails (silent.c). */
#ifndef OSK_WASM_STDIO_H
#define OSK_WASM_STDIO_H

#include <stddef.h>

typedef struct OskNoFile FILE;

#define stdin ((FILE *)0)
#define stdout ((FILE *)0)
#define stderr ((FILE *)0)
#define EOF (-1)
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

int fprintf(FILE *file, const char *format, ...);
int printf(const char *format, ...);
int snprintf(char *out, size_t size, const char *format, ...);
size_t fread(void *out, size_t size, size_t count, FILE *file);
size_t fwrite(const void *bytes, size_t size, size_t count, FILE *file);
int fflush(FILE *file);
int feof(FILE *file);
int ferror(FILE *file);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/export.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/folder.h"
#include "host/output.h"

static const char readme[] =
    "Oilskin's studio, for any web server that speaks HTTPS\n"
    "======================================================\n"
    "\n"
    "Serve the folder studio/ at the address /studio/ of a host name. The address counts: the\n"
    "service worker, which makes the page work offline, is for exactly that folder.\n"
    "\n"
    "  nginx.conf   the headers for nginx, to be included in a server { }\n"
    "  Caddyfile    the headers for Caddy\n"
    "\n"
    "The Content-Security-Policy also stands in the page itself, so that a host which lets you "
    "set\n"
    "no headers works; frame-ancestors holds only as a header.\n"
    "\n"
    "Pages that you serve are as trustworthy as you and your host: who can change these files can\n"
    "change what they do. So publish the digest that the page shows in its footer where your host\n"
    "can't change it. Anybody computes it again, from a checkout that they built themselves or "
    "from\n"
    "what they downloaded:\n"
    "\n"
    "  cd studio\n"
    "  find . -type f ! -name bundle.json -printf '%P\\n' | LC_ALL=C sort |\n"
    "      xargs sha256sum | sha256sum\n"
    "\n"
    "Keep no log of who asks for the page, if you can: nginx.conf and Caddyfile switch it off.\n";

/* Headers besides the policy. http/listener.c sends the same. */
static const struct {
    const char *name;
    const char *value;
} headers[] = {
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=()" },
};

#define HEADER_COUNT (sizeof(headers) / sizeof(headers[0]))

static OskStatus fail(OskFault *fault, const char *what)
{
    *fault = (OskFault){ .status = OSK_IO, .part = "", .what = what, .offset = OSK_NO_OFFSET };
    return OSK_IO;
}

/* A new file that the web server may read, too. -1 where there is one already. */
static int create(const char *folder, const char *name)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
        return -1;
    }
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
}

static bool write_text(const char *folder, const char *name, const char *text)
{
    int fd = create(folder, name);
    bool done = fd >= 0 && osk_write_all(fd, text, strlen(text));
    return fd >= 0 && close(fd) == 0 && done;
}

static bool write_nginx(const char *folder, const char *policy)
{
    int fd = create(folder, "nginx.conf");
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL) {
        return false;
    }
    fputs("# In a server { } with TLS; \"root\" is the folder that holds studio/.\n"
          "types { application/wasm wasm; application/manifest+json webmanifest; }\n"
          "location /studio/ {\n"
          "    access_log off;\n"
          "    limit_except GET { deny all; }\n",
          out);
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        fprintf(out, "    add_header %s \"%s\" always;\n", headers[i].name, headers[i].value);
    }
    fprintf(out,
            "    add_header Content-Security-Policy \"%s\" always;\n"
            "    add_header Cache-Control no-cache always;\n"
            "}\n",
            policy);
    return fclose(out) == 0;
}

static bool write_caddy(const char *folder, const char *policy)
{
    int fd = create(folder, "Caddyfile");
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL) {
        return false;
    }
    fputs("# Your own host name, and the folder that holds studio/.\n"
          "studio.example.org {\n"
          "    root * /srv/oilskin\n"
          "    encode gzip\n"
          "    header /studio/* {\n",
          out);
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        fprintf(out, "        %s \"%s\"\n", headers[i].name, headers[i].value);
    }
    fprintf(out,
            "        Content-Security-Policy \"%s\"\n"
            "        Cache-Control no-cache\n"
            "    }\n"
            "    redir / /studio/\n"
            "    file_server\n"
            "}\n",
            policy);
    return fclose(out) == 0;
}

typedef struct Copying {
    size_t from_len;
    const char *to;
    bool failed;
} Copying;

/* Makes the folders above `path`, which begins with one that is there. */
static bool make_folders(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        bool there = mkdir(path, 0755) == 0 || osk_path_exists(path);
        *slash = '/';
        if (!there) {
            return false;
        }
    }
    return true;
}

static bool copy_bytes(int from, int to)
{
    char bytes[64 * 1024];
    ssize_t got = 0;
    while ((got = read(from, bytes, sizeof(bytes))) > 0) {
        if (!osk_write_all(to, bytes, (size_t)got)) {
            return false;
        }
    }
    return got == 0;
}

static bool copy_page(void *context, const char *path, const struct stat *info)
{
    (void)info;
    Copying *copying = context;
    char target[PATH_MAX];
    const char *below = path + copying->from_len;
    below += strspn(below, "/");
    if (copying->failed || snprintf(target, sizeof(target), "%s/studio/%s", copying->to, below) >=
                               (int)sizeof(target)) {
        copying->failed = true;
        return true;
    }
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int to = -1;
    if (from >= 0 && make_folders(target, strlen(copying->to) + 1)) {
        to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    }
    copying->failed = from < 0 || to < 0 || !copy_bytes(from, to);
    if (to >= 0 && close(to) != 0) {
        copying->failed = true;
    }
    if (from >= 0) {
        close(from);
    }
    return true;
}

OskStatus osk_export_pages(const char *pages, const char *to, const char *policy, OskFault *fault)
{
    char studio[PATH_MAX];
    if (snprintf(studio, sizeof(studio), "%s/studio", to) >= (int)sizeof(studio)) {
        return fail(fault, "the folder's name is too long");
    }
    if (osk_path_exists(studio)) {
        return fail(fault, "there is a folder studio in it already");
    }
    if (mkdir(to, 0755) != 0 && !osk_path_exists(to)) {
        return fail(fault, "the folder can't be made");
    }
    Copying copying = { .from_len = strlen(pages), .to = to };
    OskStatus status = osk_folder_walk(pages, NULL, copy_page, &copying, fault);
    if (status != OSK_OK) {
        return status;
    }
    if (copying.failed) {
        return fail(fault, "a page could not be copied");
    }
    if (!write_text(to, "README.txt", readme) || !write_nginx(to, policy) ||
        !write_caddy(to, policy)) {
        return fail(fault, "the README or the headers could not be written");
    }
    return OSK_OK;
}

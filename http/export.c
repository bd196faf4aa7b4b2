/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/export.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/folder.h"
#include "host/output.h"
#include "http/policy.h"

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
    "They say what \"oilskin studio\" sends, and were tried with nginx 1.22 and Caddy 2.6.\n"
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

/* How a server's file writes down one header. */
typedef struct Dialect {
    const char *before;
    const char *after;
} Dialect;

static void put_headers(FILE *out, const Dialect *dialect, const char *policy)
{
    for (const OskHttpHeader *header = osk_http_headers; header->name != NULL; header++) {
        fprintf(out, "%s%s \"%s\"%s\n", dialect->before, header->name, header->value,
                dialect->after);
    }
    fprintf(out, "%sContent-Security-Policy \"%s\"%s\n", dialect->before, policy, dialect->after);
}

/* ---- nginx ---- */

/* Types that are told to nginx with their charset or to be packed. It knows text/html by itself. */
static void put_nginx_names(FILE *out, const char *directive, bool of_text)
{
    fprintf(out, "    %s", directive);
    for (const OskHttpType *type = osk_http_types; type->ending != NULL; type++) {
        bool named = of_text ? strchr(type->media_type, ';') != NULL : !type->is_packed;
        if (named && strcmp(type->ending, ".html") != 0) {
            fprintf(out, " %.*s", (int)strcspn(type->media_type, ";"), type->media_type);
        }
    }
    fputs(";\n", out);
}

/* A types { } replaces all that nginx knows besides, so that it stands in our location alone. */
static void put_nginx_types(FILE *out)
{
    fputs("    types {\n", out);
    for (const OskHttpType *type = osk_http_types; type->ending != NULL; type++) {
        fprintf(out, "        %.*s %s;\n", (int)strcspn(type->media_type, ";"), type->media_type,
                type->ending + 1);
    }
    fputs("    }\n    default_type application/octet-stream;\n    charset utf-8;\n", out);
    put_nginx_names(out, "charset_types", true);
    fputs("    gzip on;\n    gzip_vary on;\n", out);
    put_nginx_names(out, "gzip_types", false);
}

static void put_nginx(FILE *out, const char *prefix, const char *policy)
{
    static const Dialect outside = { .before = "    add_header ", .after = " always;" };
    static const Dialect inside = { .before = "        add_header ", .after = " always;" };
    fprintf(out,
            "# In a server { } with TLS; its \"root\" is the folder that holds studio/.\n"
            "location %s {\n"
            "    access_log off;\n"
            "    limit_except GET { deny all; }\n"
            "    # Nothing that is sent is kept, so that it may be of any size.\n"
            "    client_max_body_size 0;\n",
            prefix);
    put_nginx_types(out);
    put_headers(out, &outside, policy);
    /* Not always: what is missing must not stay so for a year. nginx forgets the headers of a
     * location in one within it, so that each says all of them. */
    fprintf(out,
            "    add_header Cache-Control \"" OSK_HTTP_CACHE_ASK "\";\n"
            "\n"
            "    # Names that carry a hash of their content.\n"
            "    location ~ \"^%.*s%s\" {\n"
            "        limit_except GET { deny all; }\n",
            (int)strlen(prefix) - 1, prefix, OSK_HTTP_HASHED);
    put_headers(out, &inside, policy);
    fputs("        add_header Cache-Control \"" OSK_HTTP_CACHE_EVER "\";\n    }\n", out);
    for (const OskHttpRefusal *refusal = osk_http_refusals; refusal->path != NULL; refusal++) {
        fprintf(out,
                "\n"
                "    # What a phone shares to the app, when the app was not ready: not kept.\n"
                "    location = %s {\n"
                "        error_page 405 %s;\n"
                "        if ($request_method = POST) { return 405; }\n"
                "        return 302 %s;\n"
                "    }\n",
                refusal->path, refusal->page, refusal->home);
    }
    fputs("}\n", out);
}

/* ---- Caddy ---- */

static void put_caddy_packing(FILE *out)
{
    fputs("    encode {\n        gzip\n        match {\n", out);
    for (const OskHttpType *type = osk_http_types; type->ending != NULL; type++) {
        if (!type->is_packed) {
            fprintf(out, "            header Content-Type %.*s*\n",
                    (int)strcspn(type->media_type, ";"), type->media_type);
        }
    }
    fputs("        }\n    }\n", out);
}

/* What is missing must not stay so for a year: a hash counts for files that are there. */
static void put_caddy_caching(FILE *out, const char *prefix)
{
    char hashed[256];
    snprintf(hashed, sizeof(hashed), "path_regexp ^%.*s%s", (int)strlen(prefix) - 1, prefix,
             OSK_HTTP_HASHED);
    fprintf(out,
            "    @hashed {\n"
            "        %s\n"
            "        file\n"
            "    }\n"
            "    @other {\n"
            "        path %s*\n"
            "        not {\n"
            "            %s\n"
            "            file\n"
            "        }\n"
            "    }\n"
            "    header @hashed Cache-Control \"" OSK_HTTP_CACHE_EVER "\"\n"
            "    header @other Cache-Control \"" OSK_HTTP_CACHE_ASK "\"\n",
            hashed, prefix, hashed);
}

static void put_caddy_types(FILE *out, const char *prefix)
{
    for (const OskHttpType *type = osk_http_types; type->ending != NULL; type++) {
        const char *name = type->ending + 1;
        fprintf(out,
                "    @%s path_regexp ^%s.*\\.%s$\n"
                "    header @%s Content-Type \"%s\"\n",
                name, prefix, name, name, type->media_type);
    }
}

static void put_caddy_refusal(FILE *out, const OskHttpRefusal *refusal)
{
    fprintf(out,
            "    # What a phone shares to the app, when the app was not ready: not kept.\n"
            "    @shared {\n"
            "        method POST\n"
            "        path %s\n"
            "    }\n"
            "    handle @shared {\n"
            "        header Content-Type \"%s\"\n"
            "        rewrite * %s\n"
            "        file_server {\n"
            "            status 405\n"
            "        }\n"
            "    }\n"
            "    @asked {\n"
            "        method GET HEAD\n"
            "        path %s\n"
            "    }\n"
            "    redir @asked %s\n",
            refusal->path, osk_http_media_type(refusal->page), refusal->page, refusal->path,
            refusal->home);
}

static void put_caddy(FILE *out, const char *prefix, const char *policy)
{
    static const Dialect dialect = { .before = "        ", .after = "" };
    fputs("# Your own host name, and the folder that holds studio/.\n"
          "studio.example.org {\n"
          "    root * /srv/oilskin\n",
          out);
    put_caddy_packing(out);
    fprintf(out, "    header %s* {\n", prefix);
    put_headers(out, &dialect, policy);
    fputs("    }\n", out);
    put_caddy_caching(out, prefix);
    put_caddy_types(out, prefix);
    for (const OskHttpRefusal *refusal = osk_http_refusals; refusal->path != NULL; refusal++) {
        put_caddy_refusal(out, refusal);
    }
    fprintf(out,
            "    redir / %s\n"
            "    @written not method GET HEAD\n"
            "    respond @written 405\n"
            "    file_server\n"
            "}\n",
            prefix);
}

/* ---- files ---- */

/* A new file that the web server may read, too. NULL where there is one already. */
static FILE *create(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL && fd >= 0) {
        close(fd);
    }
    return out;
}

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

static bool write_page(const OskHttpPage *page, const char *to)
{
    char path[PATH_MAX];
    int wrote = snprintf(path, sizeof(path), "%s%s", to, page->path);
    if (wrote < 0 || (size_t)wrote >= sizeof(path)) {
        return false;
    }
    if (path[wrote - 1] == '/') {
        /* The same page stands there as index.html. */
        return true;
    }
    FILE *out = make_folders(path, strlen(to) + 1) ? create(path) : NULL;
    if (out == NULL) {
        return false;
    }
    bool whole = fwrite(page->bytes, 1, page->len, out) == page->len;
    return fclose(out) == 0 && whole;
}

typedef void PutText(FILE *out, const char *prefix, const char *policy);

static void put_readme(FILE *out, const char *prefix, const char *policy)
{
    (void)prefix;
    (void)policy;
    fputs(readme, out);
}

static bool write_texts(const char *to, const char *prefix, const char *policy)
{
    static const struct {
        const char *name;
        PutText *put;
    } texts[] = {
        { "README.txt", put_readme },
        { "nginx.conf", put_nginx },
        { "Caddyfile", put_caddy },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char path[PATH_MAX];
        int wrote = snprintf(path, sizeof(path), "%s/%s", to, texts[i].name);
        FILE *out = wrote > 0 && (size_t)wrote < sizeof(path) ? create(path) : NULL;
        if (out == NULL) {
            return false;
        }
        texts[i].put(out, prefix, policy);
        bool whole = ferror(out) == 0;
        if (fclose(out) != 0 || !whole) {
            return false;
        }
    }
    return true;
}

static OskStatus fail(OskFault *fault, const char *what)
{
    return osk_fault_set(fault, OSK_IO, "", what, OSK_NO_OFFSET);
}

OskStatus osk_http_export(const OskHttpPages *pages, const char *prefix, const char *to,
                          OskFault *fault)
{
    const char *policy = osk_http_policy(prefix);
    char folder[PATH_MAX];
    int wrote = snprintf(folder, sizeof(folder), "%s%.*s", to, (int)strlen(prefix) - 1, prefix);
    if (wrote < 0 || (size_t)wrote >= sizeof(folder)) {
        return fail(fault, "the folder's name is too long");
    }
    if (osk_path_exists(folder)) {
        return fail(fault, "there is a folder studio in it already");
    }
    if (mkdir(to, 0755) != 0 && !osk_path_exists(to)) {
        return fail(fault, "the folder can't be made");
    }
    for (size_t i = 0; i < pages->count; i++) {
        if (strcmp(osk_http_policy(pages->items[i].path), policy) != 0) {
            return osk_fault_set(fault, OSK_BUG, "", "the pages have more than one policy",
                                 OSK_NO_OFFSET);
        }
        if (!write_page(&pages->items[i], to)) {
            return fail(fault, "a page could not be written");
        }
    }
    if (!write_texts(to, prefix, policy)) {
        return fail(fault, "the README or the headers could not be written");
    }
    return OSK_OK;
}

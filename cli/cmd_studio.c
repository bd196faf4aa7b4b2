/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin studio: serves the page on this machine. The composition root of the server. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/ending.h"
#include "cli/pages_folder.h"
#include "cli/tunnel.h"
#include "host/folder.h"
#include "host/printable.h"
#include "http/export.h"
#include "http/http.h"

#define DEFAULT_LISTEN "127.0.0.1:0"
#define PREFIX "/studio/"

static const char help[] =
    "Usage: oilskin studio [OPTIONS]\n"
    "\n"
    "Serve the studio: a page that scrubs pictures and videos and covers faces, in the browser. It "
    "is\n"
    "served to this machine alone, and what you open in it is not sent anywhere. Ends with "
    "Ctrl-C.\n"
    "\n"
    "      --listen ADDRESS:PORT  listen there; 127.0.0.1:0 unless told otherwise, a free port of "
    "this\n"
    "                             machine. Browsers allow the page to work offline on localhost or "
    "with\n"
    "                             HTTPS only: for others, put nginx or Caddy in front\n"
    "      --pages DIR            the pages, where they are not found beside the program\n"
    "      --export DIR           write the pages and example headers for any web server with "
    "HTTPS,\n"
    "                             and serve nothing\n"
    "  -h, --help                 print this help\n";

enum { OPT_LISTEN = 256, OPT_PAGES, OPT_EXPORT };

static const struct option options[] = { { "listen", required_argument, NULL, OPT_LISTEN },
                                         { "pages", required_argument, NULL, OPT_PAGES },
                                         { "export", required_argument, NULL, OPT_EXPORT },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

static int explain(const char *name, const OskFault *fault)
{
    fputs("oilskin studio: ", stderr);
    osk_printable_text(stderr, name);
    fprintf(stderr, ": %s\n", fault->what);
    return fault->status == OSK_MISUSE ? OSK_EXIT_USAGE : osk_exit_code(fault->status);
}

static int serve(const char *address, const OskHttpPages *pages)
{
    OskFault fault = { 0 };
    OskHttp *http = NULL;
    osk_ending_hold();
    const OskHttpOptions how = { .address = address, .pages = pages };
    if (osk_http_start(&http, &how, &fault) != OSK_OK) {
        return explain(address, &fault);
    }
    /* Not localhost: a browser may try ::1 first, where another program may listen. */
    printf("The studio is at http://%s" PREFIX "\n", osk_http_address(http));
    osk_say_tunnel(http, PREFIX);
    fputs("What you open there stays in the browser. Ctrl-C ends this.\n", stdout);
    int code = osk_finish_output(0);
    if (code == 0) {
        osk_ending_wait();
    }
    osk_http_stop(&http);
    return code;
}

static int run(int argc, char **argv)
{
    const char *listen = DEFAULT_LISTEN;
    const char *folder = NULL;
    const char *export_to = NULL;
    for (int option; (option = osk_option_next(&osk_cmd_studio, argc, argv, ":h")) != -1;) {
        switch (option) {
        case OPT_LISTEN: listen = optarg; break;
        case OPT_PAGES: folder = optarg; break;
        case OPT_EXPORT: export_to = optarg; break;
        case 'h': return 0;
        default: return OSK_EXIT_USAGE;
        }
    }
    if (optind < argc) {
        return osk_usage(&osk_cmd_studio, "it takes no files: open them in the page");
    }
    char found[PATH_MAX];
    OskFault fault = { 0 };
    OskHttpPages pages = { 0 };
    folder = folder != NULL ? folder : osk_find_pages(found);
    /* Read even for an export: what can't be served is not worth exporting. */
    if (osk_http_pages_load(&pages, folder, PREFIX, &fault) != OSK_OK) {
        osk_http_pages_free(&pages);
        int code = explain(folder, &fault);
        fputs("The pages are made by web/build.sh, and installed by meson install after that; "
              "--pages names another folder of them.\n",
              stderr);
        return code;
    }
    int code = 0;
    if (export_to == NULL) {
        code = serve(listen, &pages);
    } else if (osk_http_export(&pages, PREFIX, export_to, &fault) != OSK_OK) {
        code = explain(export_to, &fault);
    } else {
        fputs("The pages are in ", stdout);
        osk_printable_text(stdout, export_to);
        fputs("/studio; README.txt beside it says how to serve them.\n", stdout);
    }
    osk_http_pages_free(&pages);
    return code;
}

const OskCommand osk_cmd_studio = { .name = "studio",
                                    .summary = "serve the page that does it in the browser",
                                    .help = help,
                                    .options = options,
                                    .run = run };

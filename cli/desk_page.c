/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk page: the desk's page from this machine. A server that somebody took over could send
 * a page that gives a reviewer's key away; here the page is known by its digest, and the server is
 * asked for what it keeps alone. */
#include <stdio.h>
#include <string.h>

#include "cli/bundle.h"
#include "cli/desk_relay.h"
#include "cli/desk_verb.h"
#include "cli/ending.h"
#include "cli/pages_folder.h"
#include "cli/tunnel.h"
#include "host/printable.h"
#include "http/http.h"
#include "http/origin.h"

#define PREFIX "/desk/"

/* Beside the studio's. */
static bool find_pages(char out[PATH_MAX])
{
    char found[PATH_MAX];
    const char *studio = osk_find_pages(found);
    const char *slash = strrchr(studio, '/');
    int len =
        slash != NULL ? snprintf(out, PATH_MAX, "%.*s/desk", (int)(slash - studio), studio) : -1;
    return len > 0 && len < PATH_MAX;
}

static OskStatus load(const OskDeskAsked *asked, OskHttpPages *pages, OskFault *fault)
{
    char folder[PATH_MAX];
    char digest[OSK_BUNDLE_DIGEST_BYTES];
    if (asked->pages == NULL && !find_pages(folder)) {
        folder[0] = 0;
    }
    OskStatus status =
        osk_http_pages_load(pages, asked->pages != NULL ? asked->pages : folder, PREFIX, fault);
    if (status == OSK_OK) {
        status = osk_bundle_check(pages, PREFIX, asked->digest, digest, fault);
        printf("The desk's page here is bundle %s\n", digest);
    }
    return status;
}

static OskStatus serve(const char *origin, const char *proxy, const OskHttpPages *pages,
                       OskFault *fault)
{
    OskHttp *http = NULL;
    OskDeskRelay *relay = NULL;
    size_t count = 0;
    char own[128];
    osk_ending_hold();
    OskStatus status = osk_desk_relay_open(&relay, origin, proxy, fault);
    if (status == OSK_OK) {
        const OskRoute *routes = osk_desk_relay_routes(relay, &count);
        const OskHttpOptions how = {
            .address = "127.0.0.1:0", .pages = pages, .routes = routes, .route_count = count
        };
        status = osk_http_start(&http, &how, fault);
    }
    if (status == OSK_OK) {
        snprintf(own, sizeof(own), "http://%s", osk_http_address(http));
        osk_desk_relay_serve_at(relay, own);
        printf("The desk is at %s/, for this machine alone\n", own);
        osk_say_tunnel(http, "/");
        fputs("What it asks goes to ", stdout);
        osk_printable_text(stdout, origin);
        puts(". Ctrl-C ends this.");
        osk_ending_wait();
    }
    osk_http_stop(&http);
    osk_desk_relay_close(&relay);
    return status;
}

static int run_page(const OskDeskAsked *asked, char **words, int count)
{
    OskHttpPages pages = { .items = NULL };
    OskFault fault = { .status = OSK_OK };
    const OskDeskWho *who = &asked->who;
    (void)words;
    (void)count;
    if (who->desk == NULL || !osk_http_is_origin(who->desk)) {
        return osk_usage(&osk_cmd_desk,
                         "which desk? Say --desk https://its.address, without a path");
    }
    if (who->name != NULL || who->session != NULL || who->login_file != NULL || who->totp ||
        who->totp_file != NULL) {
        return osk_usage(&osk_cmd_desk, "the page itself asks who comes");
    }
    if (who->proxy != NULL && strncmp(who->proxy, "socks5h://", 10) != 0) {
        return osk_usage(&osk_cmd_desk, "say --proxy socks5h://ADDRESS:PORT");
    }
    if (asked->pages != NULL && asked->digest == NULL) {
        return osk_usage(&osk_cmd_desk,
                         "pages from elsewhere are known by their digest: say --digest");
    }
    OskStatus status = load(asked, &pages, &fault);
    if (status == OSK_OK) {
        status = serve(who->desk, who->proxy, &pages, &fault);
    }
    osk_http_pages_free(&pages);
    return status == OSK_OK ? 0 : osk_desk_explain("page", &fault);
}

const OskDeskVerb osk_desk_page = {
    .name = "page",
    .usage = "desk page --desk URL [--digest HEX [--pages DIR]]",
    .words_min = 0,
    .words_max = 0,
    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_PAGES,
    .run = run_page,
};

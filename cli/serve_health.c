/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/serve_health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text format of Prometheus, version 0.0.4. */
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define TEXT_TYPE "text/plain; charset=utf-8"

static void answer_text(OskRequest *request, unsigned status, const char *media_type,
                        const char *text)
{
    osk_request_add_header(request, "Cache-Control", "no-store");
    osk_request_answer(request, &(OskAnswer){ .status = status,
                                              .media_type = media_type,
                                              .bytes = text,
                                              .len = strlen(text) });
}

static void begin(void *context, OskRequest *request)
{
    (void)context;
    (void)request;
}

/* All listeners of the drop together. */
static void print_connections(FILE *file, const OskHealth *health)
{
    OskHttpCounts all = { 0 };
    for (size_t i = 0; i < health->listener_count; i++) {
        if (health->listeners[i] != NULL) {
            OskHttpCounts one = osk_http_count(health->listeners[i]);
            all.waiting += one.waiting;
            all.connections += one.connections;
            all.requests += one.requests;
            all.paused += one.paused;
            all.answered += one.answered;
            all.too_slow += one.too_slow;
        }
    }
    const struct {
        const char *name;
        const char *kind;
        const char *help;
        uint64_t value;
    } rows[] = {
        { "oilskin_connections_waiting", "gauge", "Connections without a whole request.",
          all.waiting },
        { "oilskin_connections", "gauge", "Other connections.", all.connections },
        { "oilskin_requests", "gauge", "Requests that run.", all.requests },
        { "oilskin_requests_paused", "gauge", "Requests that wait for something.", all.paused },
        { "oilskin_requests_total", "counter", "Requests that ended.", all.answered },
        { "oilskin_too_slow_total", "counter", "Connections that were ended for slowness.",
          all.too_slow },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fprintf(file, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", rows[i].name, rows[i].help,
                rows[i].name, rows[i].kind, rows[i].name, (unsigned long long)rows[i].value);
    }
}

static void say_metrics(void *context, OskRequest *request)
{
    const OskHealth *health = context;
    char *text = NULL;
    size_t len = 0;
    size_t intake_len = 0;
    char *intake = osk_intake_metrics(health->intake, &intake_len);
    FILE *file = intake != NULL ? open_memstream(&text, &len) : NULL;
    bool is_whole = false;
    if (file != NULL) {
        fwrite(intake, 1, intake_len, file);
        print_connections(file, health);
        is_whole = fclose(file) == 0;
    }
    answer_text(request, is_whole ? 200 : 503, METRICS_TYPE, is_whole ? text : "");
    free(text);
    free(intake);
}

static void say_alive(void *context, OskRequest *request)
{
    (void)context;
    answer_text(request, 200, TEXT_TYPE, "alive\n");
}

static void say_ready(void *context, OskRequest *request)
{
    const OskHealth *health = context;
    const char *why = "ready\n";
    bool is_ready = osk_intake_is_ready(health->intake, &why);
    answer_text(request, is_ready ? 200 : 503, TEXT_TYPE, is_ready ? "ready\n" : why);
}

void osk_health_routes(OskRoute routes[OSK_HEALTH_ROUTES], OskHealth *health)
{
    static const struct {
        const char *path;
        void (*end)(void *context, OskRequest *request);
    } pages[OSK_HEALTH_ROUTES] = {
        { "/metrics", say_metrics },
        { "/healthz", say_alive },
        { "/readyz", say_ready },
    };
    for (size_t i = 0; i < OSK_HEALTH_ROUTES; i++) {
        routes[i] = (OskRoute){ .path = pages[i].path,
                                .methods = "GET HEAD",
                                .context = health,
                                .begin = begin,
                                .end = pages[i].end };
    }
}

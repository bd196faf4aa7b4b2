/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/serve_health.h"

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

static void say_metrics(void *context, OskRequest *request)
{
    size_t len = 0;
    char *text = osk_intake_metrics(context, &len);
    answer_text(request, text != NULL ? 200 : 503, METRICS_TYPE, text != NULL ? text : "");
    free(text);
}

static void say_alive(void *context, OskRequest *request)
{
    (void)context;
    answer_text(request, 200, TEXT_TYPE, "alive\n");
}

static void say_ready(void *context, OskRequest *request)
{
    const char *why = "ready\n";
    bool is_ready = osk_intake_is_ready(context, &why);
    answer_text(request, is_ready ? 200 : 503, TEXT_TYPE, is_ready ? "ready\n" : why);
}

void osk_health_routes(OskRoute routes[OSK_HEALTH_ROUTES], OskIntake *intake)
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
                                .context = intake,
                                .begin = begin,
                                .end = pages[i].end };
    }
}

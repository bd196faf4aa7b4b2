/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies folded under one row. */
#include "desk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/hex.h"
#include "desk/row_json.h"

#define PAGE_MEMBERS 100u

typedef struct Cluster {
    OskDesk *desk;
    OskJson *json;
    OskJson *members;
    uint32_t count;
} Cluster;

static void show_row(void *context, const OskModelRow *row)
{
    Cluster *cluster = context;
    cluster->count = row->count;
    osk_json_set(cluster->json, "row", osk_desk_row(cluster->desk, row));
}

static void list_member(void *context, const OskModelRow *row)
{
    Cluster *cluster = context;
    osk_json_add(cluster->members, osk_desk_member(row));
}

/* "100": so many were shown already. */
static bool read_skip(const char *text, uint32_t *out)
{
    char *end = NULL;
    unsigned long number = text == NULL ? 0 : strtoul(text, &end, 10);
    *out = (uint32_t)number;
    return text == NULL || (text[0] >= '0' && text[0] <= '9' && *end == 0 && number <= INT32_MAX);
}

static void run_cluster(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskId id;
    uint32_t skip = 0;
    const char *rest = osk_request_path(call->request) + strlen(call->endpoint->path);
    if (!read_skip(osk_request_query(call->request, "after"), &skip)) {
        osk_desk_refuse(call, 400, "What to go on behind is a number", NULL);
        return;
    }
    OskJson *json = osk_json_object("oilskin/cluster/1");
    Cluster cluster = { .desk = call->desk, .json = json, .members = osk_json_list() };
    const OskModelShowing showing = { .row = show_row,
                                      .member = list_member,
                                      .skip = skip,
                                      .limit = PAGE_MEMBERS,
                                      .context = &cluster };
    bool is_there = osk_hex_read(rest, &id, sizeof(id)) &&
                    osk_model_show(call->desk->model, &id, &showing, &fault);
    osk_json_set(json, "members", cluster.members);
    if (!is_there) {
        osk_json_free(&json);
        osk_desk_refuse(call, fault.status == OSK_OK ? 404 : 500, "There is no such cluster",
                        "What was in it may have been withdrawn, or its time was over");
        return;
    }
    if (cluster.count > skip && cluster.count - skip > PAGE_MEMBERS) {
        char next[16];
        snprintf(next, sizeof(next), "%u", skip + PAGE_MEMBERS);
        osk_json_set_text(json, "next", next);
    } else {
        osk_json_set_text(json, "next", NULL);
    }
    osk_desk_done(call, json);
}

const OskDeskEndpoint osk_desk_cluster_endpoints[] = {
    { "/api/clusters/", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_cluster },
};
const size_t osk_desk_cluster_count =
    sizeof(osk_desk_cluster_endpoints) / sizeof(osk_desk_cluster_endpoints[0]);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tunnel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/printable.h"

void osk_say_tunnel(const OskHttp *http, const char *path)
{
    const char *connection = getenv("SSH_CONNECTION");
    if (connection == NULL || !osk_http_is_loopback(http)) {
        return;
    }
    char copy[256];
    char *rest = NULL;
    const char *words[3] = { NULL };
    snprintf(copy, sizeof(copy), "%s", connection);
    for (size_t i = 0; i < 3; i++) {
        words[i] = strtok_r(i == 0 ? copy : NULL, " ", &rest);
    }
    const char *user = getenv("USER");
    printf("You are on another machine? There, run\n  ssh -N -L %u:%s ", osk_http_port(http),
           osk_http_address(http));
    if (user != NULL && osk_printable_is_plain(user)) {
        printf("%s@", user);
    }
    osk_printable_text(stdout, words[2] != NULL ? words[2] : "THIS-MACHINE");
    printf("\nand open http://localhost:%u%s there.\n", osk_http_port(http), path);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the programs in front of a drop write down who came. */
#ifndef OSK_CLI_DOCTOR_LOGS_H
#define OSK_CLI_DOCTOR_LOGS_H

typedef enum OskLogs {
    OSK_LOGS_ABSENT, /* no configuration that names the drop */
    OSK_LOGS_NONE,
    OSK_LOGS_KEPT
} OskLogs;

/* Every file of nginx that passes requests on to the drop must turn both logs of each of its server
 * blocks off: that of errors names addresses, too. @param path one file, or NULL for those in
 * /etc/nginx. */
OskLogs osk_doctor_nginx(const char *path);
/* Caddy must log no requests, and keep what it says of failed ones out of its own log.
 * @param path NULL for /etc/caddy/Caddyfile. */
OskLogs osk_doctor_caddy(const char *path);
/* @param path NULL for /etc/tor/torrc. */
OskLogs osk_doctor_torrc(const char *path);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which page may do what: one table of addresses and their Content-Security-Policy. */
#ifndef OSK_HTTP_POLICY_H
#define OSK_HTTP_POLICY_H

/* The policy of an address; never NULL. What is in no row may do nothing at all. */
const char *osk_http_policy(const char *path);

#endif

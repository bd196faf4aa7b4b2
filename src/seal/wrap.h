/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of a file in a header, for each who may open it: to write it, to find it. */
#ifndef OSK_SEAL_WRAP_H
#define OSK_SEAL_WRAP_H

#include "seal/header.h"

/* Whether anybody can be sealed to. Errors: MISUSE. */
OskStatus osk_wrap_check(const OskSealTo *to, OskFault *fault);
/* The header for `to`, which was checked. */
OskStatus osk_wrap_write(OskWriter *header, const OskSealTo *to,
                         const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault);
/* Its length. */
uint64_t osk_wrap_len(const OskSealTo *to);

/* Looks for the file key in each stanza, up to the line of the MAC, which isn't checked. Every
 * stanza is read even when one has opened: a header that breaks its specification is refused
 * whoever can open it. */
OskStatus osk_wrap_find(OskHeader *header, const OskUnsealWith *with,
                        uint8_t out_file_key[OSK_SEAL_FILE_KEY_BYTES], bool *out_found,
                        OskFault *fault);
/* AUTH. Not told apart: whether no key fits or the file was changed is nobody's business but the
 * owner's, who can't tell either. */
OskStatus osk_wrap_refuse(OskFault *fault);

#endif

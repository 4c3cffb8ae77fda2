/* SPDX-License-Identifier: Apache-2.0
 * What the module cannot be built without, told in one line before any source
 * is compiled. */
#ifndef RESPONDER_REQUIRES_H
#define RESPONDER_REQUIRES_H

#include <openssl/opensslv.h>

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "mod_ocsp_responder needs OpenSSL 3.0 or later"
#endif

#endif

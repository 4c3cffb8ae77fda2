/* SPDX-License-Identifier: Apache-2.0
 * Whether a signer can sign just now. */
#ifndef RESPONDER_SIGNER_TRIAL_H
#define RESPONDER_SIGNER_TRIAL_H

#include "ocsp/signer.h"

/* Signs a few bytes and verifies them with the certificate's key. 1, or 0 and
 * *why, which is static and holds nothing secret. Takes memory of pool. */
int signer_trial(apr_pool_t *pool, const signer_t *signer, const char **why);

#endif

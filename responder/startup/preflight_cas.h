/* SPDX-License-Identifier: Apache-2.0
 * What is wrong with the CAs of a location, and with who signs for them. */
#ifndef RESPONDER_PREFLIGHT_CAS_H
#define RESPONDER_PREFLIGHT_CAS_H

#include "startup/report.h"

/* Looks for the CAs in the source, and reports. Without a pair the CA alone is
 * looked for: its other faults are known. */
void preflight_cas_check(const reporter_t *reporter,
                         const ocsp_responder_call_t *call);

/* Reports what is known without the source: whether the certificate of the pair
 * ends. */
void preflight_cas_check_pair(const reporter_t *reporter);

#endif

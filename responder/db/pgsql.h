/* SPDX-License-Identifier: Apache-2.0
 * PostgreSQL, through the functions of libpq. */
#ifndef RESPONDER_PGSQL_H
#define RESPONDER_PGSQL_H

#include "db/driver.h"

extern const driver_t pgsql_driver;

#endif

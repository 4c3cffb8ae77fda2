/* SPDX-License-Identifier: Apache-2.0
 * MariaDB and MySQL, through the functions of libmariadb or libmysqlclient. */
#ifndef RESPONDER_MYSQL_H
#define RESPONDER_MYSQL_H

#include "db/driver.h"

extern const driver_t mysql_driver;

#endif

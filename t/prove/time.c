/* SPDX-License-Identifier: Apache-2.0
 * der_put_time(): any time of the years 1900 to 2199 is 17 bytes of digits with
 * months, days, hours, minutes and seconds that there are. */
#include "prove.h"
#include "base/der_writer.h"

static int two(const unsigned char *digits)
{
    return (digits[0] - '0') * 10 + digits[1] - '0';
}

/* unwind: 18
 * with: responder/base/calendar.c t/prove/pools.c */
int main(void)
{
    const long long seconds = nondet_longlong();
    der_out_t out = der_out(NULL, 32);
    bytes_t der;
    int i;

    ASSUME(seconds >= -2208988800LL && seconds < 7258118400LL);
    der_put_time(&out, seconds * APR_USEC_PER_SEC);
    der = der_out_bytes(&out);
    PROVED(!out.why && der.len == 17, "its length");
    PROVED(der.data[0] == DER_GENERALIZED_TIME && der.data[1] == 15,
           "its header");
    for (i = 2; i < 16; i++)
        PROVED(der.data[i] >= '0' && der.data[i] <= '9', "digits");
    PROVED(two(der.data + 2) >= 19 && two(der.data + 2) <= 21, "its century");
    PROVED(two(der.data + 6) >= 1 && two(der.data + 6) <= 12, "its month");
    PROVED(two(der.data + 8) >= 1 && two(der.data + 8) <= 31, "its day");
    PROVED(two(der.data + 10) <= 23 && two(der.data + 12) <= 59
               && two(der.data + 14) <= 59,
           "its hour, minute and second");
    PROVED(der.data[16] == 'Z', "in UTC");
    return 0;
}

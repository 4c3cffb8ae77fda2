/* SPDX-License-Identifier: Apache-2.0
 * der_take(): of any 12 bytes and any tag, what is taken and what is left are
 * the input and nothing else, and a length has one form only. */
#include "prove.h"
#include "base/der_reader.h"

#define MAX 12

/* unwind: 13 */
int main(void)
{
    const bytes_t input = any_bytes(MAX);
    const int tag = nondet_uchar();
    bytes_t rest = input;
    der_element_t element;
    apr_size_t header;

    if (!der_take(&rest, tag, &element)) {
        PROVED(rest.data == input.data && rest.len == input.len,
               "what is refused stays where it is");
        return 0;
    }
    header = element.whole.len - element.contents.len;
    PROVED(element.whole.data == input.data, "it begins at the beginning");
    PROVED(element.whole.len + rest.len == input.len, "nothing is lost");
    PROVED(rest.data == input.data + element.whole.len, "the rest follows");
    PROVED(element.contents.data == element.whole.data + header,
           "its contents are behind its header");
    PROVED(header >= 2 && header <= DER_HEADER_MAX,
           "a header has 2 to 6 bytes");
    PROVED(input.data[0] == tag, "its tag");
    PROVED(header == 2 || element.contents.len >= 0x80,
           "a short length is short");
    return 0;
}

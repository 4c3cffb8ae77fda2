# SPDX-License-Identifier: Apache-2.0
"""Says of an OCSP answer whether its CertHash (ISIS-MTT) is the certificate's, by
asn1crypto. Arguments: the answer, the certificate, both in DER."""

import hashlib
import sys
from pathlib import Path

from asn1crypto import algos, core, ocsp


class CertHash(core.Sequence):
    _fields = [
        ("hashAlgorithm", algos.DigestAlgorithm),
        ("certificateHash", core.OctetString),
    ]


answer, cert = (Path(path).read_bytes() for path in sys.argv[1:3])
response = ocsp.OCSPResponse.load(answer, strict=True)
(single,) = response.response_data["responses"]
values = [
    extension["extn_value"].contents
    for extension in single["single_extensions"]
    if extension["extn_id"].dotted == "1.3.36.8.3.13"
]
if len(values) != 1:
    sys.exit(f"refused: {len(values)} CertHash extensions")
found = CertHash.load(values[0], strict=True)
name = found["hashAlgorithm"]["algorithm"].native
wanted = hashlib.new(name, cert).digest()
if found["certificateHash"].native != wanted:
    sys.exit(f"refused: not the {name} of this certificate")
print(f"accepted: {name}")

# SPDX-License-Identifier: Apache-2.0
"""Asks the OCSP URL in a certificate with Python's cryptography; prints the
status. Arguments: the certificate, its issuer's, and "each" to look through
several answers for the certificate's."""

import sys
import urllib.request
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID as AIA

cert, issuer = (
    x509.load_pem_x509_certificate(Path(path).read_bytes())
    for path in sys.argv[1:3]
)
access = cert.extensions.get_extension_for_class(
    x509.AuthorityInformationAccess
)
(url,) = (
    a.access_location.value
    for a in access.value
    if a.access_method == AIA.OCSP
)
builder = ocsp.OCSPRequestBuilder()
request = builder.add_certificate(cert, issuer, SHA256()).build()
answer = urllib.request.urlopen(
    urllib.request.Request(
        url,
        request.public_bytes(Encoding.DER),
        {"Content-Type": "application/ocsp-request"},
    )
)
response = ocsp.load_der_ocsp_response(answer.read())
(responder,) = response.certificates
responder.verify_directly_issued_by(issuer)
key = responder.public_key()
digest = response.signature_hash_algorithm
is_ec = isinstance(key, ec.EllipticCurvePublicKey)
key.verify(
    response.signature,
    response.tbs_response_bytes,
    *([ec.ECDSA(digest)] if is_ec else [padding.PKCS1v15(), digest]),
)
single = response
if "each" in sys.argv[3:]:
    single = next(
        s for s in response.responses if s.serial_number == cert.serial_number
    )
assert single.serial_number == cert.serial_number
print(single.certificate_status.name)

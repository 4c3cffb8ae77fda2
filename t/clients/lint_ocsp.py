# SPDX-License-Identifier: Apache-2.0
# What pkilint finds in OCSP answers, the files (DER) that are named: a line a
# finding. Ends with their number.
import pathlib
import sys

from pkilint import loader, pkix
from pkilint.pkix import extension, name, ocsp

linter = ocsp.create_pkix_ocsp_response_validator_container(
    [
        ocsp.create_response_decoder(),
        pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
        pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
    ],
    [],
)

for path in map(pathlib.Path, sys.argv[1:]):
    answer = loader.load_der_ocsp_response(path.read_bytes(), path.name)
    for result in linter.validate(answer.root):
        for finding in result.finding_descriptions:
            print(path.name, finding.finding.code, finding.message or "")
print(len(sys.argv) - 1, "answers")

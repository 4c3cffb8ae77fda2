// SPDX-License-Identifier: Apache-2.0

// Asks the OCSP URL in a certificate with golang.org/x/crypto/ocsp; prints the
// status. Arguments: the certificate, its issuer's, and "first" to not say which
// of several answers is meant.
package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"golang.org/x/crypto/ocsp"
)

func load(path string) *x509.Certificate {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		log.Fatalf("%s: no PEM", path)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		log.Fatal(err)
	}
	return cert
}

func ask(cert, issuer *x509.Certificate, first bool) (*ocsp.Response, error) {
	request, err := ocsp.CreateRequest(cert, issuer,
		&ocsp.RequestOptions{Hash: crypto.SHA256})
	if err != nil {
		return nil, err
	}
	answer, err := http.Post(cert.OCSPServer[0], "application/ocsp-request",
		bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if first {
		return ocsp.ParseResponse(body, issuer)
	}
	return ocsp.ParseResponseForCert(body, cert, issuer)
}

func main() {
	log.SetFlags(0)
	cert, issuer := load(os.Args[1]), load(os.Args[2])
	if len(cert.OCSPServer) != 1 {
		log.Fatalf("%d OCSP URLs", len(cert.OCSPServer))
	}
	response, err := ask(cert, issuer, len(os.Args) > 3)
	if err != nil {
		log.Fatal(err)
	}
	switch response.Status {
	case ocsp.Good:
		fmt.Println("good")
	case ocsp.Revoked:
		fmt.Println("revoked")
	default:
		fmt.Println("unknown")
	}
}

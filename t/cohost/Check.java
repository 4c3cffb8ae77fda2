/* SPDX-License-Identifier: Apache-2.0
 * Validates a certificate as Java does, by its OCSP URL alone; prints GOOD,
 * REVOKED, or what went wrong. Arguments: the certificate, its issuer's, and
 * the class of a provider that does it in place of Java's own. */
import java.io.FileInputStream;
import java.security.Provider;
import java.security.Security;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

public class Check {
    static final CertificateFactory factory = factory();

    static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        }
        catch (Exception e) {
            throw new RuntimeException(e);
        }
    }

    static X509Certificate read(String path) throws Exception {
        try (FileInputStream in = new FileInputStream(path)) {
            return (X509Certificate) factory.generateCertificate(in);
        }
    }

    static CertPathValidator validator(String[] arguments) throws Exception {
        if (arguments.length < 3)
            return CertPathValidator.getInstance("PKIX");
        Provider provider = (Provider) Class.forName(arguments[2])
            .getDeclaredConstructor().newInstance();
        Security.addProvider(provider);
        Security.setProperty("ocsp.enable", "true");
        return CertPathValidator.getInstance("PKIX", provider);
    }

    public static void main(String[] paths) throws Exception {
        CertPathValidator validator = validator(paths);
        PKIXRevocationChecker checker =
            (PKIXRevocationChecker) validator.getRevocationChecker();
        PKIXParameters parameters = new PKIXParameters(
            Set.of(new TrustAnchor(read(paths[1]), null)));

        checker.setOptions(EnumSet.of(
            PKIXRevocationChecker.Option.ONLY_END_ENTITY,
            PKIXRevocationChecker.Option.NO_FALLBACK));
        parameters.addCertPathChecker(checker);
        try {
            validator.validate(
                factory.generateCertPath(List.of(read(paths[0]))), parameters);
            System.out.println("GOOD");
        }
        catch (CertPathValidatorException e) {
            System.out.println(e.getReason() + ": " + e.getMessage());
        }
    }
}

import CCrypto

/// Digests, by the libcrypto that libcurl and libmariadb use as well.
package enum Digest {
    /// HMAC (RFC 2104) with SHA-256: 32 bytes.
    package static func hmacSHA256(key: [UInt8], _ content: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let made = HMAC(EVP_sha256(), key, Int32(key.count), content, content.count, &digest, nil)
        precondition(made != nil, "libcrypto is out of memory")
        return digest
    }

    /// SHA-256 (FIPS 180-4): 32 bytes.
    package static func sha256(_ content: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let made = EVP_Digest(content, content.count, &digest, nil, EVP_sha256(), nil)
        precondition(made == 1, "libcrypto is out of memory")
        return digest
    }

    /// MD5 (RFC 1321): 16 bytes. It protects nothing; old receivers ask for it.
    /// - Returns: nil where the system forbids it, as one in FIPS mode does.
    package static func md5(_ content: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 16)
        return EVP_Digest(content, content.count, &digest, nil, EVP_md5(), nil) == 1 ? digest : nil
    }
}

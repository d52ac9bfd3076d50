import CCrypto

/// Keeps what only the holder of a key may read: AES-256 in Galois/Counter Mode (NIST SP 800-38D). What is sealed is a nonce
/// of 12 random bytes, the ciphertext, and a tag of 16 bytes.
package struct Seal: Sendable, Equatable {
    private let key: [UInt8]

    package static let keySize = 32
    private static let nonceSize = 12
    private static let tagSize = 16

    /// - Returns: nil when the key has another size.
    package init?(key: [UInt8]) {
        guard key.count == Self.keySize else { return nil }
        self.key = key
    }

    /// - Parameter context: what it is sealed for; it opens for nothing else.
    package func close(_ content: [UInt8], for context: [UInt8]) -> [UInt8] {
        var chance = SystemRandomNumberGenerator()
        let nonce = (0..<Self.nonceSize).map { _ in UInt8.random(in: .min ... .max, using: &chance) }
        var (sealed, tag) = ([UInt8](repeating: 0, count: content.count), [UInt8](repeating: 0, count: Self.tagSize))
        var (length, rest): (Int32, Int32) = (0, 0)
        let cipher = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(cipher) }
        let isDone =
            EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_EncryptUpdate(cipher, nil, &length, context, Int32(context.count)) == 1
            && EVP_EncryptUpdate(cipher, &sealed, &length, content, Int32(content.count)) == 1
            && EVP_EncryptFinal_ex(cipher, &tag, &rest) == 1
            && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagSize), &tag) == 1
        precondition(isDone, "libcrypto is out of memory")
        return nonce + sealed + tag
    }

    /// - Returns: nil when it was not sealed with this key for this, or was changed since.
    package func open(_ sealed: [UInt8], for context: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Self.nonceSize + Self.tagSize else { return nil }
        let nonce = Array(sealed.prefix(Self.nonceSize))
        var tag = Array(sealed.suffix(Self.tagSize))
        let ciphertext = Array(sealed.dropFirst(Self.nonceSize).dropLast(Self.tagSize))
        var content = [UInt8](repeating: 0, count: ciphertext.count)
        var end = [UInt8](repeating: 0, count: Self.tagSize)
        var (length, rest): (Int32, Int32) = (0, 0)
        let cipher = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(cipher) }
        let isDone =
            EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_DecryptUpdate(cipher, nil, &length, context, Int32(context.count)) == 1
            && EVP_DecryptUpdate(cipher, &content, &length, ciphertext, Int32(ciphertext.count)) == 1
            && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), &tag) == 1
            && EVP_DecryptFinal_ex(cipher, &end, &rest) == 1
        return isDone ? content : nil
    }
}

extension Seal: CustomStringConvertible, CustomReflectable {
    package var description: String { "a key" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

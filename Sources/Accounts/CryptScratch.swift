import CCrypt
import Glibc
package import ThreadPool

/// The memory in which crypt(3) works, on a thread of its own.
final class CryptScratch: PooledResource {
    struct Options: Sendable {}

    private let memory = UnsafeMutableRawPointer.allocate(
        byteCount: MemoryLayout<crypt_data>.size, alignment: MemoryLayout<crypt_data>.alignment)

    init(_ options: Options) throws(PasswordError) {}

    deinit {
        memory.deallocate()
    }

    func isUsable(afterIdle idle: Duration, isInDoubt: Bool) -> Bool { true }

    /// - Throws: `failed` when the library does not know the setting or has not the memory that it asks for.
    func crypt(_ password: String, _ setting: String) throws(PasswordError) -> String {
        let size = MemoryLayout<crypt_data>.size
        memset(memory, 0, size)
        defer { explicit_bzero(memory, size) }
        guard let result = crypt_rn(password, setting, memory, Int32(size)) else {
            throw .failed(String(cString: strerror(errno)))
        }
        return String(cString: result)
    }
}

/// Why a password was neither hashed nor compared.
package enum PasswordError: Error, Sendable, Equatable, CustomStringConvertible {
    /// So many wait already that the answer would come too late.
    case busy
    case failed(String)

    package var description: String {
        switch self {
        case .busy: "too many passwords are being checked; try again"
        case .failed(let reason): "the password could not be hashed: \(reason)"
        }
    }
}

extension PasswordError: PoolFailure {
    package init(_ refusal: PoolRefusal) { self = .busy }
    package var losesConnection: Bool { false }
}

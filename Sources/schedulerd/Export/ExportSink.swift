import Glibc

/// Where an export goes: a new file, or standard output.
struct ExportSink {
    enum Failure: Error, CustomStringConvertible {
        case cannotCreate(String, Int32)
        case cannotWrite(Int32)

        var description: String {
            switch self {
            case .cannotCreate(let path, let error): "cannot create \(path): \(String(cString: strerror(error)))"
            case .cannotWrite(let error): "cannot write: \(String(cString: strerror(error)))"
            }
        }
    }

    private let descriptor: Int32

    /// - Parameter path: nil: standard output.
    init(path: String?) throws(Failure) {
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotCreate(path, errno) }
    }

    func write(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .cannotWrite(errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// A full disk may be told of only now.
    func close() throws(Failure) {
        guard descriptor != STDOUT_FILENO else { return }
        guard fsync(descriptor) == 0, Glibc.close(descriptor) == 0 else { throw .cannotWrite(errno) }
    }
}

import Glibc
import Synchronization

/// The time zones of this system. Each is read once in the life of the process.
package final class ZoneDatabase: Sendable {
    package static let system = ZoneDatabase(folder: "/usr/share/zoneinfo")

    /// Files are some kilobytes.
    private static let longestFile = 1 << 20
    private static let mostZones = 2000

    private let folder: String
    private let known = Mutex<[String: TimeZone]>([:])

    init(folder: String) {
        self.folder = folder
    }

    /// - Returns: nil for what is no zone here.
    package func zone(_ name: String) -> TimeZone? {
        if name == "UTC" { return .utc }
        guard Self.isName(name) else { return nil }
        if let zone = known.withLock({ $0[name] }) { return zone }
        guard let bytes = read("\(folder)/\(name)"), let zone = ZoneFile.read(bytes, name: name) else { return nil }
        known.withLock { if $0.count < Self.mostZones { $0[name] = zone } }
        return zone
    }

    /// Names as the database has them, such as America/Argentina/Buenos_Aires or Etc/GMT+3; nothing that leads elsewhere.
    private static func isName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count) else { return false }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty && part.first != "."
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                        UInt8(ascii: "+"):
                        true
                    default: false
                    }
                }
        }
    }

    private func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.longestFile
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count) }
            guard got > 0 else { return nil }
            count += got
        }
        return bytes
    }
}

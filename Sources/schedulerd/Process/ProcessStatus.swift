import FoundationEssentials
import Glibc
import MySQL
import Scheduler
import Web

/// What a process says of itself, in a file beside its pid file.
struct ProcessStatus: Equatable {
    var version: String
    var startedAt: Timestamp
    /// In the order of the alphabet.
    var roles: [String]
    /// nil: it serves.
    var unreadiness: String?

    /// A file that was not touched for so long is of a process that hangs.
    private static let patience: Int64 = 15_000_000

    static func path(beside pidFile: String) -> String { pidFile + ".status" }

    /// Replaces the file as a whole. What cannot be written is missing from `schedulerd status`, no more.
    func write(to path: String) {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("version", version)
            writer.member("started_at", startedAt.rfc3339)
            writer.array("roles") { writer in
                for role in roles { writer.string(role) }
            }
            writer.member("unreadiness", unreadiness)
        }
        try? Data(writer.bytes).write(to: URL(filePath: path), options: .atomic)
    }

    /// A sign of life, of a process whose status is as it was.
    static func touch(_ path: String) {
        utimensat(AT_FDCWD, path, nil, 0)
    }

    /// - Returns: nil when there is none that can be read.
    init?(path: String, now: Timestamp) {
        guard let data = try? Data(contentsOf: URL(filePath: path)),
            let json = try? JSONParser.parse(Array(data)), let version = json["version"]?.text,
            let time = json["started_at"]?.text, let startedAt = Timestamp(rfc3339: time),
            case .array(let roles)? = json["roles"]
        else { return nil }
        self.version = version
        self.startedAt = startedAt
        self.roles = roles.compactMap(\.text)
        unreadiness = json["unreadiness"]?.text
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let silence = now.microseconds - Int64(status.st_mtim.tv_sec) * 1_000_000
        if silence > Self.patience {
            unreadiness = "it has given no sign of life for \(silence / 1_000_000) s"
        }
    }

    init(version: String, startedAt: Timestamp, roles: [String], unreadiness: String?) {
        self.version = version
        self.startedAt = startedAt
        self.roles = roles
        self.unreadiness = unreadiness
    }
}

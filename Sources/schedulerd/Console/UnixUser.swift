import Glibc

/// Who runs a command.
enum UnixUser {
    /// As the audit log calls him.
    static var actor: String { "cli:" + name }

    private static var name: String {
        // A pointer into memory of the library's, which this thread alone uses.
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return String(getuid()) }
        return String(cString: name)
    }
}

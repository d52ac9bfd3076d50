import Glibc

/// Finds programs as a shell does, and where Debian keeps servers.
enum ProgramPath {
    static func find(_ names: [String]) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin", "/usr/bin"]
        for name in names {
            for folder in folders where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        }
        return nil
    }

    static func require(_ names: String...) throws(DevFailure) -> String {
        if let path = find(names) { return path }
        throw DevFailure(
            "\(names[0]) is not installed. `schedulerd dev` needs MariaDB and Redis:\n"
                + "  apt-get install mariadb-server redis-server")
    }
}

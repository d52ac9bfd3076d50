import Glibc

/// Which server `scripts/servers` started, for what holds on one of them only.
enum ServerKind: String {
    case mariadb, mysql

    static var current: ServerKind? {
        getenv("SCHEDULERD_TEST_DB_KIND").flatMap { ServerKind(rawValue: String(cString: $0)) }
    }
}

import FoundationEssentials
import Glibc
import MySQL

/// The private MariaDB of `schedulerd dev`: data in the folder, reachable by a unix socket only.
struct MariaDBServer: Sendable {
    static let database = "schedulerd"
    static let user = "root"
    /// After a crash it first repeats what its log holds.
    private static let startLimit: Duration = .seconds(120)
    private static let stopLimit: Duration = .seconds(60)
    private static let name = "mariadb"

    private let folder: DataFolder
    private let server: String
    private let installer: String

    init(_ folder: DataFolder) throws(DevFailure) {
        self.folder = folder
        server = try ProgramPath.require("mariadbd", "mysqld")
        installer = try ProgramPath.require("mariadb-install-db", "mysql_install_db")
    }

    var socket: String { folder.socket("mariadb.sock") }

    func start() async throws -> ServerProcess {
        var process = ServerProcess.left(Self.name, in: folder)
        if process != nil { DevConsole.say("MariaDB of an earlier run still works here; taking it over") }
        if process == nil {
            try await initialise()
            process = try launch()
        }
        let end = ContinuousClock.now + Self.startLimit
        while let running = process {
            if let connection = connect() {
                // Not a value of anybody: the name is a constant of letters.
                try connection.run(text: "CREATE DATABASE IF NOT EXISTS \(Self.database) CHARACTER SET utf8mb4")
                return running
            }
            if !running.isAlive {
                throw DevFailure(
                    "MariaDB ended at its start; its log, \(folder.file("mariadb.log")), ends with\n\(tail)")
            }
            if ContinuousClock.now > end { break }
            do {
                try await Task.sleep(for: .milliseconds(50))
            } catch {
                running.stop(within: Self.stopLimit)
                throw error
            }
        }
        process?.stop(within: Self.stopLimit)
        throw DevFailure("MariaDB did not answer within \(Self.startLimit); its log ends with\n\(tail)")
    }

    func stop(_ process: ServerProcess) {
        process.stop(within: Self.stopLimit)
    }

    private var tail: String { folder.tail("mariadb.log") }

    /// nil: it does not answer yet.
    private func connect() -> Connection? {
        var options = ConnectionOptions()
        options.socket = socket
        options.user = Self.user
        options.tls = .off
        // Why not is of no interest until the limit; then its log says it.
        return try? Connection(options)
    }

    private func launch() throws(DevFailure) -> ServerProcess {
        unlink(socket)
        return try ServerProcess.start(
            Self.name, server,
            [
                "--no-defaults", "--datadir=\(folder.file("mariadb"))", "--socket=\(socket)", "--skip-networking",
                "--skip-name-resolve", "--pid-file=\(folder.file("mariadb.pid"))", "--character-set-server=utf8mb4",
                "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=128M",
            ] + asUser, in: folder)
    }

    /// A server refuses to run as root unless told so.
    private var asUser: [String] { geteuid() == 0 ? ["--user=root"] : [] }

    /// Makes the data under another name first: an interrupted start leaves nothing that looks like data.
    private func initialise() async throws {
        if access(folder.file("mariadb"), F_OK) == 0 { return }
        DevConsole.say("first start: preparing the database in \(folder.path)")
        let draft = "mariadb.new"
        if access(folder.file(draft), F_OK) == 0 { try FileManager.default.removeItem(atPath: folder.file(draft)) }
        // A relative path, because the installer, a shell script, expects no blank in it.
        let process = try ServerProcess.start(
            Self.name, "/bin/sh",
            [
                "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", folder.path, installer, "--no-defaults",
                "--datadir=./\(draft)", "--auth-root-authentication-method=normal", "--skip-test-db",
                "--skip-name-resolve",
            ] + asUser, in: folder, isServer: false)
        do {
            while process.isAlive { try await Task.sleep(for: .milliseconds(20)) }
        } catch {
            process.stop(within: .seconds(5))
            throw error
        }
        guard access(folder.file("\(draft)/mysql"), F_OK) == 0,
            rename(folder.file(draft), folder.file("mariadb")) == 0
        else {
            throw DevFailure("the database could not be prepared; \(folder.file("mariadb.log")) ends with\n\(tail)")
        }
    }
}

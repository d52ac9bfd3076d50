import Glibc
import MySQL
import TestSupport
import Testing

/// schedulerd as delay_queue was run: two processes under supervisord behind nginx, all in a folder of the test's own.
struct OldLayout {
    let scratch: ScratchFolder
    /// nginx's.
    let port: Int
    /// That of the process with the role api.
    let directPort: Int
    private let nginx: ChildProcess
    private let supervisord: ChildProcess

    static func with<T>(
        _ database: TestDatabase, isolation: isolated (any Actor)? = #isolation, _ body: (OldLayout) async throws -> T
    ) async throws -> T {
        try await ScratchFolder.with { scratch in
            let layout = try await OldLayout(database, scratch)
            do {
                try await layout.startsUp()
                let value = try await body(layout)
                try await layout.stop()
                return value
            } catch {
                for log in ["supervisord.log", "web.log", "queue.log", "error.log"] {
                    print("== \(log)\n\((try? scratch.read(log)) ?? "")")
                }
                layout.kill()
                throw error
            }
        }
    }

    private init(_ database: TestDatabase, _ scratch: ScratchFolder) async throws {
        self.scratch = scratch
        port = HTTPCall.freePort()
        directPort = HTTPCall.freePort()
        try scratch.write("schedulerd.yaml", Self.configuration(database.options, port: directPort))
        try scratch.write("supervisord.conf", Self.supervisord(scratch))
        let user = String(cString: getpwuid(getuid()).pointee.pw_name)
        try scratch.write(
            "schedulerd.conf",
            try Example.read(
                "supervisor/schedulerd.conf",
                replacing: [
                    ("/usr/local/bin/schedulerd", ChildProcess.schedulerd),
                    ("/etc/schedulerd/schedulerd.yaml", scratch.path("schedulerd.yaml")),
                    ("user=schedulerd", "user=\(user)"), ("/var/log/schedulerd", scratch.root),
                ]))
        try scratch.write("nginx.conf", Self.nginx(scratch, user: user))
        try scratch.write(
            "site.conf",
            try Example.read(
                "nginx/schedulerd.conf",
                replacing: [
                    ("listen 80;", "listen 127.0.0.1:\(port);"), ("listen [::]:80;", ""),
                    ("127.0.0.1:8080", "127.0.0.1:\(directPort)"),
                ]))
        nginx = try ChildProcess(
            ["nginx", "-p", scratch.root, "-e", scratch.path("error.log"), "-c", scratch.path("nginx.conf")],
            environment: Self.path, output: scratch.path("nginx.out"))
        supervisord = try ChildProcess(
            ["supervisord", "-n", "-c", scratch.path("supervisord.conf")], output: scratch.path("supervisord.out"))
    }

    /// nginx is where only root looks.
    private static let path = ["PATH": "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"]

    private static func configuration(_ options: ConnectionOptions, port: Int) -> String {
        """
        server: {host: 127.0.0.1, port: \(port), trusted_proxies: [127.0.0.1]}
        master_db:
          socket: \(options.socket!)
          db_user: \(options.user)
          db_pwd: "\(options.password)"
          db_name: \(options.database!)
        cluster: {lease_s: 120}
        log: {level: debug}

        """
    }

    private static func supervisord(_ scratch: ScratchFolder) -> String {
        """
        [unix_http_server]
        file=\(scratch.path("supervisor.sock"))
        [supervisord]
        logfile=\(scratch.path("supervisord.log"))
        pidfile=\(scratch.path("supervisord.pid"))
        childlogdir=\(scratch.root)
        [rpcinterface:supervisor]
        supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
        [supervisorctl]
        serverurl=unix://\(scratch.path("supervisor.sock"))
        [include]
        files=\(scratch.path("schedulerd.conf"))

        """
    }

    private static func nginx(_ scratch: ScratchFolder, user: String) -> String {
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        return """
            daemon off;
            \(getuid() == 0 ? "user \(user);" : "")
            pid \(scratch.path("nginx.pid"));
            events { worker_connections 256; }
            http {
                access_log \(scratch.path("access.log"));
                \(folders.map { "\($0)_temp_path \(scratch.path($0));" }.joined(separator: " "))
                include \(scratch.path("site.conf"));
            }

            """
    }

    // MARK: Steering

    func control(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await ChildProcess.run(
            ["supervisorctl", "-c", scratch.path("supervisord.conf")] + arguments, in: scratch)
    }

    /// Sends a form through nginx, or past it.
    func save(
        _ url: String, _ planTime: Int64 = 0, direct: Bool = false, headers: [String] = [], source: String = "127.0.0.1"
    ) async throws -> HTTPCall.Answer {
        let url = url.replacing(":", with: "%3A").replacing("/", with: "%2F")
        return try await HTTPCall.post(
            port: direct ? directPort : port, "/api/task/save", form: "notify_url=\(url)&plan_time=\(planTime)",
            headers: headers, source: source)
    }

    private func startsUp() async throws {
        try await eventually {
            let status = try await control("status").output
            return status.split(separator: "\n").filter { $0.contains("RUNNING") }.count == 2
        }
        // The API process takes requests; without a URL nothing comes of them.
        try await eventually { (try? await save(""))?.status == 200 }
    }

    private func stop() async throws {
        let down = try await control("shutdown")
        #expect(down.status == 0, "\(down.output)")
        #expect(try await supervisord.wait() == 0)
        nginx.signal(SIGQUIT)
        #expect(try await nginx.wait() == 0)
    }

    private func kill() {
        // supervisord ends its children with itself.
        supervisord.signal(SIGTERM)
        nginx.signal(SIGTERM)
    }
}

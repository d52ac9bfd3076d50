import MySQL
import Scheduler
import Testing

/// What is accepted.
@Suite struct ConfigurationLoadTests {
    @Test(arguments: [
        "", "\n", "# nothing\n", "---\n", "~", "server:\n", "server:\nlog:\n  level:\n", "server: {}", "slave_db:\n",
        "slave_db:\n  host:\n", "server:\n  port: ~\n  host: null\n", "%YAML 1.1\n---\nserver:\n...\n", "\u{FEFF}",
    ])
    func whatIsNotSetHasItsDefault(yaml: String) throws {
        let loaded = try Configuration.load(yaml: yaml, name: "x.yaml")
        #expect(loaded.configuration == Configuration())
        #expect(loaded.warnings.isEmpty)
    }

    @Test func valuesAreTakenAsTheyAreWritten() throws {
        let yaml = """
            roles: [worker]
            instance_name: 007
            server: {port: "0", trusted_proxies: [10.0.0.0/8, "::1/128", fd00::/8, 192.0.2.0/24]}
            master_db:
              db_pwd: 0123_4
              db_user: 'it''s'
              tls: off
              socket: /run/mysqld/mysqld.sock
            redis:
              db_pwd: yes
            """
        let configuration = try Configuration.load(yaml: yaml, name: "x.yaml").configuration
        #expect(configuration.roles == [.worker])
        #expect(configuration.instanceName == "007")
        #expect(configuration.server.port == 0)
        #expect(configuration.server.trustedProxies.count == 4)
        #expect(configuration.masterDB.password == "0123_4")
        #expect(configuration.masterDB.user == "it's")
        #expect(configuration.masterDB.tls == .off)
        #expect(configuration.masterDB.socket == "/run/mysqld/mysqld.sock")
        #expect(configuration.redis.password == "yes")
    }

    @Test func jsonIsYaml() throws {
        let configuration = try Configuration.load(yaml: #"{"server": {"port": 81}}"#, name: "x.json").configuration
        #expect(configuration.server.port == 81)
    }

    @Test(arguments: [
        ("[1_5, 2_15]", 3, [5, 15, 60]),
        ("[3_30, 1_5]", 4, [5, 60, 30, 60]),
        ("[]", 2, [60, 60]),
        ("[1_0, 2_86400, 9_1]", 2, [0, 86400]),
        ("[1_5]", 0, []),
    ])
    func retryDelays(table: String, count: Int, seconds: [Int]) throws {
        let yaml = "queue:\n  max_retry_num: \(count)\n  retry_time_config: \(table)"
        let configuration = try Configuration.load(yaml: yaml, name: "x.yaml").configuration
        #expect(configuration.queue.retryDelays == seconds.map { .seconds($0) })
    }

    @Test func replicaTakesFromTheMasterAllButTheAddress() throws {
        let yaml = """
            master_db:
              host: db1
              port: 3307
              socket: /run/db1.sock
              db_pwd: secret
              prefix: a_
              tls: verify
              tls_ca: /ca.pem
            slave_db:
              host: db2
              tls: off
            """
        let replica = try #require(try Configuration.load(yaml: yaml, name: "x.yaml").configuration.slaveDB)
        #expect(replica.host == "db2")
        #expect(replica.port == 3306)
        #expect(replica.socket == nil)
        #expect(replica.password == "secret")
        #expect(replica.prefix == "a_")
        #expect(replica.tls == .off)
    }

    @Test func idleConnectionsAreNeverMoreThanOpenOnes() throws {
        let yaml = "master_db:\n  db_max_open_conns: 4"
        let configuration = try Configuration.load(yaml: yaml, name: "x.yaml").configuration
        #expect(configuration.masterDB.maxIdleConnections == 4)
    }

    @Test func noFileMeansDefaultsWithTheEnvironmentOverThem() throws {
        let loaded = try Configuration.load(file: nil, environment: ["SCHEDULERD_SERVER_PORT": "81", "PATH": "/bin"])
        var expected = Configuration()
        expected.server.port = 81
        #expect(loaded.configuration == expected)
    }
}

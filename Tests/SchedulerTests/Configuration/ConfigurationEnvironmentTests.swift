import Scheduler
import Testing
import Transfer

/// Environment variables.
@Suite struct ConfigurationEnvironmentTests {
    private let file = "server:\n  port: 80\nmaster_db:\n  db_pwd: old\nroles: [worker]\n"

    @Test func variablesOverrideTheFile() throws {
        let configuration = try Configuration.load(
            yaml: file, name: "x.yaml",
            environment: [
                "SCHEDULERD_SERVER_PORT": "81",
                "SCHEDULERD_MASTER_DB_DB_PWD": " p,#\"' ",
                "SCHEDULERD_ROLES": "api, admin",
                "SCHEDULERD_DISPATCH_ADDRESS_POLICY_DENY": "10.0.0.0/8,fd00::/8",
                "SCHEDULERD_QUEUE_RETRY_TIME_CONFIG": "1_7,2_8",
                "SCHEDULERD_QUEUE_MAX_RETRY_NUM": "2",
                "SCHEDULERD_SLAVE_DB_HOST": "db2",
            ]
        ).configuration
        #expect(configuration.server.port == 81)
        #expect(configuration.masterDB.password == " p,#\"' ")
        #expect(configuration.roles == [.api, .admin])
        #expect(configuration.dispatch.addressPolicy.deny.count == 2)
        #expect(configuration.queue.retryDelays == [.seconds(7), .seconds(8)])
        #expect(configuration.slaveDB?.host == "db2")
    }

    @Test func emptyVariableMeansTheDefault() throws {
        let configuration = try Configuration.load(
            yaml: file, name: "x.yaml",
            environment: [
                "SCHEDULERD_SERVER_PORT": "", "SCHEDULERD_MASTER_DB_DB_PWD": "", "SCHEDULERD_ROLES": "",
                "SCHEDULERD_SLAVE_DB_HOST": "",
            ]
        ).configuration
        #expect(configuration == Configuration())
    }

    @Test(arguments: [
        "SCHEDULERD_CONFIG", "SCHEDULERD_URL", "SCHEDULERD_TEST_SERVERS", "SCHEDULER_PORT", "schedulerd_server_port",
    ])
    func variablesOfOthersAreLeftAlone(variable: String) throws {
        let loaded = try Configuration.load(yaml: "", name: "x.yaml", environment: [variable: "anything"])
        #expect(loaded.configuration == Configuration())
    }

    @Test(arguments: [
        (
            "SCHEDULERD_SERVER_PORT", "8o",
            "SCHEDULERD_SERVER_PORT: server.port: \"8o\" is not a whole number; accepted: a whole number from 0 to 65535"
        ),
        (
            "SCHEDULERD_SERVER_PROT", "80",
            "SCHEDULERD_SERVER_PROT: unknown variable; did you mean \"SCHEDULERD_SERVER_PORT\"?"
        ),
        ("SCHEDULERD_", "", "SCHEDULERD_: unknown variable; every variable beginning SCHEDULERD_ must name a key"),
        ("SCHEDULERD_ROLES", "api,,worker", "SCHEDULERD_ROLES: roles: \"\" is not known; accepted: a list of api"),
        ("SCHEDULERD_ROLES", "[api]", "SCHEDULERD_ROLES: roles: \"[api]\" is not known; accepted: a list of api"),
        ("SCHEDULERD_QUEUE_RETRY_TIME_CONFIG", "1", "\"1\" is not of the form n_seconds"),
        ("SCHEDULERD_SERVER_HOST", "a\nb", "server.host: \"a\\nb\" must not contain \"\\n\""),
        ("SCHEDULERD_CLUSTER_HEARTBEAT_S", "5", "SCHEDULERD_CLUSTER_HEARTBEAT_S: cluster.heartbeat_s: 5 s contradicts"),
    ])
    func malformedVariableIsNamed(variable: String, value: String, says: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(yaml: "", name: "x.yaml", environment: [variable: value])
        }
        #expect(error.problems.count == 1)
        #expect(error.problems.first?.origin == .environment(variable))
        #expect(error.description.contains(says), "\(error)")
    }

    @Test func keyWithoutMeaningIsWarnedOf() throws {
        let loaded = try Configuration.load(yaml: "", name: "x.yaml", environment: ["SCHEDULERD_SERVER_ENV": "release"])
        #expect(loaded.warnings == ["SCHEDULERD_SERVER_ENV: server.env: has no meaning for schedulerd; ignored"])
    }
}

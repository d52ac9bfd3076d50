import Scheduler
import Testing

/// What of a changed file takes effect at once.
@Suite struct ConfigurationChangeTests {
    private func load(_ yaml: String) throws -> Configuration.Loaded {
        try Configuration.load(yaml: yaml, name: "x.yaml")
    }

    private func change(_ old: String, _ new: String) throws -> ConfigurationChange {
        try ConfigurationChange(from: load(old), to: load(new))
    }

    @Test(arguments: [
        ("", ""), ("log:\n  level: info", ""), ("", "# more\n\nlog:\n  level: info"),
        ("intake: {sources: [{key: a, kind: list}]}", "intake:\n  sources:\n    - kind: list\n      key: a"),
    ])
    func whatMeansTheSameIsNoChange(old: String, new: String) throws {
        let change = try change(old, new)
        #expect(change.isEmpty)
        #expect(change.loaded.configuration == (try load(old).configuration))
    }

    @Test func whatCanChangeIsAppliedAndTheRestNamed() throws {
        let change = try change(
            "claim: {batch: 100}\nserver: {port: 1}",
            "claim: {batch: 200}\nserver: {port: 2}\nlog: {level: debug}\nmaster_db: {db_pwd: secret}")
        #expect(change.applied == ["claim.batch", "log.level"])
        #expect(change.pending == ["server.port", "master_db.db_pwd"])
        #expect(change.loaded.configuration.claim.batch == 200)
        #expect(change.loaded.configuration.log.level == .debug)
        #expect(change.loaded.configuration.server.port == 1)
        #expect(change.loaded.configuration.masterDB.password.isEmpty)
    }

    /// What waits for a restart is named with each change until it is there.
    @Test func changesAddUp() throws {
        let first = try change("", "server: {port: 2}\nclaim: {batch: 200}")
        let second = try ConfigurationChange(from: first.loaded, to: load("server: {port: 2}\nclaim: {batch: 300}"))
        #expect(second.applied == ["claim.batch"])
        #expect(second.pending == ["server.port"])
        let third = try ConfigurationChange(from: second.loaded, to: load("claim: {batch: 300}"))
        #expect(third.isEmpty)
    }

    @Test func listsOfEntries() throws {
        let change = try change(
            "intake: {sources: [{key: a, kind: list}]}",
            "intake: {sources: [{key: b, kind: list}]}\ndestinations: [{url: \"http://a/\"}]")
        #expect(change.applied == ["destinations", "intake.sources"])
        #expect(change.loaded.configuration.intake.sources.map(\.key) == ["b"])
        #expect(try self.change("", "intake: {sources: []}").applied == ["intake.sources"])
    }

    @Test func noSourceFollowsTheKeyOfTheQueue() throws {
        let change = try change("", "queue: {key: jobs}")
        #expect(change.applied == ["queue.key"])
        #expect(change.loaded.configuration.intake.sources.map(\.key) == ["jobs"])
    }

    /// Each file agrees in itself, but what can change of the new one does not agree with what stays of the old one.
    @Test func whatContradictsTheOldOneIsRefused() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try change("", "claim: {lookahead_ms: 60000, poll_max_ms: 20000}")
        }
        #expect(
            error.description == """
                x.yaml:1:43: claim.poll_max_ms: 20000 ms contradicts claim.lookahead_ms: 30000 ms (default) that is in \
                force until a restart; poll_max_ms must not be above half of lookahead_ms
                """)
    }

    @Test func everyKeyOfAnEntryIsCompared() throws {
        let entry = "key: a, kind: list"
        for change in [
            "queue: b", "redis: \"redis://a\"", "success_rule: status_2xx", "max_retries: 1", "retry_delays: [7]",
            "fail_key: f",
        ] {
            let new = "intake: {sources: [{\(entry), \(change)}]}"
            #expect(try self.change("intake: {sources: [{\(entry)}]}", new).applied == ["intake.sources"], "\(change)")
        }
    }
}

/// When files are read anew.
@Suite struct ConfigurationWatchTests {
    private func content(_ text: String) -> ConfigurationInput.Content {
        ConfigurationInput.Content(file: .bytes(Array(text.utf8)))
    }

    /// Each look: what is there, whether it is asked for, and whether it is acted on.
    @Test(arguments: [
        [("a", false, false), ("a", false, false)],
        [("b", false, false), ("b", false, true), ("b", false, false)],
        // Half a file, then the whole.
        [("", false, false), ("b", false, false), ("b", false, true)],
        // There and back.
        [("b", false, false), ("a", false, false), ("a", false, false)],
        [("a", true, true), ("a", false, false)],
        [("b", true, true), ("b", false, false), ("a", false, false), ("a", false, true)],
    ])
    func looks(looks: [(String, Bool, Bool)]) {
        var watch = ConfigurationWatch(content("a"))
        for (text, isAsked, acts) in looks {
            let hasActed = watch.look(content(text), isAsked: isAsked)
            #expect(hasActed == acts)
        }
    }

    @Test func aFileThatIsGoneIsAChange() {
        var watch = ConfigurationWatch(content("a"))
        let gone = ConfigurationInput.Content(file: .unreadable("no such file"))
        let acts = (1...3).map { _ in watch.look(gone, isAsked: false) }
        #expect(acts == [false, true, false])
    }
}

import Testing

@testable import schedulerd

@Suite struct SettingsTests {
    private static let good = [
        "innodb_flush_log_at_trx_commit": "1", "sync_binlog": "1", "log_bin": "ON", "binlog_format": "ROW",
        "read_only": "OFF", "innodb_buffer_pool_size": "1073741824", "max_connections": "500",
        "max_allowed_packet": "67108864", "innodb_doublewrite": "ON", "time_zone": "SYSTEM", "system_time_zone": "CST",
        "innodb_log_file_size": "1073741824",
    ]

    private static func findings(_ changes: [String: String], data: Int = 0, redo: Int = 0) -> [Finding] {
        DatabaseSettings(
            values: good.merging(changes) { $1 }, dataBytes: data, redoBytesAnHour: redo, connectionsPerProcess: 12
        ).findings
    }

    @Test func goodSettingsAreGood() {
        #expect(Self.findings([:]).allSatisfy { $0.level == .ok && $0.advice == nil })
    }

    private static let bad: [(name: String, value: String, level: Finding.Level, subject: String)] = [
        ("innodb_flush_log_at_trx_commit", "2", .problem, "durability"),
        ("innodb_flush_log_at_trx_commit", "0", .problem, "durability"),
        ("binlog_format", "STATEMENT", .problem, "binary log"), ("sync_binlog", "0", .warning, "binary log"),
        ("read_only", "ON", .problem, "read_only"), ("max_connections", "20", .warning, "connections"),
        ("max_allowed_packet", "1048576", .warning, "packet size"),
        ("innodb_doublewrite", "OFF", .warning, "torn pages"),
        ("innodb_log_writer_threads", "OFF", .warning, "log writers"),
    ]

    @Test(arguments: bad)
    func eachBadOneIsSaid(name: String, value: String, level: Finding.Level, subject: String) {
        let bad = Self.findings([name: value]).filter { $0.level != .ok }
        #expect(bad.map(\.subject) == [subject])
        #expect(bad.first?.level == level)
        #expect(bad.first?.state.contains(value) == true || subject == "packet size")
        #expect(bad.first?.advice != nil)
    }

    @Test func withoutABinaryLogItsSettingsDoNotMatter() {
        #expect(Self.findings(["log_bin": "OFF", "sync_binlog": "0"]).allSatisfy { $0.level == .ok })
    }

    @Test func theBufferPoolIsComparedWithTheData() {
        #expect(Self.findings([:], data: 4 << 30).allSatisfy { $0.level == .ok })
        #expect(Self.findings([:], data: 5 << 30).first { $0.level != .ok }?.subject == "buffer pool")
    }

    @Test func theRedoLogHoldsHalfAnHour() {
        #expect(Self.findings([:], redo: 2 << 30).allSatisfy { $0.level == .ok })
        #expect(Self.findings([:], redo: 3 << 30).first { $0.level != .ok }?.subject == "redo log")
        // By the names of MySQL, old and new.
        #expect(
            Self.findings(["innodb_log_files_in_group": "2"], redo: 4 << 30).allSatisfy { $0.level == .ok })
        #expect(
            Self.findings(["innodb_redo_log_capacity": "1048576"], redo: 3 << 20).first { $0.level != .ok }?.state
                == "innodb_redo_log_capacity is 1 MiB, of which 3 MiB an hour are written")
    }

    private static func redis(_ uses: [RedisSettings.Use], _ changes: [String: String]) -> [Finding.Level] {
        let good = [
            "appendonly": "yes", "appendfsync": "always", "maxmemory": "0", "maxmemory-policy": "noeviction",
        ]
        return RedisSettings(place: "x", uses: uses, values: good.merging(changes) { $1 }).findings.map(\.level)
    }

    @Test func redisMustKeepWhatItIsGiven() {
        #expect(Self.redis([.buffer, .source, .sessions], [:]) == [.ok, .ok])
        #expect(Self.redis([.buffer], ["appendonly": "no"]) == [.problem, .ok])
        #expect(Self.redis([.source], ["appendonly": "no"]) == [.warning, .ok])
        #expect(Self.redis([.sessions], ["appendonly": "no"]) == [.ok, .ok])
        #expect(Self.redis([.buffer], ["appendfsync": "everysec"]) == [.warning, .ok])
        #expect(Self.redis([.source], ["appendfsync": "everysec"]) == [.ok, .ok])
        let evicting = ["maxmemory": "1000000", "maxmemory-policy": "allkeys-lru"]
        #expect(Self.redis([.source], evicting) == [.ok, .problem])
        #expect(Self.redis([.sessions], evicting) == [.ok, .warning])
        #expect(Self.redis([.source], ["maxmemory": "1000000"]) == [.ok, .ok])
    }

    @Test func filesAreComparedWithCalls() {
        #expect(DescriptorCheckup(limit: 4096, callsAtOnce: 512).finding.level == .ok)
        #expect(DescriptorCheckup(limit: 1024, callsAtOnce: 512).finding.level == .warning)
    }

    @Test func theOutlineIsReadFromTheReference() {
        let expected = SchemaOutline.expected.tables
        #expect(expected.count > 10)
        #expect(expected["queues"]?.columns.contains { $0.name == "paused_at" } == true)
        #expect(expected.values.allSatisfy { !$0.columns.isEmpty })
    }

    @Test func whatIsMissingIsNamed() {
        let outline = SchemaOutline(
            text: """
                CREATE TABLE `a` (
                  `x` int NOT NULL,
                  `y` int DEFAULT NULL COMMENT 'see `x`',
                  PRIMARY KEY (`x`),
                  UNIQUE KEY `by_y` (`y`)
                ) ENGINE=InnoDB;
                CREATE TABLE `b` (
                  `z` int NOT NULL
                );
                """)
        #expect(
            outline.tables["a"]
                == SchemaOutline.Table(columns: [.init("x", type: "int"), .init("y", type: "int")], indexes: ["by_y"]))
        let whole = ["a.x": "int", "a.y": "int(11)", "b.z": "int", "b.more": "text"]
        #expect(outline.findings(columns: whole, indexes: ["a.by_y"]).map(\.level) == [.ok])
        let bad = outline.findings(columns: ["a.x": "int"], indexes: [])
        #expect(bad.map(\.state) == ["lacks a.y, the table b", "lack a.by_y"])
    }
    @Test func typesAreCompared() {
        let outline = SchemaOutline(
            text: """
                CREATE TABLE `a` (
                  `x` bigint(20) unsigned NOT NULL,
                  `y` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                  `z` double DEFAULT NULL COMMENT 'a (b)',
                  `t` mediumtext
                );
                """)
        let same = ["a.x": "bigint unsigned", "a.y": "varchar(100)", "a.z": "double", "a.t": "mediumtext"]
        #expect(outline.findings(columns: same, indexes: []).map(\.level) == [.ok])
        let other = ["a.x": "bigint(20)", "a.y": "varchar(20)", "a.z": "double", "a.t": "text"]
        #expect(
            outline.findings(columns: other, indexes: []).map(\.state) == [
                "a.x is bigint, not bigint unsigned, a.y is varchar(20), not varchar(100), a.t is text, not mediumtext"
            ])
    }
}

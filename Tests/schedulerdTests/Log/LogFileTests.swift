import FoundationEssentials
import Glibc
import MySQL
import Scheduler
import TestSupport
import Testing

@testable import schedulerd

/// The log file through the days.
@Suite struct LogFileTests {
    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    private func with(_ body: (Program) async throws -> Void) async throws {
        try await Program.with { try await body($0) }
    }

    private func files(_ program: Program) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: program.folder).sorted()
    }

    private func writtenAt(_ time: Timestamp, _ path: String) {
        let seconds = timespec(tv_sec: Int(time.microseconds / 1_000_000), tv_nsec: 0)
        utimensat(AT_FDCWD, path, [seconds, seconds], 0)
    }

    private let note = { (count: Int) in "\(count) lost\n" }

    @Test func aDayIsAFile() async throws {
        try await with { program in
            let file = try LogFile(path: program.path("log"), keptFiles: 0, now: time("2026-02-28T10:00:00Z"))
            for (text, when) in [
                ("a", "2026-02-28T23:59:59.999999Z"), ("b", "2026-03-01T00:00:00Z"), ("c", "2026-03-01T12:00:00Z"),
                ("d", "2026-03-05T12:00:00Z"),
            ] { file.write(text + "\n", now: try time(when), note: note) }
            #expect(try files(program) == ["log", "log.2026-02-28", "log.2026-03-01"])
            #expect(program.text("log.2026-02-28") == "a\n")
            #expect(program.text("log.2026-03-01") == "b\nc\n")
            #expect(program.text("log") == "d\n")
        }
    }

    /// A process that was not there at midnight.
    @Test func anOldFileIsPutAsideAtTheStart() async throws {
        try await with { program in
            try program.write("old\n", to: "log")
            writtenAt(try time("2026-02-27T13:46:40Z"), program.path("log"))
            let file = try LogFile(path: program.path("log"), keptFiles: 0, now: time("2026-03-05T10:00:00Z"))
            file.write("new\n", now: try time("2026-03-05T10:00:00Z"), note: note)
            #expect(program.text("log") == "new\n")
            #expect(program.text("log.2026-02-27") == "old\n")
        }
    }

    @Test func theNewestAreKept() async throws {
        try await with { program in
            for name in ["log.2026-01-01", "log.2026-02-03", "log.old", "log.2026-13-01", "other.2026-01-01"] {
                try program.write("", to: name)
            }
            let file = try LogFile(path: program.path("log"), keptFiles: 2, now: time("2026-03-01T10:00:00Z"))
            for day in 1...4 { file.write("x\n", now: try time("2026-03-0\(day)T12:00:00Z"), note: note) }
            #expect(
                try files(program) == [
                    "log", "log.2026-03-02", "log.2026-03-03", "log.2026-13-01", "log.old", "other.2026-01-01",
                ])
        }
    }

    @Test func aFileThatIsNotRolledStays() async throws {
        try await with { program in
            let file = try LogFile(path: program.path("log"), keptFiles: 1, now: time("2026-03-01T10:00:00Z"))
            file.isRolled = false
            for day in 1...3 { file.write("\(day)\n", now: try time("2026-03-0\(day)T12:00:00Z"), note: note) }
            #expect(try files(program) == ["log"])
            #expect(program.text("log") == "1\n2\n3\n")
        }
    }

    @Test func processesMayShareAFile() async throws {
        try await with { program in
            let first = try LogFile(path: program.path("log"), keptFiles: 0, now: time("2026-03-01T10:00:00Z"))
            let second = try LogFile(path: program.path("log"), keptFiles: 0, now: time("2026-03-01T10:00:00Z"))
            for day in ["01", "02", "03"] {
                let now = try time("2026-03-\(day)T12:00:00Z")
                first.write("a\(day)\n", now: now, note: note)
                writtenAt(now, program.path("log"))
                second.write("b\(day)\n", now: now, note: note)
            }
            #expect(try files(program) == ["log", "log.2026-03-01", "log.2026-03-02"])
            #expect(program.text("log.2026-03-01") == "a01\nb01\n")
            #expect(program.text("log.2026-03-02") == "a02\nb02\n")
            #expect(program.text("log") == "a03\nb03\n")
        }
    }

    @Test func aNameThatIsTakenIsLeftAlone() async throws {
        try await with { program in
            try program.write("kept\n", to: "log.2026-03-01")
            let file = try LogFile(path: program.path("log"), keptFiles: 0, now: time("2026-03-01T10:00:00Z"))
            file.write("a\n", now: try time("2026-03-01T12:00:00Z"), note: note)
            file.write("b\n", now: try time("2026-03-02T12:00:00Z"), note: note)
            #expect(program.text("log.2026-03-01") == "kept\n")
            #expect(program.text("log.2026-03-01.2") == "a\n")
        }
    }

    @Test func aRenamedFileIsFollowedUntilItIsOpenedAnew() async throws {
        try await with { program in
            let now = try time("2026-03-01T10:00:00Z")
            let file = try LogFile(path: program.path("log"), keptFiles: 0, now: now)
            rename(program.path("log"), program.path("log.1"))
            file.write("a\n", now: now, note: note)
            #expect(file.reopen(now: now))
            file.write("b\n", now: now, note: note)
            #expect(program.text("log.1") == "a\n")
            #expect(program.text("log") == "b\n")
        }
    }

    @Test func withoutItsFolderTheOldFileGoesOn() async throws {
        try await with { program in
            mkdir(program.path("logs"), 0o700)
            let now = try time("2026-03-01T10:00:00Z")
            let file = try LogFile(path: program.path("logs/log"), keptFiles: 0, now: now)
            rename(program.path("logs"), program.path("moved"))
            #expect(!file.reopen(now: now))
            file.write("a\n", now: now, note: note)
            file.write("b\n", now: try time("2026-03-02T10:00:00Z"), note: note)
            #expect(program.text("moved/log") == "a\nb\n")
            rename(program.path("moved"), program.path("logs"))
            file.write("c\n", now: try time("2026-03-02T10:02:00Z"), note: note)
            #expect(program.text("logs/log.2026-03-01") == "a\nb\n")
            #expect(program.text("logs/log") == "c\n")
        }
    }

    @Test func linesThatAreLostAreCounted() async throws {
        try await with { program in
            let now = try time("2026-03-01T10:00:00Z")
            symlink("/dev/full", program.path("log"))
            let file = try LogFile(path: program.path("log"), keptFiles: 0, now: now)
            for text in ["a", "b"] { file.write(text + "\n", now: now, note: note) }
            unlink(program.path("log"))
            #expect(file.reopen(now: now))
            for text in ["c", "d"] { file.write(text + "\n", now: now, note: note) }
            #expect(program.text("log") == "2 lost\nc\nd\n")
        }
    }

    @Test func aFullDiskStopsNobody() throws {
        let now = try time("2026-03-01T10:00:00Z")
        let file = try LogFile(path: "/dev/full", keptFiles: 1, now: now)
        for day in 1...3 { file.write("x\n", now: try time("2026-03-0\(day)T10:00:00Z"), note: note) }
        #expect(file.reopen(now: now))
    }

    @Test func aFileThatCannotBeOpenedIsSaid() throws {
        let error = try #require(throws: LogFileError.self) {
            try LogFile(path: "/proc/nowhere/log", keptFiles: 1, now: time("2026-03-01T10:00:00Z"))
        }
        #expect(error.description == "log.file: /proc/nowhere/log cannot be opened: No such file or directory")
    }
}

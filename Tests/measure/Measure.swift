import Glibc
import MySQL
import Scheduler
import Transfer

/// Runs one of the pure parts, for valgrind to count its instructions (scripts/instructions), or tells what the wheel takes.
///
///     measure CASE COUNT      wheel, judge, outcomes, accept
///     measure memory COUNT    bytes of one entry, of COUNT in the wheel
@main enum Measure {
    static func main() {
        let words = CommandLine.arguments
        guard words.count == 3, let count = Int(words[2]), count > 0 else { fail("usage: measure CASE COUNT") }
        if words[1] == "memory" { return printMemory(count) }
        guard let part = Part(rawValue: words[1]) else {
            fail("there is no case \(words[1]); there are \(Part.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        measured(part.prepare(count))
    }

    private static func printMemory(_ count: Int) {
        let before = residentBytes()
        let wheel = Wheel()
        let now = Timestamp(microseconds: 1_800_000_000_000_000)
        // As claims bring them: in batches, over the whole lookahead.
        for batch in stride(from: 0, to: count, by: 500) {
            wheel.insert(
                (batch..<min(count, batch + 500)).map { number in
                    WheelEntry(
                        planTime: now + .microseconds(Int64(number) * 30_000_000 / Int64(count)),
                        id: TaskID(high: UInt64(number), low: UInt64(number)))
                })
        }
        let bytes = residentBytes() - before
        guard wheel.count == count else { fail("the wheel has \(wheel.count) entries") }
        print(Double(bytes) / Double(count))
    }

    /// By the system's count of pages.
    private static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { fail("/proc/self/statm cannot be read") }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 200)
        guard fgets(&line, Int32(line.count), file) != nil else { fail("/proc/self/statm is empty") }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let pages = Int(text.split(separator: " ")[1]) else { fail("/proc/self/statm: \(text)") }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func fail(_ message: String) -> Never {
        let line = Array("measure: \(message)\n".utf8)
        write(2, line, line.count)
        exit(2)
    }
}

/// What is counted, and nothing else: scripts/instructions knows it by its name.
@inline(never)
func measuredBody() {
    current?()
}

nonisolated(unsafe) private var current: (() -> Void)?

private func measured(_ body: @escaping () -> Void) {
    current = body
    measuredBody()
}

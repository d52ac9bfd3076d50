import Logging
import MySQL

/// Copies the dead letters of a source to the list in which its users look for them. The record is in the database.
struct FailListLoop: Sendable {
    let list: FailList
    let store: MySQLStore
    let clock: ClusterClock
    let logger: Logger

    static let sourceLabel = "source"

    private static let interval: Duration = .seconds(1)
    /// A dead letter may be committed after a later one; after this long all are there.
    private static let settling: Duration = .seconds(5)
    private static let batch = 100

    /// Runs until it is cancelled.
    func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                while try await copy() {}
                backoff.reset()
                try await clock.time.sleep(for: Self.interval)
            } catch {
                if Task.isCancelled { return }
                logger.warning("dead letters of \(list.source) are not copied to Redis: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }

    /// - Returns: whether there may be more.
    private func copy() async throws -> Bool {
        let until = clock.now() - Self.settling
        let mark = try await list.mark(first: .init(diedAt: until, id: .max))
        let letters = try await store.deadLetters(
            queue: list.queue, after: mark.diedAt, mark.id, until: until, limit: Self.batch)
        guard let last = letters.last else { return false }
        let jobs = letters.filter { $0.labels[Self.sourceLabel] == list.source }.map(Self.job)
        let isOurs = try await list.append(jobs, from: mark, to: .init(diedAt: last.diedAt, id: last.id))
        return !isOurs || letters.count == Self.batch
    }

    /// The job as delayQS writes it.
    private static func job(_ letter: DeadLetter) -> [UInt8] {
        let fields = letter.body.split(separator: UInt8(ascii: "&")).map {
            QueryEscape.decode($0.drop { $0 != UInt8(ascii: "=") }.dropFirst())
        }
        let body = fields.first ?? Array("null".utf8)
        let sign = fields.count > 1 ? fields[1] : []
        return Array(#"{"Id":"\#(letter.id)","body":"#.utf8) + body + Array(#","callback":"#.utf8)
            + quoted(letter.url.utf8)
            + Array(#","sign":"#.utf8) + quoted(sign) + Array("}".utf8)
    }

    private static func quoted(_ text: some Sequence<UInt8>) -> [UInt8] {
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text {
            if byte < 0x20 {
                quoted += Array((byte < 16 ? "\\u000" : "\\u00").utf8) + Array(String(byte, radix: 16).utf8)
                continue
            }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { quoted.append(UInt8(ascii: "\\")) }
            quoted.append(byte)
        }
        return quoted + [UInt8(ascii: "\"")]
    }
}

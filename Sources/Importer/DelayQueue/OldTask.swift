import MySQL
import Scheduler

/// A row of `hs_task`, with its rows of `hs_task_log`.
struct OldTask: Sendable {
    /// `hs_task.state`.
    enum State: Int, Sendable {
        case waiting = 0
        case succeeded = 1
        case failedWaiting = 2
        case failed = 3
    }

    var id: Int
    var queueIndex: String
    var slot: Int
    var cycles: Int
    var retries: Int
    /// Last changed.
    var changedAt: Timestamp
    var addedAt: Timestamp
    var url: String
    var method: String
    var parameter: String
    /// nil: one that the program does not write.
    var state: State?
    var attempts: [OldAttempt] = []
    /// Attempts beyond those that are read.
    var attemptsLeftOut = 0

    init(_ row: Row) throws(MySQLError) {
        id = try row.integer(0)
        queueIndex = try row.text(1)
        slot = try row.integer(2)
        cycles = try row.integer(3)
        retries = try row.integer(4)
        changedAt = try row.unixTime(5)
        addedAt = try row.unixTime(6)
        url = try row.text(7)
        method = try row.text(8)
        parameter = try row.text(9)
        state = State(rawValue: try row.integer(10))
    }

    var kind: ImportReport.Kind {
        switch state {
        case .succeeded: .succeeded
        case .failed: .failed
        case .waiting, .failedWaiting, nil: .pending
        }
    }
}

/// A row of `hs_task_log`.
struct OldAttempt: Sendable {
    var queueIndex: String
    var at: Timestamp
    var succeeded: Bool
    /// `状态码： 200 响应信息： {"success":true}`, or the beginning of it.
    var response: String
    var isTruncated: Bool

    init(_ row: Row) throws(MySQLError) {
        queueIndex = try row.text(0)
        at = try row.unixTime(1)
        succeeded = try row.integer(2) == OldTask.State.succeeded.rawValue
        response = try row.text(3)
        isTruncated = try row.integer(4) == 1
    }

    /// - Parameter number: counts from 1.
    func record(_ number: Int, responseLimit: Int) -> AttemptRecord {
        let answer = Answer(response)
        let body = Array(answer.body.utf8)
        let outcome =
            switch (succeeded, answer.status) {
            case (true, _): "success"
            case (false, nil): "no_answer"
            case (false, 200): "rule"
            case (false, _): "status"
            }
        // When it was begun, and how long it took, the program did not keep.
        return AttemptRecord(
            attempt: number, incarnation: 0, version: 1, planTime: at, startedAt: at, duration: .zero,
            succeeded: succeeded, outcomeClass: outcome, message: succeeded ? nil : "imported from delay_queue",
            status: answer.status, timings: CallTimings(), address: nil, response: Array(body.prefix(responseLimit)),
            responseTruncated: isTruncated || body.count > responseLimit)
    }

    /// Status and body, as the program wrote them into one text.
    struct Answer: Equatable {
        /// nil: there was no answer.
        var status: Int?
        var body: String

        init(_ text: String) {
            let (before, between) = ("状态码： ", " 响应信息： ")
            guard text.hasPrefix(before) else {
                body = text
                return
            }
            let rest = text.dropFirst(before.count)
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let tail = rest.dropFirst(digits.count)
            guard let number = Int(digits), tail.hasPrefix(between) else {
                body = text
                return
            }
            status = (100...999).contains(number) ? number : nil
            body = String(tail.dropFirst(between.count))
        }
    }
}

extension Row {
    /// Unix seconds, whatever the servers' time zones were.
    func unixTime(_ column: Int) throws(MySQLError) -> Timestamp {
        Timestamp(microseconds: Int64(min(max(0, try integer(column)), 0xFFFF_FFFF)) * 1_000_000)
    }
}

import MySQL
import Scheduler
import Transfer

/// The parts whose instructions are counted. `prepare` makes what they need, and gives what is to be counted.
enum Part: String, CaseIterable {
    /// Tasks enter the wheel and are taken out when they are due.
    case wheel
    /// Answers are judged by the rules.
    case judge
    /// The transaction that records outcomes is written out.
    case outcomes
    /// A document becomes a task.
    case accept

    private static let now = Timestamp(microseconds: 1_800_000_000_000_000)

    func prepare(_ count: Int) -> () -> Void {
        switch self {
        case .wheel: wheel(count)
        case .judge: judge(count)
        case .outcomes: outcomes(count)
        case .accept: accept(count)
        }
    }

    private func id(_ number: Int) -> TaskID {
        TaskID(milliseconds: Self.now.microseconds / 1000, random: (0, UInt64(number) << 2))
    }

    private func wheel(_ count: Int) -> () -> Void {
        let entries = (0..<count).map { number in
            // Not in order, and some of them together.
            WheelEntry(planTime: Self.now + .milliseconds(number * 7919 % 20_000), id: id(number))
        }
        return {
            var wheel = TimingWheel()
            for entry in entries { wheel.insert(entry) }
            var taken = 0
            for second in 0...20 {
                taken += wheel.take(dueBy: Self.now + .seconds(second), limit: .max).count
            }
            precondition(taken == count)
        }
    }

    private func result(_ number: Int) -> TransferResult {
        var result = TransferResult(token: UInt64(number), firedAt: .now, finishedAt: .now)
        result.status = 200
        result.body = Array(#"{"success":true,"message":"order 4711 was closed"}"#.utf8)
        return result
    }

    private func judge(_ count: Int) -> () -> Void {
        let results = (0..<count).map(result)
        let rules: [SuccessRule] = [.status2xx, .legacyJSONSuccess, .legacyContainsSuccess]
        return {
            for (index, result) in results.enumerated() {
                precondition(Judgement(result, by: rules[index % rules.count]).succeeded)
            }
        }
    }

    private func outcomes(_ count: Int) -> () -> Void {
        let outcomes = (0..<count).map { number in
            OutcomeRecord(
                id: id(number), queueID: 1, host: "shop.example",
                fate: number % 10 == 9 ? .retry(at: Self.now + .seconds(60), .scheduled) : .succeeded,
                attempt: AttemptRecord(
                    attempt: 1, incarnation: 7, version: 1, planTime: Self.now,
                    startedAt: Self.now + .microseconds(number),
                    duration: .microseconds(900 + number), succeeded: number % 10 != 9,
                    outcomeClass: number % 10 == 9 ? "status" : "success",
                    message: number % 10 == 9 ? "status 500, 200 to 299 is success" : nil,
                    status: number % 10 == 9 ? 500 : 200, timings: CallTimings(), address: "127.0.0.1:8080",
                    response: Array(#"{"success":true}"#.utf8), responseTruncated: false))
        }
        let tables = Tables(prefix: "")
        return {
            for start in stride(from: 0, to: count, by: 500) {
                let batch = Array(outcomes[start..<min(count, start + 500)])
                var script = Script(capacity: batch.count * 500)
                script.record(batch, now: Self.now, tables)
                precondition(script.count > 2)
            }
        }
    }

    private func accept(_ count: Int) -> () -> Void {
        let document = Array(
            """
            {"plan_time": "2027-01-15T08:00:00.250Z", "queue": "orders", "retry": {"max_retries": 3, "delays": [5, 15, 30]},
             "request": {"method": "POST", "url": "https://shop.example/orders/4711/close", "headers": {"X-Shop": "7"},
                         "body": "order=4711&event=unpaid-timeout"}}
            """.utf8)
        let rules = TaskRules(Configuration())
        return {
            for _ in 0..<count {
                guard case .object(let members)? = try? JSONParser.parse(document) else {
                    preconditionFailure("the document is no object")
                }
                var draft = TaskDraft()
                draft.queue = "orders"
                draft.planTime = Self.now
                draft.url = "https://shop.example/orders/4711/close"
                draft.headers = [HeaderField(name: "X-Shop", value: "7")]
                draft.body = Array("order=4711&event=unpaid-timeout".utf8)
                draft.retryDelays = [5, 15, 30]
                precondition(members.count == 4 && (try? rules.check(draft)) != nil)
            }
        }
    }
}

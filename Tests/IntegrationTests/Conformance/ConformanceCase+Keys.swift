import MySQL
import Scheduler

extension ConformanceCase {
    static let keys: [ConformanceCase] = [
        ConformanceCase(
            name: "keys",
            mustSay: [
                "first: made", "again: repeated", "other: other request", "taken: refused", "returned: existing",
                "after its end: made", "each: made, taken, existing", "replaced: made", "retry: key taken",
            ]
        ) { bench in
            let store = bench.store
            let mine = try await bench.register()
            _ = try await store.queueID("queue1")
            func group(
                _ numbers: [Int], _ key: String? = "k", _ onConflict: [OnConflict] = [.reject],
                request: RequestKey? = nil,
                isWhole: Bool = true, _ place: Place = .claimed(mine)
            ) -> TaskGroup {
                let tasks = numbers.map { number in
                    var task = bench.accepted(number, at: 5, place)
                    task.task.key = key
                    return task
                }
                let terms = GroupTerms(requestKey: request, isWhole: isWhole, onConflict: onConflict) { fates in
                    let words = fates.map { fate in
                        switch fate {
                        case .made: "made"
                        case .existing: "existing"
                        case .conflict: "taken"
                        }
                    }
                    return RequestAnswer(
                        status: 201, body: Array(words.joined(separator: ", ").utf8), task: tasks[0].id)
                }
                return TaskGroup(tasks: tasks, terms: terms)
            }
            func insert(_ what: String, _ groups: TaskGroup..., replacing holder: Int? = nil) async {
                await bench.does(
                    what,
                    {
                        try await store.insert(groups, replacing: holder.map(bench.id), now: .at(1))
                    }
                ) { results in
                    results.map { result in
                        switch result {
                        case .answered(let answer, let made):
                            "\(answer.isRepeated ? "repeated " : "")\(String(decoding: answer.body, as: UTF8.self)), \(made.count) made"
                        case .otherRequest: "other request"
                        case .underWay: "under way"
                        case .refused(let taken): "refused \(taken.map(\.index))"
                        }
                    }.joined(separator: "; ")
                }
            }
            let request = RequestKey("r", request: [1])
            await insert("first", group([1], request: request))
            await insert("again", group([2], request: request))
            await insert("other", group([3], request: RequestKey("r", request: [2])))
            await insert("taken", group([4], request: RequestKey("s", request: [1])), group([5], nil))
            await insert("returned", group([6], "k", [.return]))
            await insert("the same ids", group([5], nil))
            try await bench.look(1, 2, 3, 4, 5, 6)
            // Its end sets the key free.
            _ = try await store.start(
                [WheelEntry(planTime: .at(5), id: bench.id(1))], incarnation: mine, now: .at(5))
            var outcome = bench.outcome(1, 1, by: mine, .dead(reason: "no more"))
            outcome.key = "k"
            _ = try await store.record([outcome], incarnation: mine, now: .at(6))
            await insert("after its end", group([7], request: RequestKey("s", request: [1])))
            await insert("each", group([8, 9, 10], "m", [.reject, .reject, .return], isWhole: false))
            await insert("whole", group([11, 12], "n", [.reject, .reject]))
            await insert("then", group([13], "n"))
            await bench.does(
                "retry",
                {
                    try await store.steer(bench.id(1), .retry, now: .at(7)) { _, _ in .ready }
                }
            ) { if case .keyTaken(let holder) = $0 { "key taken by \(holder == bench.id(7))" } else { "\($0)" } }
            await insert("replaced", group([14], "k", [.replace], .ready), replacing: 7)
            try await bench.look(1, 7, 8, 9, 10, 11, 12, 13, 14)
        }
    ]
}

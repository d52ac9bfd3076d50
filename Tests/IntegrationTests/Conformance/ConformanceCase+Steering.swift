import MySQL
import Scheduler

extension ConformanceCase {
    /// Each way to steer, against a task in each state, put into each place.
    static let steering: [ConformanceCase] = [
        "cancel", "new time", "new request", "both", "run now", "retry", "other version", "this version",
    ].map {
        name in
        let mustSay =
            name == "retry"
            ? ["scheduled to scheduled: conflict scheduled", "dead to claimed: done claimed", "ended: fenced"]
            : name == "other version"
                ? ["claimed to ready: has version 1", "running to ready: conflict running", "unknown: not found"]
                : name == "cancel" || name == "this version"
                    ? ["claimed to ready: done cancelled", "running to ready: conflict running", "unknown: not found"]
                    : ["ready to claimed: done claimed", "dead to ready: conflict dead", "ended: fenced"]
        return ConformanceCase(name: "steer: \(name)", mustSay: mustSay) { bench in
            let mine = try await bench.register()
            let ended = try await bench.register()
            try await bench.store.expire(ended)
            _ = try await bench.store.recover(ended, limit: 1, now: .at(0)) {
                $0.outcome(now: .at(0), incarnation: ended)
            }
            _ = try await bench.store.queueID("queue1")
            let places: [(String, Place)] = [("scheduled", .scheduled), ("ready", .ready), ("claimed", .claimed(mine))]
            var number = 0
            for state in ["scheduled", "ready", "claimed", "running", "retrying", "succeeded", "dead", "cancelled"] {
                for (target, place) in places {
                    number += 1
                    try await bench.bring(number, into: state, mine)
                    await bench.steer("\(state) to \(target)", number, steering(name), place)
                    try await bench.look(number)
                    // What was steered can be steered again where it is now.
                    await bench.steer("then cancelled", number, .cancel, place)
                    try await bench.look(number)
                }
            }
            number += 1
            try await bench.bring(number, into: name == "retry" ? "dead" : "ready", mine)
            await bench.steer("ended", number, steering(name), .claimed(ended))
            try await bench.look(number)
            await bench.steer("unknown", 999, steering(name), .ready)
        }
    }

    private static func steering(_ name: String) -> Steering {
        let request = CallbackRequest(method: "PUT", url: "http://receiver.test/changed")
        return switch name {
        case "cancel": .cancel
        case "new time": .edit(planTime: .at(77), request: nil)
        case "new request": .edit(planTime: nil, request: request)
        case "both": .edit(planTime: .at(78), request: request)
        case "run now": .runNow
        case "other version": .only(if: [7, 9], .cancel)
        case "this version": .only(if: [1], .cancel)
        default: .retry
        }
    }
}

extension StoreBench {
    /// Makes a task and brings it to where it is to be.
    fileprivate func bring(_ number: Int, into state: String, _ mine: UInt64) async throws {
        let planTime = Timestamp.at(5)
        let place: Place = state == "scheduled" ? .scheduled : state == "ready" ? .ready : .claimed(mine)
        try await store.insert([accepted(number, at: 5, place)])
        if ["scheduled", "ready", "claimed"].contains(state) { return }
        if state == "cancelled" {
            _ = try await store.steer(id(number), .cancel, now: .at(1)) { _, _ in .ready }
            return
        }
        _ = try await store.start([WheelEntry(planTime: planTime, id: id(number))], incarnation: mine, now: .at(5))
        let fate: OutcomeRecord.Fate? =
            switch state {
            case "retrying": .retry(at: .at(20), .ready)
            case "succeeded": .succeeded
            case "dead": .dead(reason: "no more")
            default: nil
            }
        if let fate {
            _ = try await store.record([outcome(number, 1, by: mine, fate)], incarnation: mine, now: .at(6))
        }
    }

    fileprivate func steer(_ what: String, _ number: Int, _ steering: Steering, _ place: Place) async {
        func show(_ result: SteeringResult) -> String {
            switch result {
            case .notFound: "not found"
            case .conflict(let state): "conflict \(state)"
            case .beingRemoved(let state): "being removed \(state)"
            case .changed(let version): "has version \(version)"
            case .keyTaken: "key taken"
            case .done(let record, let entered): "done \(record.state) at \(entered?.planTime.s ?? "-")"
            }
        }
        await does(what, { try await store.steer(id(number), steering, now: .at(7)) { _, _ in place } }, show)
    }
}

package import MySQL

/// The table into which a live task's row goes.
package enum Place: Sendable, Equatable {
    /// Due after the lookahead.
    case scheduled
    /// Due within it, for whoever has room.
    case ready
    /// Due within it, and at once this incarnation's: no claim pass is needed.
    case claimed(UInt64)

    /// The state of a task that was put there and never tried.
    package var state: TaskState {
        if case .claimed = self { .claimed } else { .scheduled }
    }

    var incarnation: UInt64? {
        if case .claimed(let incarnation) = self { incarnation } else { nil }
    }
}

/// A live task's row on its way into a place.
package struct Placement: Sendable {
    package var id: TaskID
    package var queueID: Int
    package var planTime: Timestamp
    package var place: Place

    package init(id: TaskID, queueID: Int, planTime: Timestamp, place: Place) {
        self.id = id
        self.queueID = queueID
        self.planTime = planTime
        self.place = place
    }
}

extension Script {
    /// Writes rows into the places they go to. `now` is when those for `ready` arrive there.
    mutating func insert(_ placements: [Placement], now: Timestamp, _ tables: Tables) {
        let scheduled = placements.filter { $0.place == .scheduled }
        if !scheduled.isEmpty {
            begin("INSERT INTO ", .table(tables.scheduled), " (queue_id, plan_time, task_id) VALUES ")
            rows(scheduled) { row, placement in
                row.value(placement.queueID)
                row.value(placement.planTime)
                row.value(placement.id)
            }
            end()
        }
        let ready = placements.filter { $0.place == .ready }
        if !ready.isEmpty {
            begin("INSERT INTO ", .table(tables.ready), " (queue_id, entered_at, task_id, plan_time) VALUES ")
            rows(ready) { row, placement in
                row.value(placement.queueID)
                row.value(now)
                row.value(placement.id)
                row.value(placement.planTime)
            }
            end()
        }
        for incarnation in Set(placements.compactMap(\.place.incarnation)) {
            beginInsertIntoClaims(incarnation, tables)
            rows(placements.filter { $0.place == .claimed(incarnation) }) { row, placement in
                row.value(placement.id)
                row.raw("@incarnation")
                row.value(placement.queueID)
                row.value(placement.planTime)
                row.value(SQLValue.null)
                row.value(now)
                row.value(SQLValue.null)
            }
            end()
        }
    }
}

extension Placement {
    package var wheelEntry: WheelEntry { WheelEntry(planTime: planTime, id: id) }
}

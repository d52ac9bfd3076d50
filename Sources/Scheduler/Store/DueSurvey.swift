import MySQL

/// Finds out how many tasks are due in each of the next minutes without counting large numbers of rows.
///
/// The optimizer tells how many rows of `scheduled` a range holds, by a dive to each of its ends. What is little by that
/// is then counted, the rest corrected by a sample. The other two tables hold what is due soon: that is counted up to the limit, and beyond it is taken
/// for a sample.
struct DueSurvey {
    let now: Timestamp
    let minutes: Int
    let exactLimit: Int
    let connection: Connection
    let tables: Tables

    /// The most dives for one look.
    private static let dives = 480

    /// Slot 0 is what is overdue, slot n the n-th minute, of which the first has begun.
    private var slots: Range<Int> { 0..<minutes + 1 }

    fileprivate func start(_ slot: Int) -> Timestamp {
        switch slot {
        case 0: Timestamp.range.lowerBound
        case 1: now
        default: now.minute + .seconds(60 * (slot - 1))
        }
    }

    func counts() throws -> DueCounts {
        var sums = try scheduled()
        for (slot, waiting) in try zip(slots, soon(tables.ready)) { sums[slot] = sums[slot] + waiting }
        for (slot, waiting) in try zip(slots, soon(tables.claims, condition: "started_at IS NULL")) {
            sums[slot] = sums[slot] + waiting
        }
        return DueCounts(
            overdue: sums[0], minutes: slots.dropFirst().map { DueCounts.Minute(start: start($0), tasks: sums[$0]) })
    }

    // MARK: scheduled

    private func scheduled() throws -> [Estimate] {
        let end = start(slots.upperBound)
        let heads = try connection.run("SELECT queue_id, MIN(plan_time) FROM \(tables.scheduled) GROUP BY queue_id")
            .rows
            .map { (queueID: try $0.integer(0), first: try $0.time(1)) }
        let queues = heads.filter { $0.first < end }.map(\.queueID)
        var estimates = Array(repeating: Estimate(0), count: slots.count)
        if queues.isEmpty { return estimates }
        for (slot, rows) in try optimizerSays(queues) { estimates[slot] = Estimate(rows, isExact: false) }

        // These two are counted whatever the optimizer says: it takes rows for there that have just been claimed.
        var counted = heads.contains { $0.first < now } ? [0, 1] : [1]
        if counted.first != 0 { estimates[0] = Estimate(0) }
        var (rest, unsure) = (exactLimit, [Int]())
        for slot in slots.dropFirst(2).sorted(by: { estimates[$0].count < estimates[$1].count }) {
            rest -= estimates[slot].count
            if rest < 0 { unsure.append(slot) } else { counted.append(slot) }
        }
        for (slot, rows) in zip(counted, try count(counted, of: queues, limit: exactLimit)) {
            let isExact = rows <= exactLimit
            estimates[slot] = Estimate(isExact ? rows : max(rows, estimates[slot].count), isExact: isExact)
        }
        guard let sample = unsure.first else { return estimates }
        // InnoDB doubles its estimate of a range of more than ten pages. One is counted to see how far off it is.
        let limit = 5 * exactLimit
        let rows = try count([sample], of: queues, limit: limit)[0]
        let share = rows <= limit ? Double(rows) / Double(max(1, estimates[sample].count)) : 0.5
        for slot in unsure { estimates[slot].count = Int(Double(estimates[slot].count) * share) }
        if rows <= limit { estimates[sample] = Estimate(rows) }
        return estimates
    }

    /// Counts the rows in each of these slots, up to one more than `limit`.
    private func count(_ slots: [Int], of queues: [Int], limit: Int) throws -> [Int] {
        var script = Script(capacity: slots.count * 250)
        for slot in slots {
            script.begin("SELECT COUNT(*) FROM (")
            script.select(slot, of: queues, self)
            script.begin(" LIMIT ", .value(limit + 1), ") x")
            script.end()
        }
        return try connection.run(script).map { try $0.rows[0].integer(0) }
    }

    /// Rows in each slot, by the dives of one EXPLAIN.
    private func optimizerSays(_ queues: [Int]) throws -> [(slot: Int, rows: Int)] {
        // With many queues several minutes share a dive.
        let width = max(1, (queues.count * minutes + Self.dives - 1) / Self.dives)
        let spans =
            [0..<1] + stride(from: 1, to: slots.upperBound, by: width).map { $0..<min($0 + width, slots.upperBound) }
        var script = Script(capacity: spans.count * 200)
        script.begin("EXPLAIN FORMAT=TRADITIONAL ")
        for (number, span) in spans.enumerated() {
            if number > 0 { script.begin(" UNION ALL ") }
            script.select(span.lowerBound, upTo: span.upperBound, of: queues, self)
        }
        script.end()
        let rows = try connection.run(script)[0].rows
        return try zip(spans, rows).flatMap { span, row in
            let rows = try row.explainedRows(connection.server)
            return span.map { (slot: $0, rows: rows / span.count) }
        }
    }

    // MARK: ready and claims

    private func soon(_ table: TableName, condition: Query = "TRUE") throws -> [Estimate] {
        let sample: Query = "SELECT plan_time FROM \(table) WHERE " + condition + " LIMIT \(exactLimit + 1)"
        let rows = try connection.run(
            """
            SELECT CASE WHEN plan_time < \(now) THEN 0 ELSE 1 + TIMESTAMPDIFF(MINUTE, \(now.minute), plan_time) END,
              COUNT(*) FROM (
            """ + sample + ") x GROUP BY 1"
        ).rows
        var counts = Array(repeating: 0, count: slots.count)
        var total = 0
        for row in rows {
            let (slot, count) = (try row.integer(0), try row.integer(1))
            total += count
            if slots.contains(slot) { counts[slot] = count }
        }
        if total <= exactLimit { return counts.map { Estimate($0) } }
        let all = max(total, try explainedRows(of: table))
        return counts.map { Estimate($0 * all / total, isExact: false) }
    }

    private func explainedRows(of table: TableName) throws -> Int {
        var script = Script()
        script.statement("EXPLAIN FORMAT=TRADITIONAL SELECT plan_time FROM ", .table(table))
        return try connection.run(script)[0].rows.first?.explainedRows(connection.server) ?? 0
    }
}

extension Script {
    fileprivate mutating func select(_ slot: Int, upTo end: Int? = nil, of queues: [Int], _ survey: DueSurvey) {
        begin("SELECT task_id FROM ", .table(survey.tables.scheduled), " FORCE INDEX (PRIMARY) WHERE queue_id IN ")
        list(queues)
        begin(
            " AND plan_time >= ", .value(survey.start(slot)), " AND plan_time < ", .value(survey.start(end ?? slot + 1))
        )
    }
}

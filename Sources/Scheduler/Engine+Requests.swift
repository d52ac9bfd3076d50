import MySQL

/// What an engine is asked for: tasks made, replaced, copied and steered.
extension Engine {
    package func accept(_ task: NewTask) async throws -> TaskRecord {
        let accepted = try await intake.accept(task)
        return TaskRecord(
            id: accepted.id, task: task, state: accepted.place?.state ?? .scheduled, attempt: 0,
            nextAttemptAt: task.planTime,
            createdAt: accepted.createdAt, finishedAt: nil, version: 1, requestVersion: 1,
            isBuffered: accepted.place == nil)
    }

    /// Accepts tasks together. - Throws: `SchedulerError` when they are not made, or not again.
    package func accept(_ tasks: [NewTask], _ terms: GroupTerms) async throws -> RequestAnswer {
        // The holder of a key may end, and another take it, between two looks.
        for _ in 0..<10 {
            switch try await intake.accept(tasks, terms) {
            case .answered(let answer, _): return answer
            case .otherRequest: throw SchedulerError.otherRequest
            case .underWay: throw SchedulerError.requestUnderWay
            case .refused(let taken):
                guard tasks.count == 1, terms.onConflict == [.replace] else { throw SchedulerError.keyTaken(taken) }
                if let answer = try await replace(taken[0].holder, with: tasks[0], terms) { return answer }
            }
        }
        throw SchedulerError.requestUnderWay
    }

    /// - Returns: nil when another task has the key by now.
    private func replace(_ holder: TaskID, with task: NewTask, _ terms: GroupTerms) async throws -> RequestAnswer? {
        let now = clock.now()
        let queueID = try await store.queueID(task.queue)
        let place = placer.place(task.planTime, queue: queueID, now: now)
        let accepted = AcceptedTask(
            id: intake.newID(), task: task, queueID: queueID, createdAt: now,
            place: place == .scheduled ? place : .ready)
        let group = TaskGroup(tasks: [accepted], terms: terms)
        switch try await store.insert([group], replacing: holder, now: now)[0] {
        case .answered(let answer, let made):
            if !made.isEmpty { placer.committed([accepted.placement]) }
            return answer
        case .refused(let taken) where taken.first?.holder == holder:
            throw SchedulerError.conflict(.running, "the task \(holder), which has the key, is running")
        case .refused: return nil
        case .otherRequest: throw SchedulerError.otherRequest
        case .underWay: throw SchedulerError.requestUnderWay
        }
    }

    /// Makes the task of a message that was in quarantine, under the id that it was given; again it does nothing.
    package func accept(_ id: TaskID, _ message: BufferedTask) async throws {
        let now = clock.now()
        let queueID = try await store.queueID(message.task.queue)
        let place = placer.place(message.task.planTime, queue: queueID, now: now)
        let accepted = AcceptedTask(
            id: id, task: message.task, queueID: queueID,
            createdAt: message.createdAt, place: place == .scheduled ? place : .ready)
        if try await !store.known([id]).isEmpty { return }
        try await store.insert([accepted], now: now)
        placer.committed([accepted.placement])
    }

    /// Makes a task of which it is known that it is a copy. - Returns: its id.
    package func accept(_ task: NewTask, copyOf original: TaskID) async throws -> TaskID {
        let now = clock.now()
        let queueID = try await store.queueID(task.queue)
        let place = placer.place(task.planTime, queue: queueID, now: now)
        var accepted = AcceptedTask(
            id: intake.newID(), task: task, queueID: queueID, createdAt: now,
            place: place == .scheduled ? place : .ready)
        accepted.copyOf = original
        try await store.insert([accepted], now: now)
        placer.committed([accepted.placement])
        return accepted.id
    }

    package func steer(_ id: TaskID, _ steering: Steering) async throws -> TaskRecord {
        let result: SteeringResult
        do {
            result = try await steer(id, steering, claims: true)
        } catch let error as MySQLError where error.isFenced {
            // This process has a new incarnation or none: what is due soon goes to whoever has room.
            result = try await steer(id, steering, claims: false)
        } catch {
            placer.uncertain(at: clock.time.now())
            throw error
        }
        switch result {
        case .notFound: throw SchedulerError.notFound(id)
        case .conflict(let state): throw SchedulerError.conflict(state, "the task is \(state.rawValue)")
        case .beingRemoved(let state):
            throw SchedulerError.conflict(
                state, "the task ended longer ago than history is kept (retention.days) and is just being removed")
        case .changed(let version): throw SchedulerError.versionChanged(version)
        case .keyTaken(let holder): throw SchedulerError.keyTaken([.init(index: 0, holder: holder)])
        case .done(let record, let entered):
            if let entered { placer.committed([entered]) }
            return record
        }
    }

    private func steer(_ id: TaskID, _ steering: Steering, claims: Bool) async throws -> SteeringResult {
        let now = clock.now()
        let placer = placer
        return try await store.steer(id, steering, now: now) { queueID, time in
            let place = placer.place(time, queue: queueID, now: now)
            return place == .scheduled || claims ? place : .ready
        }
    }

    /// Pauses a queue, or lets it go on. This instance sees it at once, the others with their next poll.
    package func setPaused(_ isPaused: Bool, queue: String) async throws {
        guard try await store.setPaused(isPaused, queue: queue) else { throw SchedulerError.unknownQueue(queue) }
        placer.claimable.notify()
    }
}

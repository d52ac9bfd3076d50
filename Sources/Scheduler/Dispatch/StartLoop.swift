package import Logging
import MySQL

/// Takes what is nearly due out of the wheel, commits its start and hands it to the dispatcher.
package struct StartLoop: Sendable {
    package struct Settings: Sendable {
        /// How long before its plan time a task is started: what the transaction takes, with something to spare. Up to a
        /// third of that earlier when another one is started.
        package var lead: Duration
        package var batch: Int

        package init(lead: Duration, batch: Int) {
            self.lead = lead
            self.batch = batch
        }
    }

    /// What is on time is started beside what is overdue already, so that many of those do not delay it.
    package enum Part: Sendable {
        case onTime
        case overdue
    }

    /// From then on a task is overdue.
    private static let patience: Duration = .milliseconds(100)
    private static let glance: Duration = .milliseconds(5)

    package var part: Part
    package var store: any TaskStore
    package var wheel: Wheel
    package var dispatcher: Dispatcher
    package var clock: ClusterClock
    package var incarnation: UInt64
    package var settings: @Sendable () -> Settings
    /// Called with what was put off, after the COMMIT.
    package var onPutOff: @Sendable ([Placement]) -> Void
    /// Called when it is not known what a transaction has done.
    package var onDoubt: @Sendable () -> Void
    package var logger: Logger

    package init(
        _ part: Part, store: any TaskStore, wheel: Wheel, dispatcher: Dispatcher, clock: ClusterClock,
        incarnation: UInt64,
        settings: @escaping @Sendable () -> Settings, onPutOff: @escaping @Sendable ([Placement]) -> Void,
        onDoubt: @escaping @Sendable () -> Void, logger: Logger
    ) {
        self.part = part
        self.store = store
        self.wheel = wheel
        self.dispatcher = dispatcher
        self.clock = clock
        self.incarnation = incarnation
        self.settings = settings
        self.onPutOff = onPutOff
        self.onDoubt = onDoubt
        self.logger = logger
    }

    package func run() async {
        var backoff = Backoff()
        var held = HeldBack()
        while !Task.isCancelled {
            wheel.insert(held.takeDue(now: clock.time.now()))
            let (now, settings) = (clock.now(), settings())
            let entries: [WheelEntry]
            switch next(now, settings) {
            case .entries(let taken): entries = taken
            case .none(let until):
                let signal = part == .onTime ? wheel.becameEarlier : wheel.hasOverdue
                await signal.wait(until: min(until, held.next ?? until), clock.time)
                continue
            case .noRoom:
                let signal = part == .onTime ? dispatcher.hasRoom : dispatcher.hasOverdueRoom
                await signal.wait(until: clock.time.now().advanced(by: .seconds(1)), clock.time)
                continue
            }
            let admission = dispatcher.admission()
            let begun = clock.time.now()
            do {
                let admitted = try await store.start(
                    entries, incarnation: incarnation, now: now, admit: admission.decide)
                let live = dispatcher.withoutExpired(admitted.started, incarnation: incarnation, admission)
                dispatcher.submit(live, incarnation: incarnation, admission)
                onPutOff(admitted.putOff)
                held.add(entries.filter { admitted.held.contains($0.id) }, now: clock.time.now())
                backoff.reset()
                switch part {
                case .onTime: dispatcher.backlogPacer.startedOnTime(since: begun)
                // Cancelled: seen by the loop.
                case .overdue: try? await dispatcher.backlogPacer.rest(since: begun)
                }
            } catch {
                admission.release()
                if Task.isCancelled { break }
                // What was put off may be in our claims at another time.
                onDoubt()
                // Nothing was started; a start that took effect unseen finds itself refused by the next, and is left to
                // recovery.
                wheel.insert(entries)
                logger.warning("starting \(entries.count) tasks failed: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }

    private enum Next {
        case entries([WheelEntry])
        /// Nothing is due before then.
        case none(until: ContinuousClock.Instant)
        case noRoom
    }

    /// Takes what is to be started now, as far as there is room.
    private func next(_ now: Timestamp, _ settings: Settings) -> Next {
        let late = now - Self.patience
        let whole = clock.time.now().advanced(by: .seconds(60))
        guard let first = wheel.earliest else {
            if part == .onTime { dispatcher.backlogPacer.expects(nil) }
            return .none(until: whole)
        }
        switch part {
        case .overdue:
            // Woken by the other, who sees it first.
            guard first <= late else { return .none(until: whole) }
            let room = min(dispatcher.backlogPacer.batch(settings.batch), dispatcher.overdueRoom)
            return room > 0 ? .entries(wheel.take(dueBy: late, limit: room)) : .noRoom
        case .onTime:
            let start = Timestamp(microseconds: late.microseconds + 1)
            let hasOverdue = first <= late
            if hasOverdue { wheel.hasOverdue.notify() }
            let first = wheel.earliest(from: start)
            dispatcher.backlogPacer.expects(first.map { clock.instant(of: $0) })
            guard let first, first <= now + settings.lead else {
                var until = first.map { clock.instant(of: $0 - settings.lead) } ?? whole
                // What comes in is not before all that is there, so nobody says that it has come.
                if hasOverdue { until = min(until, clock.time.now().advanced(by: Self.glance)) }
                return .none(until: until)
            }
            let room = min(settings.batch, dispatcher.room)
            // With those that follow soon: a transaction for each would cost nearly as much as one for hundreds.
            let end = now + settings.lead + settings.lead / 3
            return room > 0 ? .entries(wheel.take(from: start, dueBy: end, limit: room)) : .noRoom
        }
    }
}

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

    package var store: any TaskStore
    package var wheel: Wheel
    package var dispatcher: Dispatcher
    package var clock: ClusterClock
    package var incarnation: UInt64
    package var settings: @Sendable () -> Settings
    package var logger: Logger

    package init(
        store: any TaskStore, wheel: Wheel, dispatcher: Dispatcher, clock: ClusterClock, incarnation: UInt64,
        settings: @escaping @Sendable () -> Settings, logger: Logger
    ) {
        self.store = store
        self.wheel = wheel
        self.dispatcher = dispatcher
        self.clock = clock
        self.incarnation = incarnation
        self.settings = settings
        self.logger = logger
    }

    package func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            let (now, settings) = (clock.now(), settings())
            guard let earliest = wheel.earliest, earliest <= now + settings.lead else {
                let until =
                    wheel.earliest.map { clock.instant(of: $0 - settings.lead) }
                    ?? clock.time.now().advanced(by: .seconds(60))
                await wheel.becameEarlier.wait(until: until, clock.time)
                continue
            }
            let room = min(settings.batch, dispatcher.room)
            guard room > 0 else {
                await dispatcher.hasRoom.wait(until: clock.time.now().advanced(by: .seconds(1)), clock.time)
                continue
            }
            // With those that follow soon: a transaction for each would cost nearly as much as one for hundreds.
            let entries = wheel.take(dueBy: now + settings.lead + settings.lead / 3, limit: room)
            do {
                let started = try await store.start(entries, incarnation: incarnation, now: now)
                let live = dispatcher.withoutExpired(started, incarnation: incarnation)
                dispatcher.submit(live, incarnation: incarnation)
                backoff.reset()
            } catch {
                if Task.isCancelled { break }
                // Nothing was started; a start that took effect unseen finds itself refused by the next, and is left to
                // recovery.
                wheel.insert(entries)
                logger.warning("starting \(entries.count) tasks failed: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }
}

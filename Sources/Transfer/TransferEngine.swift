import CCurl
import Glibc
import Synchronization

/// The loop itself: libcurl's multi handle, driven by events. Lives and dies on one thread.
///
/// A turn: serve the sockets that are ready, collect what ended, fire what is due, hand over the results, sleep.
final class TransferEngine {
    /// Requests fired between two looks at the sockets, so that a thousand due at once do not keep answers waiting.
    private static let burst = 32
    /// Handles kept for reuse; the many more of a busy hour are given back.
    private static let keptHandles = 512

    private var options: TransferOptions
    /// How often the options have changed.
    private var generation = 0
    private let inbox: TransferInbox
    private let mayFire: @Sendable (ContinuousClock.Instant) -> Bool
    private let onResults: @Sendable ([TransferResult]) -> Void

    private let multi: UnsafeMutableRawPointer
    private let poller: Poller
    /// When libcurl wants to be called next, in `Timebase` nanoseconds.
    private var curlDue: Int64?
    private var running: [EasyHandle] = []
    /// Of them, how many each line has.
    private var runningLines: [Int: Int] = [:]
    private var pace = FirePace()
    private var idle: [EasyHandle] = []
    private var batch: [TransferRequest] = []
    private var results: [TransferResult] = []

    init(
        options: TransferOptions, inbox: TransferInbox,
        mayFire: @escaping @Sendable (ContinuousClock.Instant) -> Bool,
        onResults: @escaping @Sendable ([TransferResult]) -> Void
    ) {
        self.options = options
        self.inbox = inbox
        self.mayFire = mayFire
        self.onResults = onResults
        guard Self.isCurlReady, let multi = curl_multi_init() else { preconditionFailure("libcurl cannot start") }
        self.multi = multi
        poller = Poller(wakeDescriptor: inbox.wakeDescriptor)

        let this = Unmanaged.passUnretained(self).toOpaque()
        limitTransfers()
        schedulerd_curl_multi_set_watch(
            multi,
            { _, socket, what, context, _ in
                let engine = Unmanaged<TransferEngine>.fromOpaque(context!).takeUnretainedValue()
                engine.watch(socket, what: what)
                return 0
            }, this)
        schedulerd_curl_multi_set_timer(
            multi,
            { _, milliseconds, context in
                let engine = Unmanaged<TransferEngine>.fromOpaque(context!).takeUnretainedValue()
                engine.setCurlDue(in: milliseconds)
                return 0
            }, this)
    }

    /// Handles that run keep the options they began with.
    private func update(_ options: TransferOptions) {
        self.options = options
        generation += 1
        idle = []
        limitTransfers()
    }

    private func limitTransfers() {
        options.maxInFlight = max(1, options.maxInFlight)
        schedulerd_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, options.maxInFlight)
    }

    private static let isCurlReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    func run() {
        while case .wait(let requestDue) = inbox.next(running: runningLines, limit: options.linesInFlight) {
            // Without room, what ends makes room, not time.
            var fireDue = running.count < options.maxInFlight ? requestDue : nil
            if let due = fireDue, running.count >= FirePace.calm { fireDue = max(due, pace.nextRoom) }
            let deadline = min(fireDue ?? .max, curlDue ?? .max)
            let count = poller.wait(until: deadline == .max ? nil : deadline, now: now())
            for index in 0..<count {
                guard let event = poller.event(at: index) else { continue }
                guard event.descriptor == inbox.wakeDescriptor else {
                    serve(event)
                    continue
                }
                inbox.acknowledgeWake()
                if let options = inbox.takeNewOptions() { update(options) }
            }
            if let curlDue, curlDue <= now() { serveTimer() }
            collect()
            fire()
            deliver()
        }
        shutDown()
    }

    /// Some requests have an address policy of their own.
    private var policiesDiffer = false

    private func now() -> Int64 {
        inbox.timebase.elapsed(at: .now)
    }

    // MARK: Requests

    private func fire() {
        let time = now()
        let room = min(Self.burst, options.maxInFlight - running.count, pace.room(running: running.count, now: time))
        guard room > 0 else { return }
        inbox.takeDue(at: time, count: room, running: runningLines, limit: options.linesInFlight, into: &batch)
        guard !batch.isEmpty else { return }
        for var request in batch {
            let now = ContinuousClock.now
            guard mayFire(now) else {
                results.append(.unsent(request, .fenced, "firing was not permitted at this time", at: now))
                continue
            }
            if let end = request.fireBefore, now >= end {
                results.append(.unsent(request, .expired, "its turn came when its time was over", at: now))
                continue
            }
            guard let handle = idle.popLast() ?? EasyHandle(options, generation: generation, poller: poller) else {
                results.append(.unsent(request, .internal, "out of memory for another transfer", at: now))
                continue
            }
            // A connection may have been opened for a request that was allowed to go there when this one is not.
            if request.addressPolicy != nil { policiesDiffer = true }
            if policiesDiffer { handle.checkConnections() }
            if let more = request.headersAtFiring?(now) { request.headers += more }
            if let failure = handle.begin(request, firedAt: now) {
                results.append(.unsent(request, failure.kind, failure.message, at: now))
                recycle(handle)
            } else {
                handle.place = running.count
                running.append(handle)
                if let line = request.line { runningLines[line, default: 0] += 1 }
                curl_multi_add_handle(multi, handle.curl)
            }
        }
        pace.began(batch.count, running: running.count, now: time)
        batch.removeAll(keepingCapacity: true)
        serveTimer()  // adding only asks for this
        collect()
    }

    /// Takes in what libcurl has finished.
    private func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let curl = message.pointee.easy_handle,
                let this = schedulerd_curl_get_private(curl)
            else { continue }
            let code = message.pointee.data.result
            let handle = Unmanaged<EasyHandle>.fromOpaque(this).takeUnretainedValue()
            let now = ContinuousClock.now
            if let next = handle.redirect(after: code) {
                follow(next, on: handle, now: now)
            } else {
                let result = handle.result(code, finishedAt: now)
                curl_multi_remove_handle(multi, curl)
                finish(handle, result)
            }
        }
    }

    private func follow(_ next: TransferRequest, on handle: EasyHandle, now: ContinuousClock.Instant) {
        var result = handle.result(CURLE_OK, finishedAt: now)
        curl_multi_remove_handle(multi, handle.curl)
        if policiesDiffer { handle.checkConnections() }
        if let failure = handle.beginHop(next, now: now) {
            result.failure = TransferFailure(kind: .redirect, message: "to \(next.url): \(failure.message)")
            finish(handle, result)
        } else {
            curl_multi_add_handle(multi, handle.curl)
        }
    }

    private func finish(_ handle: EasyHandle, _ result: TransferResult) {
        results.append(result)
        if let line = handle.request?.line, let count = runningLines[line] {
            runningLines[line] = count > 1 ? count - 1 : nil
        }
        let last = running.removeLast()
        if last !== handle {
            running[handle.place] = last
            last.place = handle.place
        }
        recycle(handle)
    }

    private func recycle(_ handle: EasyHandle) {
        handle.request = nil
        if idle.count < Self.keptHandles, handle.generation == generation { idle.append(handle) }
    }

    private func deliver() {
        guard !results.isEmpty else { return }
        let batch = results
        results = []
        onResults(batch)
        inbox.inFlight.subtract(batch.count, ordering: .releasing)
    }

    private func shutDown() {
        let now = ContinuousClock.now
        for handle in running {
            var result = handle.result(CURLE_OK, finishedAt: now)
            result.failure = TransferFailure(kind: .aborted, message: "the loop was closed while the transfer ran")
            results.append(result)
            curl_multi_remove_handle(multi, handle.curl)
        }
        running = []
        idle = []
        curl_multi_cleanup(multi)
        deliver()
        let unsent = inbox.withdraw()
        if !unsent.isEmpty {
            onResults(unsent.map { .unsent($0, .shutdown, "the loop was closed before its time came", at: now) })
        }
    }

    // MARK: Sockets and time

    private func serve(_ event: Poller.Event) {
        if poller.isAtRest(event.descriptor) { return }
        var ready: Int32 = 0
        if event.readable { ready |= CURL_CSELECT_IN }
        if event.writable { ready |= CURL_CSELECT_OUT }
        if event.broken { ready |= CURL_CSELECT_ERR }
        var running: Int32 = 0
        curl_multi_socket_action(multi, event.descriptor, ready, &running)
    }

    private func serveTimer() {
        curlDue = nil
        var running: Int32 = 0
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
        // libcurl's clock may be a little behind ours. If it finds nothing due yet it does not ask again: so ask.
        var milliseconds = -1
        if curlDue == nil, curl_multi_timeout(multi, &milliseconds) == CURLM_OK { setCurlDue(in: milliseconds) }
    }

    private func setCurlDue(in milliseconds: Int) {
        curlDue = milliseconds < 0 ? nil : now() + Int64(milliseconds) * 1_000_000
    }

    private func watch(_ socket: Int32, what: Int32) {
        guard what != CURL_POLL_REMOVE else { return poller.rest(socket) }
        poller.watch(socket, readable: what & CURL_POLL_IN != 0, writable: what & CURL_POLL_OUT != 0)
    }
}

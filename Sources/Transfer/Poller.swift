import CCurl
import Glibc

/// What the loop's thread sleeps on: epoll over libcurl's sockets, the inbox's eventfd and one timer of nanosecond
/// resolution. Belongs to one thread.
final class Poller {
    struct Event {
        let descriptor: Int32
        let readable: Bool
        let writable: Bool
        let broken: Bool
    }

    private static let capacity = 256

    private let epoll: Int32
    private let timer: Int32
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Poller.capacity)
    /// When the timer goes off, in `Timebase` nanoseconds; nil: it is not set.
    private var armedFor: Int64?
    /// By descriptor.
    private var states: [DescriptorState] = []

    private struct DescriptorState {
        /// A connection whose opening and closing is told: what is known of it is true.
        var isConnection = false
        /// What the system watches for: `EPOLLIN`, `EPOLLOUT`.
        var watched: UInt32 = 0
        /// Nobody waits for it now.
        var rests = false
    }

    init(wakeDescriptor: Int32) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(epoll >= 0, "the system refused an epoll descriptor: error \(errno)")
        timer = timerfd_create(CLOCK_BOOTTIME, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
        precondition(timer >= 0, "the system refused a timerfd: error \(errno)")
        watch(timer, readable: true, writable: false)
        watch(wakeDescriptor, readable: true, writable: false)
    }

    deinit {
        close(timer)
        close(epoll)
        events.deallocate()
    }

    func watch(_ descriptor: Int32, readable: Bool, writable: Bool) {
        let wanted = (readable ? EPOLLIN.rawValue : 0) | (writable ? EPOLLOUT.rawValue : 0)
        update(descriptor) { state in
            state.rests = false
            if state.isConnection, state.watched == wanted { return }
            var event = epoll_event()
            event.events = wanted
            event.data.fd = descriptor
            let status = epoll_ctl(epoll, state.watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event)
            if status != 0 && errno == EEXIST { epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) }
            if status != 0 && errno == ENOENT { epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) }
            state.watched = wanted
        }
    }

    /// Nobody waits for the descriptor now. Most likely somebody does soon, for the same: a connection stays watched, which
    /// saves two system calls for each transfer.
    func rest(_ descriptor: Int32) {
        update(descriptor) { state in
            if state.isConnection, state.watched == EPOLLIN.rawValue {
                state.rests = true
            } else {
                epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
                state.watched = 0
            }
        }
    }

    /// Whether nobody waits for what has come; then it is not watched any more.
    func isAtRest(_ descriptor: Int32) -> Bool {
        update(descriptor) { state in
            if state.rests {
                epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
                state.watched = 0
            }
            return state.rests
        }
    }

    /// A connection begins.
    func opened(_ descriptor: Int32) {
        update(descriptor) { $0 = DescriptorState(isConnection: true) }
    }

    /// It is about to be closed; the system then forgets it by itself.
    func closes(_ descriptor: Int32) {
        update(descriptor) { $0 = DescriptorState() }
    }

    private func update<T>(_ descriptor: Int32, _ body: (inout DescriptorState) -> T) -> T {
        while states.count <= Int(descriptor) { states.append(DescriptorState()) }
        return body(&states[Int(descriptor)])
    }

    /// Sleeps until a descriptor is ready or `deadline` (`Timebase` nanoseconds; nil: none) is reached, and returns the
    /// number of events. May wake up for nothing: a timer set for something that is over by now is left to run out,
    /// which costs one wakeup and saves a system call for each transfer.
    func wait(until deadline: Int64?, now: Int64) -> Int {
        if let deadline, deadline <= now { return poll(milliseconds: 0) }
        if let armedFor, armedFor <= now { self.armedFor = nil }
        if let deadline, deadline < armedFor ?? .max {
            var setting = itimerspec()
            setting.it_value.tv_sec = Int((deadline - now) / 1_000_000_000)
            setting.it_value.tv_nsec = Int((deadline - now) % 1_000_000_000)
            timerfd_settime(timer, 0, &setting, nil)
            armedFor = deadline
        }
        return poll(milliseconds: -1)
    }

    /// An event of the last `wait`; nil: the timer went off.
    func event(at index: Int) -> Event? {
        let event = events[index]
        if event.data.fd == timer {
            var expirations: UInt64 = 0
            _ = read(timer, &expirations, MemoryLayout.size(ofValue: expirations))
            armedFor = nil
            return nil
        }
        return Event(
            descriptor: event.data.fd, readable: event.events & EPOLLIN.rawValue != 0,
            writable: event.events & EPOLLOUT.rawValue != 0,
            broken: event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
    }

    private func poll(milliseconds: Int32) -> Int {
        let count = epoll_wait(epoll, events, Int32(Self.capacity), milliseconds)
        precondition(count >= 0 || errno == EINTR, "epoll_wait failed: error \(errno)")
        return max(0, Int(count))
    }
}

import Glibc
import Synchronization

/// The sockets of a pool, so that calls that wait on them can be ended from outside.
final class OpenSockets: Sendable {
    private let state = Mutex<(open: Set<Int32>, areInterrupted: Bool)>(([], false))

    var areInterrupted: Bool { state.withLock { $0.areInterrupted } }

    func replace(_ old: Int32?, by new: Int32?) {
        state.withLock { state in
            if let old { state.open.remove(old) }
            guard let new else { return }
            state.open.insert(new)
            if state.areInterrupted { shutdown(new, Int32(SHUT_RDWR)) }
        }
    }

    func interrupt() {
        state.withLock { state in
            state.areInterrupted = true
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }
}

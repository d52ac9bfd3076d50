/// Where a task is in its life, as people see it.
public enum TaskState: String, Sendable, CaseIterable {
    /// Waits for its plan time.
    case scheduled
    /// Waits for its plan time in the wheel of one instance.
    case claimed
    /// Its start is committed: it is being called and can no longer be cancelled.
    case running
    /// Failed, and waits for the next attempt.
    case retrying
    case succeeded
    /// Failed for good.
    case dead
    case cancelled

    /// What `tasks.state` holds of a task in this state that was never tried.
    package var stored: StoredState {
        switch self {
        case .scheduled, .claimed, .running: .scheduled
        case .retrying: .retrying
        case .succeeded: .succeeded
        case .dead: .dead
        case .cancelled: .cancelled
        }
    }

    public var isFinished: Bool {
        switch self {
        case .succeeded, .dead, .cancelled: true
        case .scheduled, .claimed, .running, .retrying: false
        }
    }
}

/// What `tasks.state` holds: it is written with an outcome, not with each step of the way. 0 to 3 are the old program's.
package enum StoredState: UInt8, Sendable {
    case scheduled = 0
    case succeeded = 1
    case retrying = 2
    case dead = 3
    case cancelled = 4

    /// - Parameter claim: what `claims` holds of the task: nil nothing, else whether it was started.
    package func visible(claim isStarted: Bool?) -> TaskState {
        switch (self, isStarted) {
        case (.succeeded, _): .succeeded
        case (.dead, _): .dead
        case (.cancelled, _): .cancelled
        case (_, true?): .running
        case (.retrying, _): .retrying
        case (.scheduled, false?): .claimed
        case (.scheduled, nil): .scheduled
        }
    }
}

/// What becomes of a task whose instance died while it ran, so that nobody knows whether the call arrived.
public enum OnLost: String, Sendable, CaseIterable {
    /// It is called again; the lost attempt counts.
    case retry
    /// It is parked as dead.
    case dead

    package var code: UInt8 { self == .retry ? 0 : 1 }
    package init(code: Int) { self = code == 1 ? .dead : .retry }
}

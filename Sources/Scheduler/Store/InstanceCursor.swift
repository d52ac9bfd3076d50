/// Where a list of instances goes on. The living come first, by incarnation; then the ended, the newest first.
public enum InstanceCursor: Sendable, Equatable, CustomStringConvertible {
    /// The last that the list had was this one, which lived.
    case living(UInt64)
    /// The same, and it had ended.
    case ended(UInt64)

    public init(after instance: InstanceStatus) {
        self = instance.endedAt == nil ? .living(instance.incarnation) : .ended(instance.incarnation)
    }

    /// Reads what `description` gives.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let number = UInt64(parts[1]), "\(number)" == parts[1] else { return nil }
        switch parts[0] {
        case "living": self = .living(number)
        case "ended": self = .ended(number)
        default: return nil
        }
    }

    public var description: String {
        switch self {
        case .living(let incarnation): "living-\(incarnation)"
        case .ended(let incarnation): "ended-\(incarnation)"
        }
    }
}

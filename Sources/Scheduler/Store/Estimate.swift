/// A number of rows that may be too large to be counted each time somebody looks.
public struct Estimate: Sendable, Equatable {
    public var count: Int
    /// false: told by the database's statistics, and not counted.
    public var isExact: Bool

    package init(_ count: Int, isExact: Bool = true) {
        self.count = count
        self.isExact = isExact
    }

    package static func + (left: Estimate, right: Estimate) -> Estimate {
        Estimate(left.count + right.count, isExact: left.isExact && right.isExact)
    }
}

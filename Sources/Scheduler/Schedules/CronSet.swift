/// Small numbers that a field of a cron expression names.
struct CronSet: Sendable, Equatable {
    private var bits: UInt64 = 0

    init() {}

    init(_ numbers: some Sequence<Int>) {
        for number in numbers { insert(number) }
    }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

    var isEmpty: Bool { bits == 0 }

    var first: Int? { bits == 0 ? nil : bits.trailingZeroBitCount }

    /// The least one from `number` on.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits & (UInt64.max << UInt64(number))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed, everywhere.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(_ seed: UInt64) {
        state = seed
        _ = next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    mutating func chance(_ probability: Double) -> Bool {
        Double(next() >> 11) / Double(1 << 53) < probability
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(truncatingIfNeeded: next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// Nanoseconds.
    mutating func time(_ milliseconds: ClosedRange<Int>) -> Int64 {
        Int64(integer(milliseconds.lowerBound * 1000...milliseconds.upperBound * 1000)) * 1000
    }

    mutating func pick<T>(_ choices: [T]) -> T {
        choices[integer(0...choices.count - 1)]
    }

    /// A generator of its own, so that what one part draws does not depend on the others.
    mutating func split() -> SeededRandom { SeededRandom(next()) }
}

package import MySQL

extension Timestamp {
    /// The beginning of its minute.
    package var minute: Timestamp {
        let minute: Int64 = 60_000_000
        let rest = microseconds % minute
        return Timestamp(microseconds: microseconds - (rest < 0 ? rest + minute : rest))
    }
}

import Scheduler

extension JSONWriter {
    /// A time as somebody wrote it: unix seconds, or text for the server to judge.
    mutating func member(_ name: String, time: String) {
        if Double(time) != nil, time.first?.isNumber == true {
            member(name, number: time)
        } else {
            member(name, time)
        }
    }
}
